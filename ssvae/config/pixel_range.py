"""The setting of the values that are black and white in image files."""

import math

from ssvae.errors import InputError


def value_limits(text: str) -> tuple[float, float] | None:
    """Return the values of black and white that the setting `value_range` states.

    Args:
        text: Two numbers, separated by a space or a comma; or auto.

    Returns:
        The value of black and that of white; None for auto.

    Raises:
        InputError: If it is something else, or both numbers are equal.
    """
    if text == "auto":
        return None
    try:
        low, high = (float(number) for number in text.replace(",", " ").split())
    except ValueError:
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        raise InputError(
            f"value_range: got {text!r}, need auto, or the values of black and white, "
            "for example 0 4095"
        )
    return low, high
