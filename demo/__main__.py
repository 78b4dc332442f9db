"""Draw the demo shop from its seed: ``python -m demo``."""

from __future__ import annotations

import argparse
from pathlib import Path

from demo.files import SEED, write_shop


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo", description="Draw the demo shop from its seed.")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "shop", help="folder to write the shop to (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="another seed makes another shop (%(default)s)")
    options = parser.parse_args()
    truth = write_shop(options.out, options.seed)
    print(f"{options.out}: {len(truth['products'])} products. What was planted stands in {options.out.with_name('truth.json')}")


if __name__ == "__main__":
    main()
