"""Every address of the site with what may stand in it, and what it answers to somebody."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import count, product

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern

from fathom.auditing.models import AuditGroup
from fathom.moderation.models import Case, Decision, Notification
from fathom.moderation.told import token_of
from pictograph.albums.models import Album
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import browsing
from pictograph.connections.models import Connection, Service
from pictograph.pages.addresses import CategoryConverter
from pictograph.people.models import User
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.shares.models import Share
from pictograph.similar.asked import AskedImage
from tests.factories import (
    LABRADOR,
    SPORTS_CAR,
    TABBY,
    classification,
)
from tests.pictograph.places.placed import ROME_ID

HTMX = {"HX-Request": "true"}
PAGES, BOTH = (False,), (False, True)  # as pages alone, and as htmx asks for parts of them as well
Answers = dict[tuple[str, bool], tuple[int, str, bytes]]
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
    """What may stand in addresses, by the name of the argument, or by its kind and name where kinds differ.

    First is what stands beside all that is in the other places of an address.
    """
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
        "wnid": [CategoryConverter().to_url(category) for category in wnids.values()],
        "handle": [scene.owner.handle or "", scene.stranger.handle or ""],
        "first": [scene.owner.handle or "", "you", "everyone"],
        "second": [scene.stranger.handle or "", "you", "everyone"],
        "album_id": [str(scene.album.pk)],
        "correction_id": [str(correction.pk) for correction in scene.owner.corrections.all()],
        "archive_id": [str(archive.pk) for archive in scene.owner.archives.all()],
        "batch_id": ["1"],
        "source_id": [str(source.pk) for source in scene.owner.sources.all()],
        "content_type_id": ["1"],
        "object_id": ["0"],  # who may see a table in the administration sees which rows it has
        "id": [str(scene.owner.pk)],
        "pk": ["1"],  # of a passkey
        "service_id": [str(service.pk) for service in Service.objects.all()],
        "question_id": [str(question.pk) for question in scene.owner.questions.all()],
        "group_id": [str(group.pk) for group in AuditGroup.objects.all()],
        "case_id": [str(case.pk) for case in Case.objects.order_by("pk")],
        "decision_id": [str(decision.pk) for decision in Decision.objects.all()],
        "invitation": ["a" * 32],
        "signed": [token_of(notification) for notification in Notification.objects.all()],
        "connection_id": [str(connection.pk) for connection in Connection.objects.all()],
    }


def belong_together(scene: Scene) -> list[set[str]]:
    """What besides stands together in addresses: photos and their category, links and what they show or leave out."""
    tree, named = browsing(), CategoryConverter().to_url
    photos = [*zip(scene.hidden, (LABRADOR, SPORTS_CAR), strict=False), (scene.shown, TABBY)]
    own = [{str(photo.pk), named(tree.categories[wnid])} for photo, wnid in photos]
    seen = named(tree.categories[LABRADOR]), str(scene.shown.pk)
    return own + [{share.token, one} for share in scene.shares for one in seen]


def addresses(scene: Scene, only: Mapping[str, list[str]] | None = None) -> list[str]:
    """Every address of the site, with everything that may stand in it; of some arguments `only` what is given.

    Of several places, and the query, one is filled with each value that it may have and the others with their first,
    among these all animals, most of what is hidden. What else belongs together is asked for together.
    """
    known, together, found = {**arguments(scene), **(only or {})}, belong_together(scene), dict[str, None]()
    for form, one in patterns(get_resolver().url_patterns):
        if isinstance(one.pattern, RegexPattern):
            assert one.name in {*EXAMPLES, None}, f"{one.name} is a regular expression: give EXAMPLES of it"
            found |= dict.fromkeys(EXAMPLES.get(one.name or "", []))
            continue
        places = []
        for argument in ARGUMENT.findall(form):
            name = argument if argument in known else argument.rpartition(":")[2]
            assert name in known, f"say in arguments() what may stand for {argument!r} in {form!r}"
            places.append(known[name])
        places.append(["", *QUERIES.get(one.name or "", [])])
        for values in product(*places):
            others = sum(value != place[0] for value, place in zip(values, places, strict=True))
            if others < 2 or any(pair <= set(values) for pair in together):
                filled = form
                for value in values[:-1]:
                    filled = ARGUMENT.sub(value, filled, count=1)
                found[filled + values[-1]] = None
    return [f"/{address}" for address in found]


def without_administration(asked: Sequence[str]) -> list[str]:
    """What is for others than staff: `test_roles.py` looks at who opens the rest."""
    return [address for address in asked if not address.startswith("/admin/")]


def answers(client: Client, asked: Sequence[str], *, forms: Sequence[bool] = PAGES) -> Answers:
    """Status, where to and what, of every address as a page or as htmx asks for it."""
    got = {}
    for address in asked:
        for is_part in forms:
            if is_part and address.startswith("/admin/"):
                continue
            response = client.get(address, headers=HTMX if is_part else {}, REMOTE_ADDR=next(VISITORS))
            assert response.status_code != 429, address
            body = response.getvalue()
            where = response.headers.get("Location", "")
            got[address, is_part] = (response.status_code, where, CHANGING.sub(b"", body))
    return got


def changed(before: Answers, after: Answers) -> list[str]:
    """Which addresses answer otherwise than they did."""
    assert before.keys() == after.keys()
    return list(
        dict.fromkeys(address for address, is_part in before if before[address, is_part] != after[address, is_part])
    )


def client_of(viewer: User | None) -> Client:
    """A browser of someone, or of nobody."""
    client = Client()
    if viewer is not None:
        client.force_login(viewer)
    return client
