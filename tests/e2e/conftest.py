"""A real browser on a real server: signed in, and with an eye on the console."""

import shutil
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from threading import enumerate as enumerate_threads
from time import monotonic, sleep
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Error, Page
from pytest_django.live_server_helper import LiveServer

from pictograph.people.models import User
from tests.conftest import begin_with
from tests.e2e.site import Site, serving
from tests.services import skip_or_fail


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here as a browser test."""
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say of a test that failed what its browser showed."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.when == "call" and report.failed and isinstance(page, Page):
        with suppress(Error):
            report.sections.append((f"The page at {page.url}", page.inner_text("body", timeout=1000)))
    return report


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Drive the Chromium of the system, the one without windows where it is there: it takes less than half the time."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        skip_or_fail("no Chromium")
    return {"executable_path": path, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """So that `page.goto("/photos/")` is enough."""
    return str(live_server.url)


def sign_in(context: BrowserContext, user: User, url: str) -> None:
    """Give a browser someone's session."""
    client = Client()
    client.force_login(user)
    session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": url}])


@pytest.fixture
def site(tmp_path: Path, begun: Path) -> Iterator[Site]:
    """The real site with its workers, started for the second time: nobody has an account yet."""
    begin_with(begun, tmp_path / "var")
    with serving(tmp_path) as served:
        yield served


def sign_up(page: Page, site: Site) -> None:
    """Make the first account and go to the import page."""
    page.goto(f"{site.address}/accounts/signup/")
    page.get_by_label("Username").fill("anna")
    page.get_by_role("textbox", name="Password", exact=True).fill("correct horse battery")
    page.locator("main form button[type=submit]").click()
    page.goto(f"{site.address}/import/")


def wait_until(page: Page, script: str) -> None:
    """Ask a page until an expression is true; its policy forbids it what `wait_for_function` does."""
    for _ in range(500):
        if page.evaluate(script):
            return
        page.wait_for_timeout(20)
    pytest.fail(f"it never came true: {script}")


@pytest.fixture(autouse=True)
def answered(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a browser asked for in its last moment is answered while the tables are there, not beside the next test."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")  # which this is to end before
    yield
    ends_at = monotonic() + 10
    while monotonic() < ends_at and any("process_request" in thread.name for thread in enumerate_threads()):
        sleep(0.01)


@pytest.fixture
def signed_in(page: Page, user: User, base_url: str) -> Iterator[Page]:
    """A page of `user`; an error in its scripts, or a load that the policy forbids, fails the test."""
    sign_in(page.context, user, base_url)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    assert errors == []


@pytest.fixture
def phone(browser: Browser, base_url: str, user: User) -> Iterator[Page]:
    """A page of `user` on a phone."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, base_url=base_url
    )
    sign_in(context, user, base_url)
    yield context.new_page()
    context.close()
