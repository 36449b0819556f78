"""What a setting's `"auto"` stands for, given the settings that it depends on."""

# The settings that `augment` chooses, by what the images show: the limits of the random
# warps, and the graph. Writing is slanted, so the graph removes slant; a mirrored 2 is
# no 2. Objects stand upright; mirrored they are of the same class.
PRESETS: dict[str, dict[str, float | str]] = {
    "digits": {
        "rotation": 0.25,
        "shift": 0.09,
        "scale": 0.15,
        "shear": 0.25,
        "elastic": 0.02,
        "mirror": 0.0,
        "propagation": "deskewed",
    },
    "objects": {
        "rotation": 0.1,
        "shift": 0.07,
        "scale": 0.1,
        "shear": 0.1,
        "elastic": 0.01,
        "mirror": 0.5,
        "propagation": "original",
    },
    "none": {
        "rotation": 0.0,
        "shift": 0.0,
        "scale": 0.0,
        "shear": 0.0,
        "elastic": 0.0,
        "mirror": 0.0,
        "propagation": "original",
    },
}
# What a classifier can tell classes apart by, in this order: the images themselves, or
# descriptions of them that are not learned here.
PIXELS, GRADIENTS = "pixels", "gradients"
FEATURES = ("backbone", GRADIENTS, "color", "texture")
# Classes that the unlabeled bound is summed over: error and cost of two were measured,
# see benchmarks/classes.md.
TOP_CLASSES = 2
# A gradient without classes of this mean weight differs by less than one in 10,000.
SPARED_WEIGHT = 2e-5


def chosen(augment: str, free_bits: float, features: str) -> dict[str, float | str]:
    """Return the value of every setting whose `"auto"` depends on settings alone.

    Args:
        augment: The setting of that name.
        free_bits: The setting of that name, nats. Free bits apply to the mean KL over
            all images and classes, so no class may be left out then.
        features: The setting of that name. A classifier of features needs no graph.
    """
    graph = {} if features == PIXELS else {"propagation": "none"}
    return {
        **PRESETS[augment],
        **graph,
        "top_classes": TOP_CLASSES,
        "spared_weight": 0.0 if free_bits else SPARED_WEIGHT,
    }
