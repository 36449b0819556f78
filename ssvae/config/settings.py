"""Every setting of a run: one flat frozen dataclass."""

import dataclasses
from typing import Any

from ssvae.config.fields import as_toml, checked, nearest, setting
from ssvae.config.pixel_range import value_limits
from ssvae.config.presets import FEATURES, GRADIENTS, PIXELS, PRESETS, chosen
from ssvae.errors import InputError

# Format of run folders. It rises when an older ssvae cannot read what this one writes.
FORMAT = 6
# Limits of warps that files of format 1 state, even where augment is none.
_UNUSED = {"rotation", "shift", "scale", "shear", "elastic"}


def _limit(meaning, high):
    return setting("auto", meaning, low=0, high=high, words=("auto",))


@dataclasses.dataclass(frozen=True)
class Config:
    """Settings of a run, checked when made.

    Each field is a key of a TOML file and a flag of `python -m ssvae.train`. A recipe
    in `configs/` states only what differs from the defaults here. Where a value is
    "auto", the attribute holds what it stands for; only `labels`, which depends on the
    data set, keeps the word until a run is planned.

    Raises:
        InputError: If a value has the wrong type, is out of range or clashes with
            another; the message names the field, the value and what is needed.
    """

    # What is trained on what.
    recipe: str = setting("default", "name of this set of settings")
    dataset: str = setting(
        "mnist",
        "data set: mnist, fashion-mnist, tfds:NAME for one of tensorflow-datasets, or "
        "the path of a folder, an .npz file or an .npy file",
    )
    data_dir: str = setting(
        "",
        "folder of the data set's files, or of prepared tensorflow-datasets; empty for "
        "the usual place of each",
    )
    image_size: int = setting(
        0,
        "side length, pixels, to which images of a folder or of tensorflow-datasets "
        "are resized: scaled until they cover a square, then cut around the center; 0 "
        "chooses: one size for all is kept, up to 224 pixels a side; images of mixed "
        "sizes become squares of at most 224 pixels",
        low=0,
        high=512,
    )
    labels_csv: str = setting(
        "",
        "table with the classes of a folder's images, such as a CSV file: one column "
        "names files, one their classes; empty for a table in the folder, or none",
    )
    file_column: str = setting(
        "",
        "name or number, from 1, of the table's column of files; empty to find it",
    )
    label_column: str = setting(
        "",
        "name or number, from 1, of the table's column of classes; empty to find it",
    )
    label_from: str = setting(
        "auto",
        "what names the class of a folder's images: folder, the folders below which "
        "all classes lie; parent, the folder that the file lies in; name, the "
        "beginning of the file's name; table; or auto, what fits",
        choices=("auto", "folder", "parent", "name", "table"),
    )
    class_depth: int = setting(
        0,
        "levels of folders that name a class, where classes lie in groups of classes; "
        "0 takes the innermost",
        low=0,
    )
    groups: str = setting(
        "",
        "file with groups of classes, of which a label may name one where nobody knows "
        "the class: a CSV file, each row a group and its classes, or a TOML file with "
        "a list of classes for each group; empty for none",
    )
    value_range: str = setting(
        "auto",
        "two numbers, the pixels' values of black and white in the image files, for "
        "example 0 4095; or auto: those that suit all files",
    )
    skip_broken: bool = setting(
        False, "leave out image files of a folder that cannot be read"
    )
    test_fraction: float = setting(
        0.0,
        "fraction of each class's labeled images that becomes the test part, for a "
        "data set without one",
        low=0,
        high=0.9,
    )
    split_copies: str = setting(
        "near",
        "copies of an image that stay together when images are held back as test "
        "part: near, also those that were scaled or stored once more; or exact, as "
        "older runs did",
        choices=("near", "exact"),
    )
    labels: int | str = setting(
        "auto",
        "number of labels to draw, spread evenly over the classes; or all; or auto: "
        "all if the data set has unlabeled images, otherwise ten per class",
        low=0,
        words=("all", "auto"),
    )
    class_prior: str = setting(
        "auto",
        "p(y), the share of images that each class has: auto, estimated from the "
        "unlabeled images, and equal unless these surely say otherwise; uniform, "
        "equal; labels, the shares among the labels; or one number per class, "
        "separated by spaces",
    )
    trust_labels: str = setting(
        "auto",
        "labels that are learned from: all; or auto, those that the other labels do "
        "not surely contradict. Which labels may be wrong is listed either way, in "
        "label_issues.csv",
        choices=("auto", "all"),
    )
    put_aside: str = setting(
        "auto",
        "unlabeled images that teach nothing, besides those that somebody labeled as "
        "belonging to no class: auto, groups of similar images that should hold some "
        "of the labels if they were a part of a class, and hold none; or none. What is "
        "found is listed in unusual.csv",
        choices=("auto", "none"),
    )
    held_out: float = setting(
        0.03,
        "fraction of the unlabeled images that training leaves out, to calibrate "
        "probabilities and to learn which scores are usual",
        low=0,
        high=0.9,
    )
    left_out: str = setting(
        "",
        "class whose images are removed from all data, to test later whether the model "
        "finds them unusual; empty for none",
    )
    suggest: int = setting(
        50,
        "images to label next that are named at the end, those that help most first; "
        "of those that teach the same only one",
        low=0,
        high=100_000,
    )
    seed: int = setting(0, "seed of all random numbers", low=0, high=2**31 - 1)

    # What classes are told apart by.
    features: str = setting(
        PIXELS,
        "what classes are told apart by: pixels, which the classifier learns from "
        "itself; or one or more of backbone, gradients, color and texture, separated "
        "by spaces, for a mixture of Gaussians over these features",
    )
    backbone: str = setting(
        "efficientnet-lite0",
        "pretrained network of the feature backbone: efficientnet-lite0, 1 or 2; the "
        "path of a .keras file; keras_hub:PRESET; or applications:NAME",
    )
    backbone_size: int = setting(
        0,
        "side length, pixels, of the images that the backbone sees; 0 for what suits "
        "it",
        low=0,
        high=1024,
    )
    fine_tune: str = setting(
        "none",
        "layers of the backbone that learn from the labels, and from unlabeled images "
        "whose classes are sure: none; last, the last ones, which hold half of the "
        "weights; or all, first these and then all. Kept only if labels that they did "
        "not see are then predicted better. It takes a minute or more on a GPU, and "
        "hours without one",
        choices=("none", "last", "all"),
    )
    feature_decoder: str = setting(
        "linear",
        "what the mixture of Gaussians over features is compared with besides the "
        "labels alone: linear, nothing more; or deep, also with a mixture whose "
        "decoder has hidden layers, trained by the bounds: no better on the sets that "
        "were measured, and a minute or more slower",
        choices=("linear", "deep"),
    )
    generated_size: int = setting(
        0,
        "longer side, pixels, of the images that encoder and decoder learn, and that "
        "are generated; 0 for that of the images",
        low=0,
        high=512,
    )

    # Networks.
    classifier_body: str = setting(
        "conv",
        "network of the classifier q(y|x): conv (convolutional), mlp (dense layers), "
        "or none for a plain VAE without classes",
        choices=("conv", "mlp", "none"),
    )
    vae_body: str = setting(
        "mlp",
        "networks of the encoder q(z|x,y) and the decoder p(x|y,z): conv "
        "(convolutional) or mlp (dense layers)",
        choices=("conv", "mlp"),
    )
    conv_strides: str = setting(
        "scaled",
        "how often convolutional networks halve an image's sides: scaled, more often "
        "for larger images; or fixed, always as for 28 pixels, as runs of formats 1 "
        "to 3 did",
        choices=("scaled", "fixed"),
    )
    hidden_units: int = setting(400, "units of each dense hidden layer", low=1)
    hidden_layers: int = setting(
        2, "dense hidden layers of the encoder, and of the decoder", low=1, high=8
    )
    classifier_layers: int = setting(
        1, "dense hidden layers of the classifier if its body is mlp", low=0, high=8
    )
    latent_dim: int = setting(16, "dimensions of the latent code z", low=1)
    m1_epochs: int = setting(
        0,
        "epochs of a plain VAE, called M1, that is trained first: its latent codes "
        "then replace the images; 0 for no M1",
        low=0,
    )
    m1_latent_dim: int = setting(50, "dimensions of M1's latent codes", low=1)
    likelihood: str = setting(
        "bernoulli",
        "p(x|y,z), distribution of the pixels given the decoder's output: bernoulli; "
        "gaussian with a learned scale; or logistic, of byte values, with a learned "
        "scale",
        choices=("bernoulli", "gaussian", "logistic"),
    )
    pixels: str = setting(
        "grey",
        "pixels that encoder and decoder learn: grey, as they are; or binary, drawn "
        "again in each step as white or black, the grey value as probability of white",
        choices=("grey", "binary"),
    )

    # Losses, in nats per image.
    elbo_weight: float = setting(
        1.0,
        "weight of both lower bounds, which train encoder and decoder",
        low=0,
    )
    classifier_weight: float = setting(
        50.0,
        "weight of the classifier's cross-entropy on labeled images, the paper's alpha",
        low=0,
    )
    propagation: str = setting(
        "auto",
        "graph of similar images over which labels spread to unlabeled images as "
        "pseudo-labels: original, of the images as they are; deskewed, of the images "
        "without their slant as well; none, no pseudo-labels; or auto, as augment "
        "chooses, and none for features",
        choices=("auto", "deskewed", "original", "none"),
    )
    graph_features: str = setting(
        GRADIENTS,
        "what the graph compares images by: gradients; or gradients and backbone, the "
        "pretrained network too, whose labels alone then count beside the graph",
        choices=(GRADIENTS, f"{GRADIENTS} backbone"),
    )
    border_steps: int | str = setting(
        "auto",
        "diffusion steps that move the borders between pseudo-labels to where few "
        "edges of the graph cross them; 0 leaves the borders; or auto: many, 15 or "
        "none, by labels that are left out if it matters",
        low=0,
        words=("auto",),
    )
    pseudo_label_weight: float = setting(
        50.0,
        "weight of the cross-entropy of unlabeled images with their pseudo-labels",
        low=0,
    )
    top_classes: int | str = setting(
        "auto",
        "in training the bound of an unlabeled image is a sum over its likeliest "
        "classes: how many; 0 for all; or auto: 2, whose error and cost were measured",
        low=0,
        words=("auto",),
    )
    sampled_classes: int = setting(
        0,
        "classes drawn from q(y|x) per image to estimate the rest of that sum; 0 "
        "leaves the rest out",
        low=0,
    )
    spared_weight: float | str = setting(
        "auto",
        "for a sum over all classes: unlikely classes are left out of its gradient as "
        "long as their mean probability q(y|x) is below this; 0 leaves out none; or "
        "auto: 2e-5, which changes the gradient by less than one in 10,000, and 0 with "
        "free_bits",
        low=0,
        high=1,
        words=("auto",),
    )
    importance_samples: int = setting(
        1,
        "samples of z per image from which each bound is computed: more make the "
        "bounds tighter and training slower",
        low=1,
        high=1000,
    )
    kl_warmup_epochs: float = setting(
        0.0,
        "epochs over which the weight of the KL divergence of q(z|x,y) from p(z) rises "
        "from 0 to 1",
        low=0,
    )
    free_bits: float = setting(
        0.0,
        "nats of that KL divergence that each dimension of z may have without cost",
        low=0,
    )

    # Warps that keep the class, drawn uniformly in plus or minus each limit.
    augment: str = setting(
        "digits",
        "random warps of the images that the classifier learns from: digits, objects "
        "or none; each chooses the six limits below, and propagation, where they are "
        "auto",
        choices=tuple(PRESETS),
    )
    rotation: float | str = _limit("largest rotation of a warped image, radians", 4)
    shift: float | str = _limit("largest shift, fraction of the side length", 1)
    scale: float | str = _limit("largest change of size, fraction", 0.9)
    shear: float | str = _limit("largest shear, fraction of the side length", 2)
    elastic: float | str = _limit(
        "largest smooth local displacement, fraction of the side length", 1
    )
    mirror: float | str = _limit(
        "probability that a warped image is mirrored, left to right", 1
    )
    view_shift: float = setting(
        0.03,
        "an unsure prediction is averaged over shifted views of the image (up, down, "
        "left, right, and mirrored views if mirror is not 0): size of the shift, "
        "fraction of the side length; 0, or augment none, for no views",
        low=0,
        high=1,
    )
    pixel_noise: float = setting(
        0.0,
        "standard deviation of the noise on pixels that the classifier learns from, "
        "fraction of white",
        low=0,
        high=10,
    )

    # Optimization.
    epochs: int = setting(
        15,
        "passes over the unlabeled images or the labeled images, whichever take more "
        "steps",
        low=1,
    )
    epoch_steps: int = setting(
        0,
        "most training steps of an epoch; 0 for as many as show every image once, the "
        "images of rare classes several times",
        low=0,
    )
    labeled_batch_size: int = setting(50, "labeled images per step", low=1)
    unlabeled_batch_size: int = setting(
        200, "unlabeled images per step; 0 to learn from labeled images alone", low=0
    )
    learning_rate: float = setting(
        2e-3, "largest step size of the Adam optimizer", low=1e-8, high=1
    )
    precision: str = setting(
        "float32",
        "numbers that training and the backbone compute with: float32; or bfloat16, "
        "except in the networks' last layers and in sums, which takes less time on "
        "GPUs; the model that is kept computes in float32",
        choices=("float32", "bfloat16"),
    )
    ema_decay: float = setting(
        0.995,
        "decay per step of the moving average of the weights, which is what is kept; "
        "0 keeps the last weights",
        low=0,
        high=0.99999,
    )

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = checked(field, getattr(self, field.name))
            object.__setattr__(self, field.name, value)
        object.__setattr__(self, "features", feature_names(self.features))
        value_limits(self.value_range)
        for name, value in chosen(self.augment, self.free_bits, self.features).items():
            if getattr(self, name) == "auto":
                object.__setattr__(self, name, value)
        self._refuse_clashes()

    def _refuse_clashes(self):
        """Raise `InputError` if a setting makes another one meaningless."""
        if self.features != PIXELS and (
            self.classifier_body == "none" or self.m1_epochs
        ):
            raise InputError(
                f"features: got {self.features!r}, but a plain VAE and M1 have no "
                "classifier of features: need pixels"
            )
        if self.fine_tune != "none" and "backbone" not in self.features.split():
            raise InputError(
                f"fine_tune: got {self.fine_tune!r}, but features are "
                f"{self.features!r}, which have no backbone: need none, or features "
                "with backbone"
            )
        if self.fine_tune != "none" and self.feature_decoder == "deep":
            raise InputError(
                f"fine_tune: got {self.fine_tune!r}, but feature_decoder is deep, "
                "whose hidden units cannot be fine-tuned: need none, or "
                "feature_decoder linear"
            )
        bodies = self.classifier_body, self.vae_body
        if self.m1_epochs and bodies != ("mlp", "mlp"):
            raise InputError(
                f"m1_epochs: got {self.m1_epochs}, but classifier_body and vae_body "
                f"are {' and '.join(bodies)}: latent codes need mlp for both"
            )
        if self.importance_samples > 1 and (self.kl_warmup_epochs or self.free_bits):
            raise InputError(
                f"importance_samples: got {self.importance_samples}, but "
                "kl_warmup_epochs and free_bits change the bound of one sample: need 0 "
                "for both"
            )
        if self.free_bits and self.spared_weight:
            raise InputError(
                f"spared_weight: got {self.spared_weight}, but with free_bits, here "
                f"{self.free_bits}, no class may be left out: need 0 or auto"
            )
        for name, limit in PRESETS["none"].items():
            value = getattr(self, name)
            if self.augment == "none" and limit == 0 and value != 0:
                raise InputError(
                    f"{name}: got {value}, but augment is none, which warps nothing: "
                    "need 0 or auto, or another augment"
                )

    def replace(self, **changes: Any) -> "Config":
        """Return a copy with `changes` made.

        Values that "auto" chose are chosen again, since they may depend on what
        changes. If `augment` changes, so are all the settings that it chooses, unless
        `changes` states them.

        Args:
            changes: Names of settings and their new values.

        Raises:
            InputError: If there is no setting of a name, or a value does not fit.
        """
        names = [field.name for field in dataclasses.fields(self)]
        for name in changes:
            if name not in names:
                raise InputError(f"unknown setting {name!r}{nearest(name, names)}")
        automatic = chosen(self.augment, self.free_bits, self.features)
        again = {n for n, value in automatic.items() if getattr(self, n) == value}
        if changes.get("augment", self.augment) != self.augment:
            again |= PRESETS["none"].keys()
        return dataclasses.replace(self, **dict.fromkeys(again, "auto") | changes)

    def m1(self) -> "Config":
        """Return the settings of M1, the plain VAE whose codes replace the images.

        They are the defaults, except for what must be as in this config.
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
        """Return every setting as TOML text, one per line, its meaning as a comment."""
        lines = [f"format = {FORMAT}  # of run folders"]
        for field in dataclasses.fields(self):
            lines.append(as_toml(field, getattr(self, field.name)))
        return "\n".join(lines) + "\n"


def feature_names(text: str) -> str:
    """Return the setting `features` with its names in their order.

    Raises:
        InputError: If a name is unknown, or `pixels` is one of several.
    """
    names = text.replace("+", " ").replace(",", " ").split()
    if names != [PIXELS] and (not names or not set(names) <= set(FEATURES)):
        raise InputError(
            f"features: got {text!r}, need {PIXELS} alone, or one or more of "
            f"{', '.join(FEATURES)}, separated by spaces"
        )
    return (
        PIXELS
        if names == [PIXELS]
        else " ".join(sorted(set(names), key=FEATURES.index))
    )


def upgraded(stated: dict[str, Any], number: int = FORMAT) -> dict[str, Any]:
    """Return settings that any version of ssvae wrote, with today's names and meaning.

    Args:
        stated: Dict of names and values.
        number: Format in which they were written.
    """
    stated = dict(stated)
    if number < 4:
        # Convolutional networks did not scale with the images then.
        stated.setdefault("conv_strides", "fixed")
    if stated.get("augment") == "warp":
        stated["augment"] = "digits"
    if stated.get("top_classes") == "auto":
        # Formats 3 to 5 kept the word: it meant two.
        stated["top_classes"] = 2
    if stated.keys() >= _UNUSED:
        # A file that states all of these is one that ssvae wrote: its test part is
        # drawn again as it was.
        stated.setdefault("split_copies", "exact")
    if stated.get("augment") == "none" and stated.keys() >= _UNUSED:
        # A file that states all of them is one that ssvae wrote: format 1 kept the
        # limits of warps that it did not make.
        stated = {name: stated[name] for name in stated.keys() - _UNUSED}
    return stated
