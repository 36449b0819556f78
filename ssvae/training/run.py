"""One training run: from a data set and settings to a complete run folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ssvae.backends.workers import Workers
from ssvae.cli import console
from ssvae.config.length import training_seconds
from ssvae.config.settings import Config
from ssvae.config.suggest import RECIPE, in_words
from ssvae.data import Dataset
from ssvae.data.progress import in_words as duration_in_words
from ssvae.errors import InputError
from ssvae.runs.folder import new_run, partial_folder
from ssvae.training.distribution import scratch_folder
from ssvae.training.named_callbacks import Named, check_callbacks
from ssvae.training.plan import Plan, plan
from ssvae.types import PathLike

# Seconds of training that are worth a word before it begins.
WORTH_TELLING = 60.0


def train(
    config: Config | None = None,
    out: PathLike | None = None,
    *,
    dataset: Dataset | None = None,
    init: PathLike | None = None,
    labels_file: PathLike | None = None,
    overwrite: bool = False,
    resume: bool = False,
    callbacks: Sequence[Named] = (),
    workers: Workers | None = None,
) -> Path:
    """Train a model and write its run folder.

    The test part is used once, after training, to measure the model; nothing is
    chosen by it.

    Callbacks see one `fit`, that of the networks: graph, features and fits come before
    and after it. For photographs the classifier of features is ready by then, so `fit`
    trains encoder and decoder, and `accuracy` and `cross_entropy` do not change.
    Without labels there is no `fit`. After a resume `fit` begins at the epoch that was
    interrupted, and callbacks begin anew; an epoch that was interrupted in its middle
    has a `fit` of its own. `model.stop_training` ends training early. What is kept is
    the moving average of the weights.

    Callbacks that are named write into the run folder: `logs/` for TensorBoard,
    `training.csv` by Keras's `CSVLogger`, `wandb/`.

    Example:
        ```python
        import keras, ssvae

        stop = keras.callbacks.EarlyStopping("loss", patience=5)
        ssvae.train(ssvae.Config(labels=100), callbacks=["tensorboard", stop])
        ```

    Args:
        config: `Config`; if None, that of the run to resume, else that of `init`, else
            what suits the data set, see `ssvae.suited_config`.
        out: Path where the run folder will be; if None, a new one under `runs/`.
        dataset: `Dataset` to learn from; if None, the one that the config names.
        init: Run folder, or name of a shipped model, whose weights to start from.
        labels_file: Path of saved labels to use instead of drawing new ones.
        overwrite: Whether to replace a run at `out`.
        resume: Whether to resume the interrupted run into `out`, with its labels.
        callbacks: Keras callbacks, and names of callbacks: "tensorboard", "csv",
            "wandb". They see the epochs and steps of Keras's `fit`, and as `logs` the
            mean of every loss term so far in the epoch: the columns of `history.csv`.
        workers: `Workers` that train together, from `distribution.start`; this process
            alone if None.

    Returns:
        Path of the run folder, which the chief of the workers writes.

    Raises:
        InputError: If the run cannot be trained as asked; nothing is written then.
    """
    planned = plan(
        config,
        out,
        dataset=dataset,
        init=init,
        labels_file=labels_file,
        resume=resume,
    )
    return carry_out(planned, overwrite, callbacks, workers)


def carry_out(
    planned: Plan,
    overwrite: bool = False,
    callbacks: Sequence[Named] = (),
    workers: Workers | None = None,
    start_keras: Callable[[], None] = lambda: None,
) -> Path:
    """Train as planned, write the run folder and return its path.

    Args:
        planned: `Plan`.
        overwrite: See `train`.
        callbacks: See `train`.
        workers: See `train`.
        start_keras: Function that is called before Keras is imported, once the folder
            can be written to.
    """
    workers = workers or Workers()
    workers.check(planned.config)
    check_callbacks(callbacks)
    if planned.explores and workers.replicas > 1:
        raise InputError(
            "labels: got 0, so nothing is trained that devices could share: need "
            "labels, or no --distribute"
        )
    out, resume = planned.out, planned.begun is not None
    if workers.is_chief:
        with new_run(out, overwrite, resume) as folder, workers.together():
            _say_notes(planned)
            start_keras()
            if planned.explores:
                if callbacks:
                    console.say("No callback is called, because nothing is trained.")
                _explore(planned, folder)
            else:
                _make_run(planned, folder, callbacks, workers)
    else:
        with scratch_folder(planned.begun) as folder, workers.together():
            start_keras()
            # Those that are named write into the run folder, which is the chief's.
            own = [callback for callback in callbacks if not isinstance(callback, str)]
            _learn(planned, folder, own, workers)
    with workers.together():
        workers.wait()
    return out


def _say_notes(planned):
    """Print what was suggested, if anything was, and the notes on the data set."""
    config, dataset = planned.config, planned.dataset
    if planned.explores:
        console.say("No label: nothing is trained, the images are compared.")
    elif config.recipe == RECIPE and planned.begun is None:
        partial = planned.out.parent / partial_folder(planned.out).name
        *lines, last = in_words(config, dataset.image_shape, len(dataset.images))
        last += f" Its settings are in {partial}/config.toml, later in {planned.out}."
        console.say("\n".join([*lines, last]))
    elif planned.begun is None:
        shape, count = dataset.image_shape, len(dataset.images)
        seconds = training_seconds(config, shape, count)
        if seconds > WORTH_TELLING:
            told = duration_in_words(seconds)
            console.say(f"Training takes about {told} on two idle cores.")
    for line in planned.notes:
        console.say(line)


def _explore(planned, folder):
    """Compare images without labels, and write every file of the run."""
    # Imported here, because it needs Keras: bad input is refused without it.
    from ssvae.training.exploration_files import make_exploration

    out = planned.out
    make_exploration(folder, out, planned.dataset, planned.config)


def _make_run(planned, folder, callbacks, workers):
    """Train and write every file of the run into its folder."""
    # Imported here, because it needs Keras: bad input is refused without it.
    from ssvae.training import record

    dataset = planned.dataset
    record.begin(folder, dataset, planned.config)
    learned = _learn(planned, folder, callbacks, workers)
    if dataset.read_test is not None:
        console.say("Measuring the model on the test part.")
    measured = record.measure(learned, dataset)
    record.write(folder, planned.out.name, learned, dataset, measured)


def _learn(planned, folder, callbacks, workers):
    """Train; see `learn`."""
    # Imported here, because it needs Keras: bad input is refused without it.
    from ssvae.training.learn import learn

    config, dataset, init = planned.config, planned.dataset, planned.init
    return learn(dataset, config, folder, init, callbacks, workers)
