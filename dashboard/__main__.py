"""``python -m dashboard``: check what can go wrong, say the address, hand over to gunicorn."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from lookup.manifest import DamagedCache, Manifest, verify

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Serve the cache folder ``CACHE_DIR`` (``cache``) on ``PORT`` (8050); exits 1 with one line when it can't."""
    port = _port(os.environ.get("PORT") or "8050")
    cache_dir = Path(os.environ.get("CACHE_DIR") or "cache").absolute()
    try:
        manifest = Manifest.read(cache_dir)
        verify(cache_dir, manifest)
    except DamagedCache as error:
        sys.exit(str(error))
    print(f"{manifest.shop.get('name', 'Aisle')}: http://localhost:{port}  (Ctrl-C stops)", flush=True)
    os.environ.update(PORT=str(port), CACHE_DIR=str(cache_dir))
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "--chdir", str(ROOT), "--config", str(ROOT / "gunicorn.conf.py")])


def _port(text: str) -> int:
    """The port, once it is known to be free."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        sys.exit(f"PORT must be a number from 1 to 65535, not {text!r}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", int(text)))
        except OSError as error:
            sys.exit(f"Port {text} can't be used ({error.strerror}). Choose another: PORT={int(text) % 65535 + 1} make run")
    return int(text)


if __name__ == "__main__":
    main()
