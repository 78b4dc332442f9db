"""``make screenshots``: the pictures of the README, taken from the committed demo shop in a real browser."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.conftest import launched_browser, serving

HERE = Path(__file__).parent
CACHE = HERE.parent / "cache"
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
SHOTS = {
    "catalogue": ("/", DESKTOP, "light"),
    "product": ("/item/0002", DESKTOP, "light"),
    "clusters": ("/clusters", DESKTOP, "dark"),
    "describe": ("/describe?q=a+sturdy+chair+for+a+small+kitchen", DESKTOP, "light"),
    "phone": ("/", PHONE, "light"),
}


def main() -> None:
    """Write ``docs/images/<name>.webp`` for every shot."""
    (HERE / "images").mkdir(exist_ok=True)
    with serving(CACHE) as address, launched_browser() as browser:
        for name, (path, viewport, scheme) in SHOTS.items():
            page = browser.new_page(base_url=address, viewport=viewport, color_scheme=scheme, device_scale_factor=1.5)
            page.goto(path)
            page.wait_for_load_state("networkidle")
            save(page, HERE / "images" / f"{name}.webp")
            page.close()


def save(page: Page, path: Path) -> None:
    """Keep what the window shows, as WebP, which is a fraction of the PNG."""
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as image:
        image.save(path, "WEBP", quality=85, method=6)


if __name__ == "__main__":
    main()
