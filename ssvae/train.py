"""Train a model: `python -m ssvae.train --labels 100` makes a run folder."""

import json

from ssvae.backends.workers import WAYS
from ssvae.cli import arguments, console, process
from ssvae.cli.parser import Parser
from ssvae.cli.settings import add_settings, stated_settings
from ssvae.config.toml import load_config
from ssvae.data import is_named, open_dataset
from ssvae.data.suited import suited_config
from ssvae.errors import InputError
from ssvae.runs.expected import expected
from ssvae.runs.exploration_card import next_step
from ssvae.runs.source import located
from ssvae.training.distribution import start
from ssvae.training.named_callbacks import NEEDED, check_callbacks
from ssvae.training.plan import config_of, plan, resumable
from ssvae.training.run import carry_out

# What the letters in the help texts of settings stand for.
SYMBOLS = (
    "x is an image, y its class, and z its latent code: what the class does not say "
    "about the image, such as its style. The classifier computes q(y|x), the encoder "
    "q(z|x,y) and the decoder p(x|y,z). Training maximizes two lower bounds, in nats: "
    "on log p(x,y) of labeled and on log p(x) of unlabeled images."
)


def main() -> None:
    """Read the flags, train a model, print how good it is."""
    parser = Parser(
        command="train",
        usage="%(prog)s [--labels N] [--config FILE.toml] [--out DIR] [...]",
        description="Train a semi-supervised VAE, a classifier and generator of "
        "images, from a few labels, and write its run folder. A setting comes from its "
        "flag; without the flag from the file of --config, or else from the run of "
        "--init; otherwise it is the default in parentheses.",
    )
    parser.add_argument(
        "--config", metavar="FILE.toml", help="read settings from a TOML file"
    )
    parser.add_argument(
        "--init",
        metavar="RUN",
        help="start from the weights and settings of a run folder or shipped model",
    )
    arguments.add_out(parser, "DIR", "run folder to write (a new one in runs/)")
    arguments.add_overwrite(parser, "the run folder at --out")
    parser.add_argument(
        "--labels-file",
        metavar="FILE.json",
        help="use the labels in a file, such as labels.json of a run folder",
    )
    arguments.add_download(parser)
    parser.add_argument(
        "--resume",
        metavar="DIR",
        help="go on with the interrupted run into DIR; of its settings only "
        "--learning-rate may change",
    )
    parser.add_argument(
        "--distribute",
        choices=WAYS,
        help="train on several devices: mirrored, all devices of this machine; or "
        "multiworker, together with the processes that the environment variable "
        "TF_CONFIG names",
    )
    parser.add_argument(
        "--callbacks",
        nargs="+",
        choices=NEEDED,
        default=(),
        metavar="NAME",
        help="also log every epoch: tensorboard, into logs/ of the run folder; csv, "
        "into training.csv; or wandb, Weights & Biases. Give it again with --resume",
    )
    add_settings(parser.add_argument_group("settings", SYMBOLS))
    flags = parser.parse_args()
    check_callbacks(flags.callbacks)
    stated = stated_settings(flags)
    config = _config(flags, stated)
    workers = start(flags.distribute)
    dataset = open_dataset(config, flags.download, console.say)
    if not (flags.config or flags.init or flags.resume or is_named(dataset.name)):
        config = suited_config(dataset, **stated)
    planned = plan(
        config,
        flags.resume or flags.out,
        dataset=dataset,
        init=flags.init,
        labels_file=flags.labels_file,
        resume=bool(flags.resume),
    )
    out = carry_out(
        planned, flags.overwrite, flags.callbacks, workers, start_keras=_start_keras
    )
    if planned.explores:
        _report_clusters(out, planned.config)
    elif workers.is_chief:
        _report(out)


def _start_keras():
    """Start Keras, and import what trains, without an interruption in between."""
    console.say("Starting Keras.")
    process.start_keras()
    with process.interrupts_held_back():
        import ssvae.training.learn  # noqa: F401


def _config(flags, stated):
    """Return the config of the files that flags name, changed by stated settings."""
    if "labels" in stated and flags.labels_file:
        raise InputError("--labels and --labels-file exclude each other: give one")
    if not flags.resume:
        config = load_config(flags.config) if flags.config else config_of(flags.init)
        return config.replace(**stated)
    given = [n for n in ("config", "out", "init", "labels_file") if getattr(flags, n)]
    # A lower learning rate helps a run whose loss became infinite or NaN.
    given += stated.keys() - {"learning_rate"}
    if given:
        flag = given[0].replace("_", "-")
        raise InputError(
            f"--resume goes on with the settings of the run: leave out --{flag}; only "
            "--learning-rate may change"
        )
    begun = resumable(flags.resume)
    config = load_config(begun / "config.toml").replace(**stated)
    return located(config, begun)


def _report_clusters(folder, config):
    """Print what was found without labels, and what a person does next."""
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    print(
        f"{metrics['num_clusters']} clusters of similar images among "
        f"{metrics['num_images']:,}: look at {folder / 'clusters.png'} and "
        f"{folder / 'map.png'}"
    )
    for line in next_step(config, metrics, str(folder)):
        print(line)


def _report(folder):
    """Print the main figures of a run."""
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    accuracy = metrics["test_accuracy"]
    if accuracy is not None:
        print(f"test accuracy {accuracy:.4f} ({metrics['num_labels']} labels)")
    if told := expected(metrics):
        print(told)
    if metrics["test_elbo"] is None:
        print("no test part, so no accuracy: see --test-fraction")
    else:
        if accuracy is None and metrics["num_labels"]:
            print("no label in the test part, so no accuracy: see --test-fraction")
        print(f"test ELBO {metrics['test_elbo']:.2f} nats per image")
    print(f"trained in {metrics['train_seconds']:.0f} s")
    print(f"run folder {folder}: look at {folder / 'samples.png'}")


if __name__ == "__main__":
    process.run(main, "ssvae.train")
