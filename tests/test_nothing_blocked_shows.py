"""Whatever address someone asks for, it says nothing of a category that moderators have blocked, from one look on.

Every address of the site is asked for before a branch is blocked, so that whatever is kept is kept, and while it is.
Then none has its words or numbers, though no photo was touched; once the block is taken back pages are what they were.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from pictograph.albums.contents import add_photos, album_named
from pictograph.catalogue.changing import Kind, Wanted, change, take_back
from pictograph.catalogue.models import Network, Override
from pictograph.catalogue.snapshot import browsing, look_again
from pictograph.categories.hidden import hide
from pictograph.corrections.correcting import correct
from pictograph.corrections.models import Verdict
from pictograph.photos.models import Photo
from pictograph.places.locating import locate
from pictograph.queue.renaming import rename_stale
from pictograph.similar.refreshing import refresh
from pictograph.store.scope import NETWORK
from tests.addresses import BOTH, PAGES, Scene, addresses, answers, asked_about, client_of
from tests.factories import BEAGLE, DAISY, LABRADOR, TABBY, UserFactory, classified_photo
from tests.pictograph.shares.making import share_of

DOG, CANINE = "n02084071", "n02083346"
WORDS = ("labrador", "beagle", "retriever", "hound", "hunting dog", "gun dog")
# Whose job it is to change what is blocked has to see it.
MODERATORS = ("/admin/pictograph/override/", "/admin/jsi18n/")
# What is asked for again once the block is taken back: pages that say most of what they show.
TAKEN_BACK = ("/photos/", "/photos/c/", "/pictograph/", "/explore/", "/explore/pictograph/", "/people/")


@pytest.fixture
def scene(db: None, tmp_path: Path, settings: Settings) -> Iterator[Scene]:
    """Two people with dogs and cats, private and published, corrected and hidden, and links of both kinds."""
    settings.DATA_DIR = tmp_path
    owner, stranger = (UserFactory(username=f"u-{name}", handle=name) for name in ("anna", "ben"))
    moderator = UserFactory(username="moderator", is_staff=True, is_superuser=True)
    owner.is_staff = owner.is_superuser = True  # so that the administration is looked through as well
    owner.save()
    day = datetime(2021, 5, 6, 7, 8, tzinfo=UTC)
    about: dict[str, Any] = {"latitude": 41.9, "longitude": 12.5}
    private = classified_photo(LABRADOR, owner=owner, name="a.jpg", shown_at=day, **about)
    shown = classified_photo(BEAGLE, owner=owner, name="b.jpg", is_public=True, published_at=day, shown_at=day, **about)
    classified_photo(TABBY, owner=owner, name="c.jpg", is_public=True, published_at=day)
    for n, wnid in enumerate((LABRADOR, BEAGLE, DAISY)):
        classified_photo(wnid, owner=stranger, name=f"{n}.jpg", is_public=True, published_at=day, **about)
    correct(owner, [private.pk], Verdict.RIGHT, LABRADOR)
    correct(owner, [shown.pk], Verdict.WRONG, LABRADOR)
    hide(owner, browsing().categories[BEAGLE], is_hidden=True)
    locate(list(Photo.objects.values_list("pk", flat=True)))
    album = album_named(owner, "An album")
    add_photos(album, [private.pk, shown.pk])
    shares = (share_of(owner),)
    network = Network.objects.get()
    asked = asked_about(network)
    refresh(NETWORK, network.pk)
    yield Scene(owner, stranger, moderator, (private,), shown, album, shares, asked)
    look_again()


def some_of(scene: Scene) -> dict[str, list[str]]:
    """What stands in addresses here: enough to say something of the branch, and of what is beside it."""
    categories = [browsing().categories[wnid] for wnid in (CANINE, LABRADOR, TABBY)]
    return {
        "wnid": [f"{category.slug}-{category.wnid}" for category in categories],
        "handle": [scene.owner.handle or ""],
        "first": [scene.owner.handle or ""],
        "second": [scene.stranger.handle or "", "everyone"],
    }


def test_no_address_says_anything_of_a_blocked_branch(scene: Scene) -> None:
    asked, moderator = addresses(scene, some_of(scene)), scene.moderator
    nobody, owner = client_of(None), client_of(scene.owner)
    # The administration is not for nobody.
    looks = [(nobody, [one for one in asked if not one.startswith("/admin/")]), (owner, asked)]
    before = [answers(client, of_it) for client, of_it in looks]
    said = b" ".join(body.lower() for got in before for _, _, body in got.values())
    assert all(word.encode() in said for word in WORDS[:4])
    pages = [pages_of(client, of_it) for client, of_it in looks]
    everything = set(browsing().categories)
    change(moderator, Wanted(DOG, Kind.BLOCK), "a test")
    gone = everything - browsing().categories.keys()
    assert {DOG, LABRADOR, BEAGLE} <= gone
    telling: list[str] = []
    for (client, of_it), forms in zip(looks, (PAGES, BOTH), strict=True):
        for (address, _), (status, where, body) in answers(client, of_it, forms=forms).items():
            assert status < 500, address
            text = (where.encode() + body).lower()
            in_address = any(wnid in address for wnid in gone)
            if address.startswith(MODERATORS) or (in_address and status in (404, 302, 405)):
                continue
            # The administration lists rows as they are stored, by number: none of them is renamed.
            found = [w for w in (WORDS if address.startswith("/admin/") else (*WORDS, *gone)) if w.encode() in text]
            telling += [f"{address}: {found[:3]}"] if found else []
    assert telling == []
    assert rename_stale() == 0
    take_back(moderator, Override.objects.get(), "")
    assert [pages_of(client, of_it) for client, of_it in looks] == pages


def pages_of(client: Client, asked: Sequence[str]) -> dict[tuple[str, bool], tuple[int, str, bytes]]:
    """The pages that say most, each as it is once what other addresses had to say of themselves has been read."""
    of_it = [one for one in TAKEN_BACK if one in asked]
    return answers(client, [*of_it, *of_it])
