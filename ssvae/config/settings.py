"""Every setting of a run: one flat frozen dataclass."""

import dataclasses
import json

from ssvae.config.fields import checked, nearest, setting
from ssvae.config.presets import PRESETS
from ssvae.errors import InputError

# Of run folders: it rises when an older ssvae could not read what is written.
FORMAT = 5


def _limit(meaning, high):
    return setting("auto", meaning, low=0, high=high, words=("auto",))


@dataclasses.dataclass(frozen=True)
class Config:
    """Settings of a run, checked when made.

    Each field is a key of a TOML file and a flag of `python -m ssvae.train`. A recipe
    in `configs/` states only what differs from the defaults here.

    Raises:
        InputError: If a value has the wrong type or is out of range; the message names
            the field, the value and what is needed.
    """

    # What is trained on what.
    recipe: str = setting("default", "name of this set of settings")
    dataset: str = setting(
        "mnist",
        "data set: mnist, fashion-mnist, tfds:NAME, or the path of a folder or of an "
        ".npz or .npy file",
    )
    data_dir: str = setting(
        "",
        "folder of the data set's files, or of prepared tensorflow-datasets; empty for "
        "the usual place of each",
    )
    image_size: int = setting(
        0,
        "side that the images of a folder or of tensorflow-datasets are brought to, "
        "pixels: scaled until they cover a square of that side, and cut around the "
        "centre; 0 to leave them",
        low=0,
        high=512,
    )
    labels_csv: str = setting(
        "",
        "CSV file with the columns file and label, of a folder's images; empty where "
        "its folders are the classes",
    )
    skip_broken: bool = setting(
        False, "whether image files of a folder that cannot be read are left out"
    )
    test_fraction: float = setting(
        0.0,
        "fraction of the labeled images that becomes the test part of a data set "
        "without one, of every class alike",
        low=0,
        high=0.9,
    )
    labels: int | str = setting(
        "auto",
        "labels to draw, class-balanced: a count; all; or auto: all where the data set "
        "leaves images unlabeled, else ten a class",
        low=0,
        words=("all", "auto"),
    )
    class_prior: str = setting(
        "uniform",
        "p(y): uniform; labels, as frequent as labels of each class are; or a number a "
        "class, separated by spaces",
    )
    held_out: float = setting(
        0.03,
        "unlabeled images that training leaves out, fraction: what is set without "
        "labels, like the threshold of what is unusual, is set on them",
        low=0,
        high=0.9,
    )
    left_out: str = setting(
        "",
        "class whose images are left out of all data, to see later whether the model "
        "finds them unusual; empty for none",
    )
    seed: int = setting(0, "seed of everything random", low=0, high=2**31 - 1)

    # Networks.
    classifier_body: str = setting(
        "conv",
        "body of q(y|x): conv, mlp, or none for the plain VAE without classes",
        choices=("conv", "mlp", "none"),
    )
    vae_body: str = setting(
        "mlp", "body of q(z|x,y) and p(x|y,z): conv or mlp", choices=("conv", "mlp")
    )
    conv_strides: str = setting(
        "scaled",
        "where convolutional bodies halve the sides: scaled to the images, or fixed, "
        "as for 28 pixels, which they once were for all",
        choices=("scaled", "fixed"),
    )
    hidden_units: int = setting(400, "units of each dense hidden layer", low=1)
    hidden_layers: int = setting(
        2, "dense hidden layers of encoder and decoder", low=1, high=8
    )
    classifier_layers: int = setting(
        1, "dense hidden layers of an mlp classifier", low=0, high=8
    )
    latent_dim: int = setting(16, "dimensions of z", low=1)
    m1_epochs: int = setting(
        0,
        "epochs of a plain VAE, M1, trained first: its latents then take the images' "
        "place; 0 for none",
        low=0,
    )
    m1_latent_dim: int = setting(50, "dimensions of M1's latents", low=1)
    likelihood: str = setting(
        "bernoulli",
        "p(x|y,z): bernoulli; gaussian, or logistic for bytes, with a learned scale",
        choices=("bernoulli", "gaussian", "logistic"),
    )
    pixels: str = setting(
        "grey",
        "pixels that the bounds are of: grey as they are, or binary, drawn anew each "
        "step with the grey value as the chance of white",
        choices=("grey", "binary"),
    )

    # Losses, in nats per image.
    elbo_weight: float = setting(1.0, "weight of both lower bounds", low=0)
    classifier_weight: float = setting(
        50.0, "alpha, weight of the labeled cross-entropy", low=0
    )
    propagation: str = setting(
        "auto",
        "graph of neighbors that spreads the labels: of the original images, of the "
        "deskewed ones as well, or none for no pseudo-labels",
        choices=("auto", "deskewed", "original", "none"),
    )
    border_steps: int = setting(
        200,
        "steps of diffusion by which the borders of the labels so spread move to where "
        "few edges cross them; 0 leaves them",
        low=0,
    )
    pseudo_label_weight: float = setting(
        50.0,
        "weight of the unlabeled images' cross-entropy with the labels so spread",
        low=0,
    )
    top_classes: int | str = setting(
        "auto",
        "classes that the unlabeled bound sums over in training, the likeliest of "
        "q(y|x): a count; 0 for all; or auto: two, whose error and cost were measured",
        low=0,
        words=("auto",),
    )
    sampled_classes: int = setting(
        0,
        "classes drawn by q(y|x) from all others that stand for the rest of that sum; "
        "0 to leave the rest out",
        low=0,
    )
    spared_weight: float = setting(
        2e-5,
        "mean weight q(y|x) of the classes that a sum over all may leave out of its "
        "gradient, which changes that by less than one in 10,000; 0 to leave out none",
        low=0,
        high=1,
    )
    importance_samples: int = setting(
        1,
        "samples of z that both bounds average the weights of: more make them tighter "
        "and training slower",
        low=1,
        high=1000,
    )
    kl_warmup_epochs: float = setting(
        0.0, "epochs over which the weight of KL(z) rises from 0 to 1", low=0
    )
    free_bits: float = setting(
        0.0, "nats of KL each latent dimension may have unpunished", low=0
    )

    # Warps that keep the class, drawn uniformly in plus or minus each limit.
    augment: str = setting(
        "digits",
        "warps of the views that the classifier learns from: digits, objects or none; "
        "each chooses the limits below, and the graph, where they are auto",
        choices=tuple(PRESETS),
    )
    rotation: float | str = _limit("rotation of warped images, radians", 4)
    shift: float | str = _limit("shift, fraction of the side", 1)
    scale: float | str = _limit("change of size, fraction", 0.9)
    shear: float | str = _limit("shear, fraction of the side", 2)
    elastic: float | str = _limit("smooth local displacement, fraction of the side", 1)
    mirror: float | str = _limit(
        "chance that a warped image is mirrored, left to right", 1
    )
    view_shift: float = setting(
        0.03,
        "shift of the four views, up, down, left and right, that a prediction which is "
        "not sure averages where training warps, fraction of the side; 0 for none; "
        "where it mirrors, the mirrored ones are averaged too",
        low=0,
        high=1,
    )
    pixel_noise: float = setting(
        0.0,
        "standard deviation of noise on the pixels that the classifier learns from, "
        "fraction of white",
        low=0,
        high=10,
    )

    # Optimisation.
    epochs: int = setting(15, "passes over the larger part of the data", low=1)
    labeled_batch_size: int = setting(50, "labeled images a step", low=1)
    unlabeled_batch_size: int = setting(
        200, "unlabeled images a step; 0 to learn from the labeled alone", low=0
    )
    learning_rate: float = setting(2e-3, "peak step size of Adam", low=1e-8, high=1)
    precision: str = setting(
        "float32",
        "numbers that training computes in: float32, or bfloat16 where the networks' "
        "last layers and all sums stay float32; what is kept computes in float32",
        choices=("float32", "bfloat16"),
    )
    ema_decay: float = setting(
        0.995, "decay of the weights' moving average; 0 for none", low=0, high=0.99999
    )

    def __post_init__(self):
        preset = PRESETS.get(self.augment, {})
        for name, value in preset.items():
            # Without warps there are no limits to them.
            if getattr(self, name) == "auto" or (value == 0 and self.augment == "none"):
                object.__setattr__(self, name, value)
        for field in dataclasses.fields(self):
            value = checked(field, getattr(self, field.name))
            object.__setattr__(self, field.name, value)
        bodies = self.classifier_body, self.vae_body
        if self.m1_epochs and bodies != ("mlp", "mlp"):
            raise InputError(
                f"m1_epochs: got {self.m1_epochs}, but classifier_body and vae_body "
                f"are {' and '.join(bodies)}: latents need mlp for both"
            )
        if self.free_bits:
            # They are of the mean over a whole batch.
            object.__setattr__(self, "spared_weight", 0.0)
        if self.importance_samples > 1 and (self.kl_warmup_epochs or self.free_bits):
            raise InputError(
                f"importance_samples: got {self.importance_samples}, but "
                "kl_warmup_epochs and free_bits are of the bound with one sample: "
                "need 0 for both"
            )

    def replace(self, **changes) -> "Config":
        """Return a copy with `changes` made.

        What another `augment` chooses begins anew, where `changes` does not state it.

        Raises:
            InputError: If a name is no setting, or a value does not fit.
        """
        names = [field.name for field in dataclasses.fields(self)]
        for name in changes:
            if name not in names:
                raise InputError(f"unknown setting {name!r}{nearest(name, names)}")
        if changes.get("augment", self.augment) != self.augment:
            changes = dict.fromkeys(PRESETS["none"], "auto") | changes
        return dataclasses.replace(self, **changes)

    def m1(self) -> "Config":
        """Return the settings of the plain VAE whose latents take the images' place.

        They are the defaults but for what must be the same.
        """
        return Config(
            recipe="m1",
            dataset=self.dataset,
            labels=0,
            held_out=self.held_out,
            left_out=self.left_out,
            pixels=self.pixels,
            seed=self.seed,
            classifier_body="none",
            latent_dim=self.m1_latent_dim,
            likelihood=self.likelihood,
            epochs=self.m1_epochs,
            propagation="none",
        )

    def to_toml(self) -> str:
        """Return every setting as TOML text, each with its meaning as comment."""
        lines = [f"format = {FORMAT}  # of run folders"]
        for field in dataclasses.fields(self):
            # A JSON string, number or boolean is a TOML one too.
            value = json.dumps(getattr(self, field.name))
            lines.append(f"{field.name} = {value}  # {field.metadata['meaning']}")
        return "\n".join(lines) + "\n"


def upgraded(stated, number=FORMAT) -> dict:
    """Return settings, a dict, by the names and with the meaning that they have today.

    Args:
        stated: The dict.
        number: Of the format that they were written in.
    """
    if number < 4:
        # The bodies did not scale with the images then.
        stated = {"conv_strides": "fixed", **stated}
    if stated.get("augment") == "warp":
        stated = {**stated, "augment": "digits"}
    return stated
