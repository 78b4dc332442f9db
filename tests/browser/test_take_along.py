"""Taking along: tables as files of their rows, plots as pictures, all recommendations, and the API's examples."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import arrive
from tests.planted_cache import metrics

pytestmark = pytest.mark.browser


def downloaded(page: Page, button: Locator, folder: Path) -> Path:
    """The file that a button or link gives, under the name that the browser would give it."""
    with page.expect_download() as download:
        button.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def measured(metric: str, signal: str, k: int) -> dict[str, float]:
    [found] = [
        row
        for row in metrics().to_pylist()
        if (row["metric"], row["signal"], row["k"], row["slice"]) == (metric, signal, k, "all")
    ]
    return found


def test_a_table_is_taken_along_with_its_exact_numbers(page: Page, tmp_path: Path) -> None:
    arrive(page, "/quality")
    path = downloaded(page, page.get_by_role("button", name="Hit rate, All products as CSV"), tmp_path)
    assert path.name == "planted-i-sons-i-hit-rate-all-products.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["Signal"]: row for row in csv.DictReader(file)}
    best = measured("hit_rate", "blend", 10)
    written = [float(rows["Best of all"][name]) for name in ("at 10", "at 10, 95 % from", "at 10, 95 % to")]
    assert written == [best["value"], best["low"], best["high"]]
    assert rows["Best of all"]["Queries"] == "120"
    path = downloaded(page, page.get_by_role("button", name="Hit rate, All products as JSON"), tmp_path)
    found = {row["Signal"]: row for row in json.loads(path.read_text())}
    assert found.keys() == rows.keys()
    assert found["Chance"]["at 5"] == measured("hit_rate", "chance", 5)["value"]


def test_a_plot_that_can_not_be_taken_along_is_said(page: Page) -> None:
    page.add_init_script("HTMLCanvasElement.prototype.toBlob = (done) => done(null)")
    arrive(page, "/quality")
    place = page.locator(".takeable").filter(has=page.get_by_role("button", name="Hit rate at 10 as PNG")).first
    place.get_by_role("button", name="PNG").click()
    expect(place.get_by_role("status")).to_contain_text("The file could not be made")


def test_a_table_of_texts_is_taken_along_as_it_is_read(page: Page, tmp_path: Path) -> None:
    arrive(page, "/about")
    rows = json.loads(downloaded(page, page.get_by_role("button", name="Input files as JSON"), tmp_path).read_text())
    assert rows == [{"Section": "products", "File": "products.csv", "Size": 1234, "sha256": "ab" * 6}]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_plot_is_taken_along_as_a_picture_that_stands_alone(page: Page, tmp_path: Path, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    arrive(page, "/quality")
    plot = page.locator("#quality-plot .main-svg").first
    expect(plot).to_be_visible()
    size = plot.bounding_box()
    assert size is not None
    svg = downloaded(page, page.get_by_role("button", name="Hit rate at 10 as SVG").first, tmp_path)
    drawn = ElementTree.parse(svg).getroot()
    texts = [text.text.strip() for text in drawn.iter("{http://www.w3.org/2000/svg}text") if text.text]
    assert {"Best of all", "Chance"} <= set(texts)
    png = downloaded(page, page.get_by_role("button", name="Hit rate at 10 as PNG").first, tmp_path)
    with Image.open(png) as picture:
        assert picture.size == (2 * int(size["width"]), 2 * int(size["height"]))
        ground, ink = picture.getpixel((2, 2)), picture.convert("L").getextrema()
    is_light = scheme == "light"
    assert (sum(ground[:3]) > 600) is is_light, "the theme's own ground"
    assert ink[1] - ink[0] > 150, "and something drawn on it"


def test_all_recommendations_are_a_link_away_from_every_page(page: Page, tmp_path: Path) -> None:
    arrive(page, "/")
    page.get_by_role("contentinfo").get_by_role("link", name="Take along").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Take along")
    path = downloaded(page, page.get_by_role("link", name="Looks alike as JSON Lines"), tmp_path)
    assert path.name.startswith("planted-i-sons-i-recommendations-visual-")
    assert {json.loads(line)["signal"] for line in path.read_text().splitlines()} == {"visual"}
    expect(page).to_have_url(re.compile("/take-along$"))


def test_an_example_answers_as_it_says(page: Page) -> None:
    arrive(page, "/take-along")
    shown = json.loads(page.locator(".example").nth(1).get_by_label("Answer").inner_text())
    with page.expect_popup() as answered:
        page.locator(".example").nth(1).get_by_role("link", name="Try it").click()
    answered.value.wait_for_url("**/api/**")
    assert json.loads(answered.value.locator("body").inner_text()) == shown
