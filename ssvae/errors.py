"""The one exception for what a person can mend."""


class InputError(ValueError):
    """Input that a person gave and can mend.

    The message is one line: what came, what is needed, what to do. Commands print it
    on standard error without a traceback and end with exit status 2.
    """


class Interrupted(KeyboardInterrupt):
    """An interruption that leaves something; the message says what to do with it."""
