"""What no page may have in any state: serious finds of axe, a width beyond the window's, controls that can't be seen."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
STOPS = "a[href], button, input, select, textarea, summary, [tabindex]"
HIDDEN_STOPS = """stops => [...document.querySelectorAll(stops)].filter((one) => {
    const isDrawn = one.checkVisibility({ visibilityProperty: true }) && !one.closest("[inert]");
    if (one.tabIndex < 0 || one.disabled || !isDrawn || one.matches(".skip-link, .language select")) return false;
    const { width, height } = one.getBoundingClientRect();
    return !width || !height || one.closest("[aria-hidden=true]") || !one.checkVisibility({ opacityProperty: true });
}).map((one) => one.outerHTML.slice(0, 160))"""
"""What Tab stops at though nobody sees it. The link past the header shows itself there; the choice of languages lies clear over
its own button."""

LOST_FOCUS = """async () => {
    const one = document.activeElement;
    if (one === document.body) return null; // past the last stop, Tab leaves the page
    await Promise.allSettled(one.getAnimations().map((each) => each.finished)); // the link past the header slides in
    const seen = getComputedStyle(one).opacity < 0.1 ? one.parentElement : one, box = seen.getBoundingClientRect();
    const within = (least, value, most) => Math.min(Math.max(value, least), most);
    const at = document.elementFromPoint(
        within(1, (box.left + box.right) / 2, innerWidth - 1), within(1, (box.top + box.bottom) / 2, innerHeight - 1));
    const isInView = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    const isOnTop = at && (seen.contains(at) || at.contains(seen) || [...(one.labels || [])].some((label) => label.contains(at)));
    const isMarked = [seen, seen.parentElement].map((part) => getComputedStyle(part)).some((look) =>
        (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2) || look.boxShadow !== "none");
    const found = { isInView, isOnTop, isMarked, one: one.outerHTML.slice(0, 160) };
    return isInView && isOnTop && isMarked ? null : JSON.stringify(found);
}"""
"""Why nobody can see where the focus is; null where all can. A control that lies clear over another part is seen by that part."""


def faults(page: Page) -> list[str]:
    """Everything of this page's present state that is wrong for somebody."""
    too_wide = page.evaluate(TOO_WIDE)
    found = [f"{too_wide} pixels wider than the window"] if too_wide > 0 else []
    found += [f"in the order of Tab, but not to be seen: {one}" for one in page.evaluate(HIDDEN_STOPS, STOPS)]
    return found + serious_finds(page)


def serious_finds(page: Page) -> list[str]:
    """What axe takes for serious or critical, element by element."""
    found = Axe().run(page, options={"runOnly": STANDARDS, "resultTypes": ["violations"]})
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node.get('failureSummary', '')}"
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
