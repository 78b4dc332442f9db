"""The page Quality: the plot, its table, and the choices."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_plot_and_table_follow_the_choices(page: Page) -> None:
    page.goto("/quality")
    expect(page.locator(".quality-headline")).to_contain_text("Best of all: 47.5")
    expect(page.locator(".quality-plot .ytick text").first).to_have_text(re.compile("Best of all"))
    expect(page.locator(".data-table tbody tr")).to_have_count(4)
    page.get_by_role("link", name="NDCG").click()
    page.get_by_role("link", name="Chairs → Tables").click()
    page.get_by_role("link", name="20", exact=True).click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("NDCG at 20")
    expect(page).to_have_url(re.compile(r"metric=ndcg.*slice=Chairs"))
    page.go_back()
    expect(page.get_by_role("heading", level=2).first).to_have_text("NDCG at 10")
