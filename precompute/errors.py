"""The one error that a person who runs precompute is meant to see."""

LONGEST_MESSAGE = 1_200
"""Characters: what the shop's files hold may be part of a message, and has no end."""


class BadInput(Exception):
    """The shop's files or settings can't be used. The message names the file, what was expected and how to mend it."""


def one_line(message: str) -> str:
    """A message that may quote a file, as one line that is safe to print: a terminal would obey the control characters in it."""
    line = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in message)
    half = LONGEST_MESSAGE // 2
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:half]} … {line[-half:]}"
