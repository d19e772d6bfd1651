"""Whatever address someone asks for, it tells nothing of photos that they may not see.

Every address of the URL configuration is asked for twice: with photos that are hidden from who asks, and once these
are gone. The answers must be the very same: pages, counts, pictures, completions, redirects. A new address takes part
by itself; one with a new kind of argument fails here until it is said what may stand there.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address
from itertools import count

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern

from pictograph.albums.contents import add_photos, album_named
from pictograph.albums.models import Album, AlbumPhoto
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import browsing
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.photos.publishing import publish
from pictograph.places.locating import locate
from pictograph.shares.models import Share
from pictograph.similar.asked import AskedImage
from pictograph.similar.refreshing import refresh
from pictograph.store.outbox import sweep_notices
from pictograph.store.scope import NETWORK
from tests.factories import BEAGLE, DAISY, LABRADOR, SPORTS_CAR, TABBY, UserFactory, classification, classified_photo
from tests.pictograph.places.placed import ROME_ID
from tests.pictograph.shares.making import share_of

HTMX = {"HX-Request": "true"}
# Who asks has another address each time, so that no rate answers in the place of a page.
VISITORS = map(str, map(IPv4Address, count(0x0A000001)))
ARGUMENT = re.compile(r"<((?:\w+:)?\w+)>")
# What differs from one answer to the next for reasons that tell nothing.
CHANGING = re.compile(rb"""(?:csrfmiddlewaretoken" value=|X-CSRFToken"?: ?|"csrf": |data-since=)["'][\w.]+["']""")
# Addresses that are regular expressions, with examples of them.
EXAMPLES = {
    "account_confirm_email": ["accounts/confirm-email/abc:def/"],
    "account_reset_password_from_key": ["accounts/password/reset/key/1-abc/"],
    "app_list": ["admin/pictograph/", "admin/predictions/"],
}
# What is asked of some addresses beyond their plain form.
QUERIES: Mapping[str, list[str]] = {
    "library": ["?year=2021", "?from=2021"],
    "network_library": ["?year=2021", "?from=2021"],
    "network_category": ["?order=newest", "?year=2021", "?sure=90"],
    "person_category": ["?order=newest", "?sure=90"],
    "network_pictograph": ["?year=2021"],
    "search": [
        f"?of=everyone&q={words}"
        for words in (
            "dogs",
            "sports+car",
            "secret",
            "secret-dog.jpg",
            "2021",
            "dogs+2021",
            "@anna",
            "by+anna",
            "6+may",
            "",
        )
    ],
    "search_complete": ["?of=everyone&q=lab", "?of=everyone&q=spo", "?of=everyone&q=@a", "?of=everyone&q=secr"],
}


@dataclass(frozen=True)
class Scene:
    """Who is there, and the photos that only their owner may see."""

    owner: User
    stranger: User
    moderator: User
    hidden: tuple[Photo, ...]
    shown: Photo
    album: Album  # of all of the owner's
    shares: tuple[Share, ...]  # which leave the hidden photos out
    asked: AskedImage  # which looks like all of them

    @property
    def others(self) -> tuple[User | None, ...]:
        """All who must see nothing of what is hidden, nobody in particular among them."""
        return None, self.stranger, self.moderator


@pytest.fixture
def scene(db: None) -> Scene:
    """A person with a private, a published and a withdrawn photo, and strangers."""
    owner, stranger = (UserFactory(username=f"u-{name}", handle=name) for name in ("anna", "ben"))
    moderator = UserFactory(username="moderator", is_staff=True)
    day = datetime(2021, 5, 6, 7, 8, tzinfo=UTC)
    private = classified_photo(
        LABRADOR,
        owner=owner,
        name="secret-dog.jpg",
        shown_at=day,
        latitude=41.9,
        longitude=12.5,
        caption="A secret dog",
    )
    shown = classified_photo(TABBY, owner=owner, name="cat-at-home.jpg", is_public=True, published_at=day)
    withdrawn = classified_photo(SPORTS_CAR, owner=owner, name="secret-car.jpg")
    classified_photo(BEAGLE, owner=stranger, is_public=True, published_at=day)
    classified_photo(DAISY, owner=stranger)
    for is_public in (True, False):
        publish(Photo.objects.filter(pk=withdrawn.pk), is_public=is_public)
    album = album_named(owner, "A secret album")
    add_photos(album, [private.pk, shown.pk, withdrawn.pk])
    locate([photo.pk for photo in (private, shown, withdrawn)])
    left_out = tuple(browsing().categories[wnid].name for wnid in (LABRADOR, SPORTS_CAR))
    shares = (
        share_of(owner, without=left_out),
        share_of(owner, without=left_out, kind=Share.Kind.ALBUM, album=album, title="Cats"),
    )
    network = Network.objects.get()
    asked = asked_about(network)
    refresh(NETWORK, network.pk)
    return Scene(owner, stranger, moderator, (private, withdrawn), shown, album, shares, asked)


def asked_about(network: Network) -> AskedImage:
    """An image that somebody has asked about, and that a worker has looked at."""
    said = classification(LABRADOR)
    return AskedImage.objects.create(
        network=network,
        is_waiting=False,
        embedding=said.embedding.astype("<f2").tobytes(),
        probabilities=said.probabilities.encode(),
    )


def patterns(of: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site as it is configured: its form, and what it is called."""
    for one in of:
        form = before + (str(one.pattern) if isinstance(one.pattern, RoutePattern) else "")
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, form)
        else:
            yield form, one


def arguments(scene: Scene) -> Mapping[str, list[str]]:
    """What may stand in addresses, by the name of the argument, or by its kind and name where kinds differ."""
    tree = browsing()
    paths = [tree.path(wnid) for wnid in (LABRADOR, TABBY, SPORTS_CAR)]
    wnids = {category.wnid: category for path in paths for category in (path[0], path[-2], path[-1])}
    photos = [*scene.hidden, scene.shown]
    return {
        "photo_id": [str(photo.pk) for photo in photos],
        "size": [str(GRID_SIZE)],
        "slug:size": ["square"],
        "kind": ["svg"],
        "token:token": [share.token for share in scene.shares],
        "str:token": [scene.asked.token],
        "share_id": [str(share.pk) for share in scene.shares],
        "year": ["2021"],
        "about": ["41.9000,12.5000,25.0"],
        "town": [str(ROME_ID)],
        "wnid": [f"{category.slug}-{wnid}" for wnid, category in wnids.items()],
        "handle": [scene.owner.handle or "", scene.stranger.handle or ""],
        "first": [scene.owner.handle or "", "you", "everyone"],
        "second": [scene.stranger.handle or "", "you", "everyone"],
        "album_id": [str(scene.album.pk)],
        "batch_id": ["1"],
        "source_id": [str(source.pk) for source in scene.owner.sources.all()],
        "content_type_id": ["1"],
        "object_id": ["0"],  # who may see a table in the administration sees which rows it has
        "id": [str(scene.owner.pk)],
    }


def addresses(scene: Scene) -> list[str]:
    """Every address of the site, with everything that may stand in it."""
    known, found = arguments(scene), dict[str, None]()
    for form, one in patterns(get_resolver().url_patterns):
        if isinstance(one.pattern, RegexPattern):
            assert one.name in {*EXAMPLES, None}, f"{one.name} is a regular expression: give EXAMPLES of it"
            found |= dict.fromkeys(EXAMPLES.get(one.name or "", []))
            continue
        forms = [form]
        for argument in ARGUMENT.findall(form):
            name = argument if argument in known else argument.rpartition(":")[2]
            assert name in known, f"say in arguments() what may stand for {argument!r} in {form!r}"
            forms = [ARGUMENT.sub(value, filled, count=1) for filled in forms for value in known[name]]
        queries = ["", *QUERIES.get(one.name or "", [])]
        found |= dict.fromkeys(filled + query for filled in forms for query in queries)
    return [f"/{address}" for address in found]


def answers(client: Client, asked: list[str]) -> dict[tuple[str, bool], tuple[int, str, bytes]]:
    """Status, where to and what, of every address as a page and as htmx asks for it."""
    got = {}
    for address in asked:
        for is_part in (False, True):
            if is_part and address.startswith("/admin/"):
                continue
            response = client.get(address, headers=HTMX if is_part else {}, REMOTE_ADDR=next(VISITORS))
            assert response.status_code != 429, address
            body = response.getvalue()
            where = response.headers.get("Location", "")
            got[address, is_part] = (response.status_code, where, CHANGING.sub(b"", body))
    return got


def client_of(viewer: User | None) -> Client:
    """A browser of someone, or of nobody."""
    client = Client()
    if viewer is not None:
        client.force_login(viewer)
    return client


def shut_out(person: User) -> None:
    """Close an account in the administration."""
    form = client_of(UserFactory(is_staff=True, is_superuser=True))
    address = f"/admin/pictograph/user/{person.pk}/change/"
    fields = form.get(address).context["adminform"].form.initial
    kept = {name: value for name, value in fields.items() if value not in (None, False, []) and name != "is_active"}
    joined = person.date_joined
    kept |= {"date_joined_0": f"{joined:%Y-%m-%d}", "date_joined_1": f"{joined:%H:%M:%S}"}
    response = form.post(address, kept)
    assert response.status_code == 302, response.context["errors"]
    person.refresh_from_db()
    assert not person.is_active
    sweep_notices()  # the test's own transaction is never through


def differences(viewers: Sequence[User | None], asked: list[str], change: Callable[[], object]) -> list[str]:
    """Which addresses answer a viewer otherwise after a change."""
    clients = [client_of(viewer) for viewer in viewers]
    before = [answers(client, asked) for client in clients]
    change()
    after = [answers(client, asked) for client in clients]
    pairs = zip(before, after, strict=True)
    found = (address for one, other in pairs for address in one if one[address] != other[address])
    return list(dict.fromkeys(address for address, _ in found))


def test_no_address_tells_others_of_a_private_or_withdrawn_photo(scene: Scene) -> None:
    asked = addresses(scene)
    assert len(asked) > 100
    told = differences(scene.others, asked, lambda: delete_photos(scene.owner, [photo.pk for photo in scene.hidden]))
    assert told == []


def test_no_address_tells_others_of_someone_who_was_shut_out(scene: Scene) -> None:
    shut_out(scene.owner)
    asked = addresses(scene)
    everything = list(scene.owner.photos.values_list("pk", flat=True))
    assert differences(scene.others, asked, lambda: delete_photos(scene.owner, everything)) == []


def test_someone_who_was_shut_out_sees_nothing_of_their_own(scene: Scene) -> None:
    client = client_of(scene.owner)
    shut_out(scene.owner)
    for photo in (*scene.hidden, scene.shown):
        assert client.get(f"/photos/{photo.pk}/").status_code == 302
        assert client.get(f"/photos/{photo.pk}/{GRID_SIZE}.webp").status_code == 404


def test_the_walk_would_notice(scene: Scene) -> None:
    """The owner's pages change with hidden photos, and strangers' with published ones."""
    everyones, own = ["/explore/photos/", f"/photos/{scene.hidden[0].pk}/"], ["/photos/", "/photos/c/", "/pictograph/"]
    assert {*everyones, *own} <= set(addresses(scene))
    first = Photo.objects.filter(pk=scene.hidden[0].pk)
    assert differences([None], everyones, lambda: publish(first, is_public=True)) == everyones
    hidden = [photo.pk for photo in scene.hidden]
    assert differences([scene.owner], own, lambda: delete_photos(scene.owner, hidden)) == own


def test_no_form_of_a_stranger_changes_a_photo_of_someone_else(scene: Scene) -> None:
    photos = [*scene.hidden, scene.shown]
    ids = ",".join(str(photo.pk) for photo in photos)
    form: dict[str, object] = {
        "photo": [photo.pk for photo in photos],
        "ids": ids,
        "confirmed": "1",
        "do": "withdraw",
        "caption": "mine",
    }
    form |= {"album": scene.album.pk, "name": "mine"}

    def theirs() -> list[object]:
        photos, albums, shares = scene.owner.photos, scene.owner.albums, scene.owner.shares
        rows = photos, albums, shares, AlbumPhoto.objects.filter(photo__owner=scene.owner)
        return [row for of in rows for row in of.order_by("pk").values()]

    before = theirs()
    session = {name: cookie.value for name, cookie in client_of(scene.stranger).cookies.items()}
    for address in addresses(scene):
        client = Client()
        client.cookies.load(session)
        with transaction.atomic():
            response = client.post(address, form)
            assert response.status_code < 500, address
            assert theirs() == before, address
            transaction.set_rollback(True)
