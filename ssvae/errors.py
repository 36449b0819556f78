"""What a person can mend, and how errors of libraries are known."""


class InputError(ValueError):
    """Input that a person gave and can mend.

    The message is one line: what came, what is needed, what to do. Commands print it
    on standard error without a traceback and end with exit status 2.
    """


class Interrupted(KeyboardInterrupt):
    """An interruption that leaves something; the message says what to do with it."""


def says(error, words) -> bool:
    """Return whether an error has one of some words; each backend has its own."""
    text = f"{type(error).__name__} {error}".lower()
    return any(word in text for word in words)
