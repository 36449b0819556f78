"""Errors that a person can correct, and the causes of any error."""

from collections.abc import Iterator


class InputError(ValueError):
    """Input that a person gave and can correct.

    The message is one line: what was given, what is needed, what to do. Commands print
    it on standard error without a traceback and end with exit status 2.
    """


class Interrupted(KeyboardInterrupt):
    """An interruption that leaves work behind; the message says how to go on."""


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, then the one it was raised from, and so on to the first.

    Keras raises an error inside a layer again with a longer text, and sometimes as
    another type: only the first one is as the backend raised it.
    """
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
