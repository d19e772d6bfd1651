"""Of a published photo others learn the day, not the moment: neither on a page nor from an address."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from pictograph.people.models import User
from pictograph.photos import library
from tests.factories import LABRADOR, UserFactory, classified_photo

MOMENT = datetime(2021, 5, 6, 7, 48, 31, tzinfo=UTC)
LISTS = ["/explore/photos/", "/explore/people/anna/photos/", "/explore/c/labradors-n02099712/?order=newest"]


@pytest.fixture
def anna(db: None, monkeypatch: pytest.MonkeyPatch) -> User:
    """Five published photos, minutes apart, on pages of two."""
    for module in (library, "pictograph.categories.queries"):
        target = module if isinstance(module, str) else module.__name__
        monkeypatch.setattr(f"{target}.PAGE", 2)
    person = UserFactory(handle="anna")
    for n in range(5):
        classified_photo(
            LABRADOR, owner=person, is_public=True, published_at=MOMENT, shown_at=MOMENT + n * timedelta(minutes=1)
        )
    return person


@pytest.mark.parametrize("address", LISTS)
def test_all_photos_are_met_and_no_address_tells_a_moment(client: Client, anna: User, address: str) -> None:
    met: list[int] = []
    url: str | None = address
    while url:
        response = client.get(url, follow=True)
        html = response.content.decode()
        assert "07:48" not in html
        assert "T07" not in html
        met += [photo.id for photo in response.context["grid"].photos]
        url = response.context["grid"].next_url
    assert met == list(anna.photos.order_by("-shown_at").values_list("pk", flat=True))


@pytest.mark.parametrize("address", LISTS)
def test_a_moment_that_is_tried_leads_nowhere(client: Client, anna: User, address: str) -> None:
    nobody = anna.photos.latest("pk").pk + 1
    for name in ("before", "after"):
        if "order=newest" in address and name == "before":
            continue
        response = client.get(address, {"order": "newest", name: f"{MOMENT.isoformat()}~{nobody}"}, follow=True)
        assert response.status_code == 404


@pytest.mark.parametrize("address", LISTS)
def test_a_photo_that_is_not_published_is_no_place_to_begin(client: Client, anna: User, address: str) -> None:
    hidden = classified_photo(LABRADOR, owner=anna, shown_at=MOMENT)
    name = "after" if "/c/" in address else "before"
    assert client.get(address, {"order": "newest", name: f"~{hidden.pk}"}, follow=True).status_code == 404


def test_a_photo_leads_back_to_its_place_in_the_library(client: Client, anna: User) -> None:
    oldest = anna.photos.order_by("shown_at")[0]
    response = client.get(f"/photos/{oldest.pk}/?of=everyone")
    back = response.context["detail"].steps.back_url
    assert parse_qs(urlsplit(back).query) == {"at": [str(oldest.pk)]}
    assert [photo.id for photo in client.get(back).context["grid"].photos] == [oldest.pk]
