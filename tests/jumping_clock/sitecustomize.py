"""Python imports this first where its folder stands on ``PYTHONPATH``: a wall clock that a test sets from outside.

It is off by as many seconds as the file ``WALL_CLOCK_OFFSET`` says at the moment. What must not depend on it is not touched.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

OFFSET = Path(os.environ["WALL_CLOCK_OFFSET"])
right_time, right_time_ns = time.time, time.time_ns


def offset() -> int:
    return int(OFFSET.read_text())


time.time = lambda: right_time() + offset()
time.time_ns = lambda: right_time_ns() + offset() * 10**9
