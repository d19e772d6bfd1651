"""What axe finds on pages, at the sizes of a desk and of a phone."""

from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

SIZES: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# light-dark() takes colours alone, so of what axe looks at nothing but they can be other in the dark.
SCHEMES: tuple[tuple[Literal["light", "dark"], list[str]], ...] = (("light", RULES), ("dark", ["color-contrast"]))


def faults(page: Page, rules: list[str] | None = RULES, within: str = "") -> dict[str, str]:
    """The rules that a page breaks as it is, or a part of it does, each with the first place; None for all of axe's."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = page.evaluate("([within, options]) => axe.run(within || document, options)", [within, options])
    return {broken["id"]: broken["nodes"][0]["html"] for broken in found["violations"]}


def faults_by_scheme(page: Page) -> dict[str, str]:
    """The same in either theme, of a page on which nothing moves."""
    found = {}
    for scheme, rules in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        # The administration's links fade from one theme's colour to the other's.
        page.evaluate("Promise.allSettled(document.getAnimations().map(each => each.finished))")
        found.update({f"{scheme} {rule}": html for rule, html in faults(page, rules).items()})
    return found
