"""A visitor as locust plays it: asks one request after the other out of the file that ``ASKS`` names.

With ``PAUSES`` 1, a visitor looks at each answer for a while before the next request, as a person does.
"""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

from locust import FastHttpUser, between, constant, task

_asks = [json.loads(line) for line in Path(os.environ["ASKS"]).read_text(encoding="utf-8").splitlines()]
_places = itertools.count()


class Visitor(FastHttpUser):
    """All visitors together go through the file again and again, so that any number of them asks in the same proportions."""

    wait_time = between(1, 3) if os.environ["PAUSES"] == "1" else constant(0)
    connection_timeout = network_timeout = 30.0  # as long as Heroku's router waits

    @task
    def ask(self) -> None:
        ask = _asks[next(_places) % len(_asks)]
        if ask["body"] is None:
            self.client.get(ask["path"], name=ask["kind"])
        else:
            self.client.post(ask["path"], ask["body"], name=ask["kind"], headers={"Content-Type": "application/json"})
