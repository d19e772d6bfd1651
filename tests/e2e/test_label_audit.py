"""The tables of the label audit on any screen."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.access import SIZES, faults_by_scheme
from tests.e2e.conftest import sign_in
from tests.factories import DAISY, LABRADOR
from tests.fathom.auditing.world import many, person, worked_out
from tests.fathom.moderation.making import moderator

# Whether what a row says stands side by side, in columns that have a heading.
IN_COLUMNS = """() => [...document.querySelectorAll('.audit-table tbody tr')].every((row) =>
  new Set([...row.children].map((cell) => Math.round(cell.getBoundingClientRect().top))).size === 1)"""


@pytest.mark.parametrize("size", SIZES)
def test_a_row_stays_a_row(
    size: str, browser: Browser, base_url: str, transactional_db: None, celery_messages: list[str]
) -> None:
    for name, wnid in (("anna", LABRADOR), ("ben", DAISY)):
        many(person(name), wnid, 3)
    worked_out()
    context = browser.new_context(base_url=base_url, **SIZES[size])
    sign_in(context, moderator("olga", ("see_audit",)), base_url)
    page = context.new_page()
    page.goto("/admin/labels/audit/")
    assert page.locator(".audit-table tbody tr").count() > 2
    assert page.evaluate(IN_COLUMNS)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert faults_by_scheme(page) == {}
    context.close()
