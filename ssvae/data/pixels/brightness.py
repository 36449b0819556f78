"""A word about image sets that come out nearly black or white."""

import numpy as np

from ssvae.data.pixels.values import FULL_BYTES, Limits

# Grey levels of 255 that count as nearly black, and as nearly white.
DARK, LIGHT = 25, 230
# Share of an image's pixels that are nearly black, or white, in an image that is. Thin
# lines and small spots on an empty ground are more than the rest.
NEARLY_ALL_PIXELS = 0.995
# Share of the images that are nearly black, or white, in a set of which it is told.
MOST_IMAGES = 0.5
# Number of images that are looked at.
SAMPLE = 256


def darkness_note(images: np.ndarray, limits: Limits = FULL_BYTES) -> str:
    """Return a sentence if most images are nearly black or white; "" if they are not.

    Args:
        images: uint8 array `(n, height, width, channels)`; some of them are looked at.
        limits: Values in the files that became black and white, see `ValueRange`.
    """
    count = min(len(images), SAMPLE)
    if not count:
        return ""
    sample = images[[place * len(images) // count for place in range(count)]]
    sample = sample.reshape(count, -1)
    dark = np.mean(sample <= DARK, axis=1) >= NEARLY_ALL_PIXELS
    light = np.mean(sample >= LIGHT, axis=1) >= NEARLY_ALL_PIXELS
    if dark.mean() >= MOST_IMAGES:
        return _words(sample[dark], dark, "black", limits)
    if light.mean() >= MOST_IMAGES:
        return _words(sample[light], light, "white", limits)
    return ""


def _words(sample, found, color, limits):
    """Return the sentence, with the values that would make more of the images."""
    low, high = (_value(level, limits) for level in (sample.min(), sample.max()))
    cause = f"their files hold values from {low:.4g} to {high:.4g}, "
    cause += f"where {limits[0]:.6g} is black and {limits[1]:.6g} white"
    if sample.max() == sample.min():
        cause = f"their pixels are all {color}"
        if color == "white":
            cause += "; what is transparent in a file becomes white"
        return f"{found.mean():.0%} of the images are nearly {color}: {cause}."
    flag = f'--value-range "{low:.4g} {high:.4g}" shows more of them'
    return f"{found.mean():.0%} of the images are nearly {color}: {cause}; {flag}."


def _value(level, limits):
    """Return the value in a file that became a grey level."""
    return limits[0] + (limits[1] - limits[0]) * int(level) / 255
