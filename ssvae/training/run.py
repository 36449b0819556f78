"""One training run: from a data set and settings to a complete run folder."""

from pathlib import Path

from ssvae.backends.workers import Workers
from ssvae.cli import console
from ssvae.config.suggest import RECIPE, as_lines
from ssvae.runs.folder import new_run
from ssvae.training.distribution import own_folder
from ssvae.training.plan import plan


def train(
    config=None,
    out=None,
    *,
    dataset=None,
    init=None,
    labels_file=None,
    overwrite=False,
    resume=False,
    callbacks=(),
    workers=None,
) -> Path:
    """Train a model and write its run folder.

    The test part is measured on once, after training, and nothing is selected by it.

    Args:
        config: `Config`; that of the run to go on with, that of `init`, or the
            defaults, where not given.
        out: Path of the run folder to be; a new one under `runs/` where not given.
        dataset: `Dataset` to learn from; the one that the config names where not given.
        init: A run folder, or name of a shipped model, whose weights to start from.
        labels_file: A saved draw of labels to use instead of a new one.
        overwrite: Whether a run at `out` is replaced.
        resume: Whether to go on with a run into `out` that was broken off, by its
            labels.
        callbacks: Keras callbacks to train with.
        workers: `Workers` that train together, from `training.distribution.start`;
            this process alone where not given.

    Returns:
        Path of the run folder, which the chief of the workers writes.

    Raises:
        InputError: If something asked for is not to be had; nothing is written then.
    """
    planned = plan(
        config,
        out,
        dataset=dataset,
        init=init,
        labels_file=labels_file,
        resume=resume,
    )
    return carry_out(planned, init, overwrite, callbacks, workers or Workers())


def carry_out(planned, init=None, overwrite=False, callbacks=(), workers=None) -> Path:
    """Train as planned and write the run folder; see `train`.

    Args:
        planned: `Plan`.
        init: See `train`.
        overwrite: See `train`.
        callbacks: See `train`.
        workers: See `train`.
    """
    # Keras starts here: what can be refused without it has been, by `plan`.
    from ssvae.training import record
    from ssvae.training.learn import learn

    config, dataset, out = planned.config, planned.dataset, planned.out
    workers = workers or Workers()
    workers.check(config)
    if workers.is_chief:
        resume = planned.begun is not None
        with new_run(out, overwrite, resume) as folder, workers.together():
            if config.recipe == RECIPE:
                console.say("Settings for this data, as for a file for --config:")
                console.say("\n".join(f"    {line}" for line in as_lines(config)))
            for note in planned.notes:
                console.say(f"Note: {note}.")
            record.begin(folder, dataset, config)
            learned = learn(dataset, config, folder, init, callbacks, workers)
            metrics = record.measure(learned, dataset)
            record.write(folder, out.name, learned, dataset, metrics)
    else:
        with own_folder(planned.begun) as folder, workers.together():
            learn(dataset, config, folder, init, callbacks, workers)
    with workers.together():
        workers.wait()
    return out
