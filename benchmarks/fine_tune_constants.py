"""Constants of fine-tuning that `fine_tune.py` changes and writes down."""

import contextlib


@contextlib.contextmanager
def constants(variant):
    """Change constants in a block: "NAME=VALUE,NAME=VALUE", or empty."""
    from ssvae.training import tuned_features
    from ssvae.vae import fine_tuner

    changed = []
    for part in filter(None, variant.split(",")):
        name, value = part.split("=")
        place = next(m for m in (tuned_features, fine_tuner) if hasattr(m, name))
        changed.append((place, name, getattr(place, name)))
        setattr(place, name, type(getattr(place, name))(float(value)))
    try:
        yield
    finally:
        for place, name, value in changed:
            setattr(place, name, value)


def settings() -> dict:
    """Return the constants that results depend on."""
    from ssvae.training import tuned_features
    from ssvae.vae import fine_tuner

    names = "STEPS", "NUM_LABELED", "NUM_UNLABELED", "LEARNING_RATE", "EMA_DECAY"
    values = {name: getattr(tuned_features, name) for name in names}
    return values | {"SURE": fine_tuner.SURE, "OWN": fine_tuner.OWN}
