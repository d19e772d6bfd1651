"""Whatever a request says, its answer is a page or a refusal, and never an error of ours."""

import pytest
from django.test import Client
from django.urls import reverse

from pictograph.catalogue.dial import shown_stops
from pictograph.models import User
from tests.factories import LABRADOR, TABBY, make_library

pytestmark = pytest.mark.django_db
NO_ADDRESS = "http://["
ODD = [
    "\x00",
    "a\x00b",
    "@a\x00",
    "9" * 30,
    "9" * 19,
    "-1",
    "nan~1",
    "inf~1",
    "1e308~1",
    "\u00b2",
    "\u0661~1",
    NO_ADDRESS,
]
ENDS = [
    f"{moment}~{photo}"
    for moment in (
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999999",
        "9999-12-31T23:59:59.999999-23:59",
    )
    for photo in (1, "9" * 18)
]
PAGES = {
    "/photos/": ("after", "before", "from", "year"),
    "/photos/missing/": ("before",),
    "/photos/c/dogs-n02084071/": ("after", "order", "year", "sure"),
    "/photos/c/dogs-n02084071/?order=newest": ("after",),
    "/photos/c/unnamed/": ("after",),
    "/pictograph/": ("year",),
    "/pictograph/else/": ("after", "year"),
    "/search/": ("q", "of", "after"),
    "/search/complete/": ("q", "of"),
    "/explore/people/": ("after",),
    "/explore/map/": ("at",),
    "/explore/compare/you/": ("with",),
    "/explore/compare/you/everyone/": ("with",),
    "/explore/compare/you/you/": ("years",),
    "/explore/compare/handles/": ("with", "beside"),
    "/map/": ("in", "at", "before"),
    "/publish/": ("what", "category", "album", "ids"),
    "/publish/as-a-stranger/": ("photo",),
    "/shares/new/": ("album", "category", "year"),
}
FORMS = {
    "/import/start/": ("count", "size", "batch", "passed_count", "passed_size"),
    "/import/report/": ("batch", "count", "sent", "rate", "state"),
    "/import/retry/": ("photo",),
    "/photos/delete/": ("ids", "photo", "next"),
    "/dial/": ("next", "stop"),
    "/pictograph/": ("tiles",),
    "/publish/": ("what", "category", "album", "ids", "confirmed", "seal", "next"),
    "/profile/": ("handle", "about"),
    "/shares/new/": ("title", "begins", "ends", "left_out", "expiry", "password", "album", "category", "year"),
    "/albums/add/": ("ids", "album", "name", "next"),
}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_asked_for_oddly_is_shown_or_not_there(user: User, client: Client, address: str) -> None:
    make_library(user, [(LABRADOR, 2), (TABBY, 1)])
    client.force_login(user)
    for name in PAGES[address]:
        for text in ODD + (ENDS if name in ("after", "before") else []):
            query = {"order": "newest"} if "newest" in address else {}
            # The part alone, which is what the parameters choose.
            answer = client.get(address.split("?", maxsplit=1)[0], query | {name: text}, headers={"HX-Request": "true"})
            assert answer.status_code < 500, (name, text)


@pytest.mark.parametrize("address", ["/search/image/a%00b/", "/p/%00/", "/explore/people/a%00b/", "/search/image/x/"])
def test_an_address_that_cannot_be_is_not_there(user: User, client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", FORMS)
def test_a_form_filled_in_oddly_is_answered(user: User, client: Client, address: str) -> None:
    client.force_login(user)
    told = {"count": "1", "size": "10", "sent": "0", "rate": "0", "state": "receiving"}
    for name in FORMS[address]:
        for text in ODD:
            assert client.post(address, told | {name: text}).status_code < 500, (name, text)


def test_a_word_to_go_back_to_is_no_name_of_a_view(user: User, client: Client) -> None:
    client.force_login(user)
    target = str(shown_stops()[0].right)
    for word in ("nothing", "home", "no-page.html"):
        answer = client.post("/dial/", {"target": target, "next": word})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/photos/c/")


@pytest.mark.parametrize("page", ["account_login", "account_signup"])
def test_a_page_to_go_on_to_that_is_no_address_is_ignored(client: Client, user: User, page: str) -> None:
    assert client.get(reverse(page), {"next": NO_ADDRESS}).status_code == 200
    assert client.post(reverse(page), {"next": NO_ADDRESS}).status_code == 200


def test_an_htmx_request_from_no_address_leads_to_signing_in(client: Client, user: User) -> None:
    answer = client.get("/photos/", headers={"HX-Request": "true", "HX-Current-URL": NO_ADDRESS})
    assert answer.status_code == 401
