"""The page of a product, and the pages around it."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from dashboard import wording
from tests.browser.conftest import arrive, settled
from tests.planted_cache import ODD_IDS, XSS_TITLE

pytestmark = pytest.mark.browser

VISITS = [pytest.param({"width": 1280, "height": 900}, id="desktop"), pytest.param({"width": 390, "height": 844}, id="phone")]
ROWS = ["Best of all", "Bought together", "Similar company", "Looks alike", "Goes with it", "Described alike"]


def test_every_signal_has_a_row_in_the_manifests_order(page: Page) -> None:
    arrive(page, "/item/item-001")
    expect(page.get_by_role("heading", level=1)).to_have_text("Chair number 6")
    expect(page.locator("#product-rows").get_by_role("heading", level=2)).to_have_text(ROWS)
    for row in ROWS:
        expect(page.get_by_role("region", name=row).locator(".product-card")).to_have_count(8)


def test_a_recommendation_leads_to_its_product(page: Page) -> None:
    arrive(page, "/item/item-001")
    card = page.get_by_role("region", name="Goes with it").locator(".product-card").nth(2)
    title = card.locator(".card-title").inner_text()
    card.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page).to_have_title(re.compile(f"^{re.escape(title)} · "))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chair number 6")


def test_reasons_and_labels_stand_where_they_belong(page: Page) -> None:
    arrive(page, "/item/item-001")
    expect(page.locator("#signal-reviews .card-reason").first).to_have_text("both described as “good, nice”")
    expect(page.locator("#signal-bought_together .card-reason").first).to_have_text(
        re.compile(r"^bought together in \d+ orders?$")
    )
    expect(page.locator(".label-warn")).to_have_count(2)
    expect(page.locator("#signal-visual .label-warn")).to_contain_text("Untrained network")


def test_a_fallback_is_named_as_one(page: Page) -> None:
    arrive(page, "/item/item-003")
    expect(page.locator("#signal-reviews .label")).to_have_text(wording.STANDS_IN)
    expect(page.locator("#signal-reviews .card-reason").first).to_have_text(re.compile("^Popular in (Mugs|this shop)$"))


def test_markup_in_a_title_is_text_everywhere(page: Page) -> None:
    arrive(page, "/item/item-003")
    expect(page.get_by_role("heading", level=1)).to_have_text(XSS_TITLE)
    expect(page.locator("img.product-picture")).to_have_attribute("alt", XSS_TITLE)
    expect(page.get_by_role("link", name="See it in the shop")).to_have_count(0)
    expect(page.get_by_text("<b>Not bold.</b>")).to_be_visible()


def test_the_shop_link_opens_apart(page: Page) -> None:
    arrive(page, "/item/item-001")
    link = page.get_by_role("link", name="See it in the shop")
    expect(link).to_have_attribute("href", re.compile("^https://shop.example/"))
    expect(link).to_have_attribute("rel", "noopener noreferrer")


@pytest.mark.parametrize("viewport", VISITS)
def test_the_picture_opens_large_and_closes_by_key_button_or_beside_it(page: Page, viewport: dict[str, int]) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    arrive(page, "/item/item-001")
    opener = page.get_by_role("button", name="Enlarge the picture: Chair number 6")
    dialog = page.get_by_role("dialog", name="Chair number 6")
    opener.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("img")).to_have_js_property("naturalWidth", 64)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    dialog.get_by_role("button", name=wording.CLOSE).click()
    expect(dialog).to_be_hidden()
    opener.click()
    expect(dialog).to_be_visible()
    page.mouse.click(5, 5)
    expect(dialog).to_be_hidden()
    opener.click()
    expect(dialog).to_be_visible()


def test_going_back_closes_the_large_picture(page: Page) -> None:
    arrive(page, "/item/item-001")
    page.get_by_role("link", name=wording.NEXT_PRODUCT).click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Chair number 6")
    page.locator(".enlarge").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chair number 6")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_link_is_copied_and_it_is_said(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    arrive(page, "/item/item-001?category=Tables")
    page.get_by_role("button", name=wording.COPY_LINK).click()
    expect(page.locator(".copy-link + [role=status]")).to_have_text(wording.LINK_COPIED)
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_browser_without_a_clipboard_says_so(page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")  # as without https
    arrive(page, "/item/item-001")
    page.get_by_role("button", name=wording.COPY_LINK).click()
    expect(page.locator(".copy-link + [role=status]")).to_have_text(wording.LINK_NOT_COPIED)


@pytest.mark.parametrize("viewport", VISITS)
def test_recommendations_are_narrowed_down_in_the_address(page: Page, viewport: dict[str, int]) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    arrive(page, "/item/item-001")
    expect(page.locator("#signal-visual .card-kicker", has_text="Chairs").first).to_be_visible()
    page.get_by_label(wording.FACTS["category"]).select_option(value="=Tables")
    expect(page).to_have_url(re.compile(r"/item/item-001\?category=Tables$"))
    expect(page.locator(".card-kicker").filter(has_not_text="Tables")).to_have_count(0)
    page.get_by_label(wording.MOST_PRICE).fill("120")
    expect(page).to_have_url(re.compile(r"\?category=Tables&max=120$"))
    page.reload()
    expect(page.get_by_label(wording.MOST_PRICE)).to_have_value("120")
    expect(page.locator(".card-kicker").filter(has_not_text="Tables")).to_have_count(0)
    page.go_back()
    expect(page).to_have_url(re.compile("/item/item-001$"))
    expect(page.locator("#signal-visual .card-kicker", has_text="Chairs").first).to_be_visible()


def test_previous_and_next_walk_through_the_catalogue(page: Page) -> None:
    arrive(page, "/")
    first, second = (page.locator(".product-card").nth(place).locator(".card-title").inner_text() for place in (0, 1))
    page.locator(".product-card").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    expect(page.get_by_role("link", name="Previous product: ")).to_have_count(0)
    page.get_by_role("link", name=f"Next product: {second}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(second)
    page.get_by_role("link", name=f"Previous product: {first}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(first)


def test_previous_and_next_walk_through_the_search_that_a_product_was_found_by(page: Page) -> None:
    arrive(page, "/?category=Chairs&sort=title")
    titles = page.locator(".product-card .card-title").all_inner_texts()
    page.locator(".product-card").nth(1).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(titles[1])
    expect(page.locator(".step-place")).to_have_text("2 of 10")
    page.get_by_role("link", name=f"Next product: {titles[2]}").click()
    expect(page.locator(".step-place")).to_have_text("3 of 10")
    expect(page.get_by_role("heading", level=1)).to_have_text(titles[2])
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Catalogue").click()
    expect(page).to_have_url(re.compile(r"/\?category=Chairs&sort=title$"))
    expect(page.locator(".product-card .card-title")).to_have_text(titles)


def test_a_choice_that_nothing_fits_has_a_way_out(page: Page) -> None:
    arrive(page, "/item/item-001")
    least = page.get_by_label(wording.LEAST_PRICE)
    least.fill("99999")
    expect(page.locator(".empty-state")).to_contain_text(wording.NOTHING_FITS)
    page.get_by_role("link", name=wording.CLEAR_CHOICE).click()
    expect(page.get_by_role("region", name="Looks alike").locator(".product-card")).to_have_count(8)
    expect(least).to_have_value("")
    expect(page).to_have_url(re.compile("/item/item-001$"))


@pytest.mark.parametrize("viewport", VISITS)
def test_a_card_leads_to_the_two_products_side_by_side(page: Page, viewport: dict[str, int]) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    arrive(page, "/item/item-001")
    card = page.locator("#signal-visual .recommended").first
    title = card.locator(".card-title").inner_text()
    card.get_by_role("link", name=f"Compare with {title}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(wording.COMPARE)
    expect(page.locator(".compare-side h2")).to_have_text(["Chair number 6", title])
    listed = page.get_by_role("region", name=wording.WHO_LISTS_WHOM).get_by_role("row", name=re.compile("^Looks alike"))
    expect(listed).to_contain_text("rank 1: ")
    page.get_by_role("link", name=wording.SWAP).click()
    expect(page.locator(".compare-side h2")).to_have_text([title, "Chair number 6"])
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    page.get_by_role("link", name="Chair number 6").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chair number 6")


@pytest.mark.parametrize("product_id", ODD_IDS)
def test_odd_ids_have_pages(page: Page, product_id: str) -> None:
    arrive(page, f"/item/{'~..' if product_id == '..' else quote(product_id, safe='')}")
    expect(page.locator(".product-facts code")).to_have_text(product_id)
    expect(page.locator("img.product-picture")).to_have_js_property("naturalWidth", 64)


def test_a_product_without_data_is_still_a_page(page: Page) -> None:
    arrive(page, "/item/item-005")
    expect(page.get_by_role("heading", level=1)).to_have_text("item-005")
    expect(page.locator(".product-picture.picture-none")).to_be_visible()
    expect(page.locator("#signal-visual .label").last).to_have_text(wording.STANDS_IN)


def test_breadcrumb_and_facts_lead_on(page: Page) -> None:
    arrive(page, "/item/item-001")
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Chairs").click()
    settled(page)
    expect(page.locator("#catalogue-count")).to_have_text("10 products")
    page.go_back()
    expect(page.get_by_role("link", name=re.compile("^0 · "))).to_have_attribute("href", "/clusters?cluster=0")


@pytest.mark.parametrize("product_id", ["item-0", "nobody", "<img src=x onerror=window.hacked=true>"])
def test_an_unknown_id_gets_a_friendly_word_and_close_matches(page: Page, product_id: str) -> None:
    arrive(page, f"/item/{quote(product_id, safe='')}")
    expect(page.get_by_role("heading", name="There is no such product")).to_be_visible()
    expect(page.locator(".empty-state code")).to_have_text(product_id)
    expect(page.locator(".product-card")).to_have_count(6)


def test_a_path_without_a_page_says_so(page: Page) -> None:
    arrive(page, "/no/such/page")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="Go to the catalogue").click()
    expect(page.locator(".product-card")).to_have_count(24)


def test_about_this_data_tells_what_was_left_out(page: Page) -> None:
    arrive(page, "/")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="About").click()
    table = page.get_by_role("region", name="Rows left out")
    expect(table.get_by_role("row", name="reviews.csv exact duplicate 7")).to_be_visible()
    expect(page.get_by_role("region", name="Signals").get_by_role("row", name="Looks alike")).to_contain_text("untrained network")
    expect(page.get_by_role("region", name="Lookup tables").get_by_role("row", name="products.parquet 60")).to_be_visible()


def test_every_link_of_the_header_leads_to_its_page(page: Page) -> None:
    arrive(page, "/")
    for name in ("Clusters", "Describe it", "Picture", "Quality", "About", "Catalogue"):
        link = page.get_by_role("navigation", name="Pages").get_by_role("link", name=name)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
