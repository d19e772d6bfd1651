"""The pages of photo accounts in a browser: open to everyone, and no wider than a phone whatever a server is called."""

import pytest
from playwright.sync_api import Browser

from pictograph.connections.joining import Proved, connect
from pictograph.connections.models import Connection, Service
from pictograph.people.models import User
from pictograph.providers.interface import Credentials, Identity
from pictograph.sources.models import Source
from tests.e2e.access import SIZES, faults_by_scheme
from tests.e2e.conftest import sign_in


@pytest.fixture
def service(db: None) -> Service:
    """One with a long name."""
    server = "https://photos.a-rather-long-name-that-nobody-types.example.org"
    return Service.objects.create(kind="mastodon", server=server, client_id="an-id", is_offered=True)


@pytest.fixture
def accounts(service: Service, user: User) -> list[Connection]:
    """An account in each state, one that is busy, and one that is being given up."""
    made = []
    for n, state in enumerate([*Connection.State.values, "busy", "leaving"]):
        name = f"@anna-{'x' * 10 * n}@example.social"
        own = connect(user, Proved(service, Identity(str(n), name), Credentials("a-token")))
        if state in Connection.State.values:
            Connection.objects.filter(pk=own.pk).update(state=state)
        removal = Source.Removal.KEEP if state == "leaving" else ""
        Source.objects.filter(pk=own.source_id).update(scan_wanted=state == "busy", removal=removal)
        made.append(own)
    return made


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    size: str, browser: Browser, base_url: str, user: User, service: Service, accounts: list[Connection]
) -> None:
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])
    context = browser.new_context(reduced_motion="reduce", base_url=base_url, **SIZES[size])
    page = context.new_page()
    found: dict[str, str] = {}

    def look(address: str) -> None:
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > SIZES[size]["viewport"]["width"]:
            found[f"{address} is too wide"] = ""
        found.update({f"{address} {fault}": html for fault, html in faults_by_scheme(page).items()})

    start = f"/connect/{service.pk}/"
    for address in ("/", "/accounts/login/", "/accounts/signup/", "/connect/", start):
        look(address)
    sign_in(context, user, base_url)
    own = f"/connections/{accounts[-3].pk}/"
    for address in ("/import/", "/connect/", start, f"{own}settings/", f"{own}disconnect/"):
        look(address)
    for address in ("/import/services/", f"/import/services/{service.pk}/"):
        look(address)
    page.goto(f"/connect/{Service.objects.get_or_create(kind='mastodon', server='', is_offered=True)[0].pk}/")
    page.get_by_label("Your server").fill("10.0.0.1")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("This is not the address of a server.").wait_for()
    found.update(faults_by_scheme(page))
    context.close()
    assert found == {}
