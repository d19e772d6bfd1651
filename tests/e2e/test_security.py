"""The second step of signing in, in a real browser: codes of an app, and passkeys that the browser keeps."""

import json
import zipfile
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from pictograph.people.models import User
from pictograph.people.second_step import SecondStep
from tests.e2e.access import SIZES, faults_by_scheme
from tests.factories import TABBY, classified_photo, picture
from tests.pictograph.people.codes import app_of, code_of, recovery_codes_of, stop_the_clock
from tests.pictograph.people.signing import PASSWORD

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """No code grows old."""
    stop_the_clock(monkeypatch)


@pytest.fixture
def outside(page: Page, base_url: str) -> Iterator[Page]:
    """A page of nobody, with a device that keeps passkeys; an error in its scripts fails the test."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    assert errors == []


def give_password(page: Page, user: User) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username or email").fill(user.username)
    page.get_by_role("textbox", name="Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def prove(page: Page) -> None:
    page.get_by_role("textbox", name="Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()


def expect_inside(page: Page, user: User) -> None:
    expect(page.get_by_label(f"You, {user.username}")).to_be_visible()


def test_an_app_is_set_up_and_asked_for(outside: Page, user: User) -> None:
    page = outside
    give_password(page, user)
    page.get_by_label(f"You, {user.username}").click()
    page.get_by_role("link", name="Security").click()
    page.get_by_role("link", name="Set up").click()
    prove(page)
    expect(page.get_by_role("img", name="Code to scan with the app")).to_be_visible()
    secret = page.locator(".secret").text_content() or ""
    page.get_by_label("Code", exact=True).fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert len(page.locator(".codes li").all()) == 10
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("On since")).to_be_visible()

    sign_out(page)
    give_password(page, user)
    page.get_by_label("Code", exact=True).fill("12 34 56")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("This code is not right.")).to_be_visible()
    page.get_by_label("Code", exact=True).fill(code_of(secret, 1))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect_inside(page, user)

    sign_out(page)
    give_password(page, user)
    page.get_by_label("Code", exact=True).fill(recovery_codes_of(user)[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect_inside(page, user)
    page.goto("/accounts/security/")
    expect(page.get_by_text("9 are left.")).to_be_visible()


def test_a_passkey_signs_in_confirms_and_is_removed(outside: Page, user: User) -> None:
    page = outside
    give_password(page, user)
    page.goto("/accounts/security/")
    page.get_by_role("link", name="Add a passkey").click()
    prove(page)
    page.get_by_label("What to call it").fill("Laptop")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("Laptop")).to_be_visible()

    sign_out(page)
    page.goto("/accounts/login/?next=/accounts/delete/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Delete everything")).to_be_visible()
    expect_inside(page, user)

    page.goto("/accounts/security/")
    page.get_by_role("link", name="Rename Laptop").click()
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_label("Name", exact=True).fill("Desk")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Desk")).to_be_visible()
    expect(page.get_by_text("Last used")).to_be_visible()

    sign_out(page)
    give_password(page, user)
    expect(page.get_by_text("Show your passkey")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect_inside(page, user)

    page.goto("/accounts/security/")
    page.get_by_role("link", name="Remove Desk").click()
    prove(page)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    assert not SecondStep.of(user).is_on


def test_by_its_number_the_site_says_where_passkeys_are_to_be_had(outside: Page, user: User, base_url: str) -> None:
    page = outside
    by_number = base_url.replace("localhost", "127.0.0.1")
    page.goto(f"{by_number}/accounts/login/")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    page.get_by_label("Username or email").fill(user.username)
    page.get_by_role("textbox", name="Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{by_number}/accounts/security/")
    page.get_by_role("link", name="Open this site as localhost").click()
    expect(page).to_have_url(f"{base_url}/accounts/login/?next=/accounts/security/")


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_on_any_of_its_pages(
    size: str, browser: Browser, live_server: LiveServer, user: User
) -> None:
    context = browser.new_context(reduced_motion="reduce", base_url=str(live_server.url), **SIZES[size])
    page = context.new_page()
    found: dict[str, str] = {}

    def look(address: str = "") -> None:
        if address:
            page.goto(address)
        found.update({f"{page.url} {fault}": html for fault, html in faults_by_scheme(page).items()})

    give_password(page, user)
    page.goto("/accounts/reauthenticate/")
    prove(page)
    for address in ("", "totp/activate/", "webauthn/add/"):
        look(f"/accounts/security/{address}")
    secret = app_of(user)
    for address in ("", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "reauthenticate/"):
        look(f"/accounts/security/{address}")
    look("/accounts/reauthenticate/")
    for address in ("prove/", "export/"):
        look(f"/accounts/{address}")
    sign_out(page)
    give_password(page, user)
    look()
    page.get_by_label("Code", exact=True).fill(code_of(secret))
    context.close()
    assert found == {}


def test_everything_is_taken_along_in_one_file(outside: Page, user: User) -> None:
    content = picture()
    photo = classified_photo(TABBY, content=content, owner=user, name="cat.jpg")
    page = outside
    give_password(page, user)
    page.get_by_label(f"You, {user.username}").click()
    page.get_by_role("link", name="Take everything with you").click()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download").click()
    assert coming.value.suggested_filename.startswith(f"pictograph-{user.username}-")
    with zipfile.ZipFile(coming.value.path()) as opened:
        assert opened.testzip() is None
        (told,) = json.loads(opened.read("library.json"))["photos"]
        assert opened.read(told["file"]) == content
        assert told["called"]["wnid"] == TABBY
    page.goto(f"/photos/{photo.pk}/")
    expect(page.get_by_role("heading").first).to_be_visible()
