"""The one error that a person who runs precompute is meant to see."""


class BadInput(Exception):
    """The shop's files or settings can't be used. The message names the file, what was expected and how to mend it."""
