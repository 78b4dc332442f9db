"""``python -m dashboard``: look whether the port is free, then hand over to gunicorn, which says the address once it answers."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from dashboard.environment import BadSetting, workers
from lookup.bucket import is_url

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Serve ``CACHE_DIR`` (``cache``), a folder or URL, on ``PORT`` (8050); exits 1 with one line when it can't."""
    try:
        workers()
    except BadSetting as error:
        sys.exit(str(error))
    port = _free_port(os.environ.get("PORT") or "8050")
    cache = os.environ.get("CACHE_DIR") or "cache"
    if not is_url(cache):
        cache = str(Path(cache).absolute())
    os.environ.update(PORT=str(port), CACHE_DIR=cache)
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "--chdir", str(ROOT), "--config", str(ROOT / "gunicorn.conf.py")])


def _free_port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65536):
        sys.exit(f"PORT must be a number from 1 to 65535, not {text!r}")
    with socket.socket() as probe:
        # Without this, a port whose last server has just ended counts as taken for a minute.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", int(text)))
        except OSError as error:
            sys.exit(f"Port {text} can't be used ({error.strerror}). Choose another one: PORT={int(text) % 65535 + 1} make run")
    return int(text)


if __name__ == "__main__":
    main()
