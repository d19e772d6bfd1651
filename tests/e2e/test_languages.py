"""Longer words than English ones fit a phone."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from pictograph.models import User
from tests.e2e.conftest import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def german_phone(browser: Browser, base_url: str, library: User) -> Iterator[Page]:
    context = browser.new_context(base_url=base_url, locale="de-DE", viewport={"width": 390, "height": 844})
    sign_in(context, library, base_url)
    yield context.new_page()
    context.close()


def test_no_german_page_is_wider_than_a_phone(german_phone: Page) -> None:
    for name in ("library", "categories", "pictograph", "import", "delete_account"):
        german_phone.goto(reverse(name))
        expect(german_phone.locator("html")).to_have_attribute("lang", "de")
        assert german_phone.evaluate("document.documentElement.scrollWidth") <= 390, name
