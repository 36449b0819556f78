"""Warps that keep the class, by the kind of thing: what `augment` chooses."""

# Writing is slanted, so that the graph takes slant out, and 2 mirrored is no 2. A thing
# stands upright, and its mirror image is one of the same.
PRESETS = {
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
