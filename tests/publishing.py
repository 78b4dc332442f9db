"""``precompute publish`` as the tests run it."""

from __future__ import annotations

import sys

from click.testing import Result
from typer.testing import CliRunner

from precompute.__main__ import app

COMMAND = [sys.executable, "-m", "precompute", "publish"]
"""As a process of its own, run in the project's folder."""


def run_publish(*arguments: str) -> Result:
    """What the command says, run in this process."""
    return CliRunner().invoke(app, ["publish", *arguments])
