"""How gunicorn serves the dashboard, here and on Heroku."""

from __future__ import annotations

import os
from typing import Any

_port = os.environ.get("PORT", "8050")

wsgi_app = "dashboard.app:create_server()"
bind = f"0.0.0.0:{_port}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
# The tables are opened once, before the workers part, and shared between them.
preload_app = True
# Heroku's router gives up after 30 s.
timeout = 28
graceful_timeout = 10
keepalive = 5
loglevel = "warning"


def when_ready(_server: Any) -> None:
    """Say the address once the app listens."""
    print(f"Aisle is ready: http://localhost:{_port}  (Ctrl-C stops it)", flush=True)
