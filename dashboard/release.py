"""``python -m dashboard.release``: Heroku's release phase. Exits 1 with one line where the web process couldn't start.

Heroku then keeps the release before, so missing or damaged lookup tables and settings that make no sense never reach a visitor.
"""

from __future__ import annotations

import sys

from dashboard.app import create_server
from dashboard.environment import BadSetting, workers


def main() -> None:
    """Start as the web process will: with the same settings, and every table verified."""
    try:
        workers()
    except BadSetting as error:
        sys.exit(str(error))
    build = create_server().config["store"].build
    print(f"Build {build.name} of {build.shop} is whole: {len(build.catalogue):,} products.")


if __name__ == "__main__":
    main()
