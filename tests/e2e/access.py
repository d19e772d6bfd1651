"""What axe finds on pages, at the sizes of a desk and of a phone."""

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SIZES: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# light-dark() takes colours alone, so of what axe looks at nothing but they can be other in the dark.
SCHEMES: tuple[tuple[Literal["light", "dark"], list[str]], ...] = (("light", RULES), ("dark", ["color-contrast"]))


def faults(page: Page, rules: list[str] = RULES) -> dict[str, str]:
    """The rules that a page breaks as it is, each with the first place."""
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    violations = Axe().run(page, options=options).response["violations"]
    return {broken["id"]: broken["nodes"][0]["html"] for broken in violations}


def faults_by_scheme(page: Page) -> dict[str, str]:
    """The same in either theme, of a page on which nothing moves."""
    found = {}
    for scheme, rules in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found.update({f"{scheme} {rule}": html for rule, html in faults(page, rules).items()})
    return found
