"""Whatever address someone asks for, it tells nothing of photos that they may not see.

Every address of the URL configuration is asked for twice: with photos that are hidden from who asks, and once these
are gone. The answers must be the very same: pages, counts, pictures, completions, redirects. A new address takes part
by itself; one with a new kind of argument fails here until it is said what may stand there.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from fathom.auditing.models import AuditGroup
from fathom.moderation.deciding import decide
from fathom.moderation.models import Decision
from pictograph.albums.contents import add_photos, album_named
from pictograph.albums.models import AlbumPhoto
from pictograph.archives.entries import Why
from pictograph.archives.models import Entry, Part
from pictograph.archives.parts import archive_named
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import browsing
from pictograph.categories.hidden import hide
from pictograph.categories.models import Cover
from pictograph.connections.joining import Proved, connect
from pictograph.connections.models import Service
from pictograph.corrections.correcting import correct
from pictograph.corrections.models import Verdict
from pictograph.corrections.question_models import Answer, Question
from pictograph.pages.addresses import CategoryConverter
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.holds import Hold, take_down
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.photos.publishing import publish
from pictograph.places.locating import locate
from pictograph.providers.interface import Credentials, Identity
from pictograph.shares.models import Share
from pictograph.similar.refreshing import refresh
from pictograph.store.outbox import sweep_notices
from pictograph.store.scope import NETWORK
from tests.addresses import BOTH, Scene, addresses, answers, asked_about, changed, client_of, without_administration
from tests.factories import (
    BEAGLE,
    DAISY,
    EGYPTIAN_CAT,
    LABRADOR,
    SPORTS_CAR,
    TABBY,
    UserFactory,
    classified_photo,
)
from tests.fathom.moderation.making import case_of_photo, moderator
from tests.pictograph.shares.making import share_of

RIFLE = "n04090263"


@pytest.fixture
def scene(db: None, tmp_path: Path, settings: Settings) -> Scene:
    """A person with photos: private, published, withdrawn, waiting to be looked at, taken down; and strangers."""
    settings.DATA_DIR = tmp_path  # files of similar photos are kept there
    owner, stranger = (UserFactory(username=f"u-{name}", handle=name) for name in ("anna", "ben"))
    staff = moderator("moderator", ("moderate",))
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
    reported, warned = (classified_photo(BEAGLE, owner=stranger, is_public=True, published_at=day) for _ in range(2))
    classified_photo(DAISY, owner=stranger)
    for is_public in (True, False):
        publish(Photo.objects.filter(pk=withdrawn.pk), is_public=is_public)
    waits = classified_photo(RIFLE, owner=owner, name="secret-gun.jpg", shown_at=day, caption="A secret gun")
    down = classified_photo(EGYPTIAN_CAT, owner=owner, name="secret-cat.jpg", caption="A secret cat")
    publish(Photo.objects.filter(pk__in=[waits.pk, down.pk]), is_public=True)
    take_down([down.pk], None, "A secret reason")
    assert set(Hold.objects.values_list("photo", "kind")) == {(waits.pk, "review"), (down.pk, "taken_down")}
    hidden = (private, withdrawn, waits, down)
    correct(owner, [private.pk], Verdict.RIGHT, LABRADOR)
    hide(owner, browsing().categories[TABBY], is_hidden=True)
    Cover.objects.create(owner=owner, wnid=LABRADOR, photo=private)
    Cover.objects.create(owner=owner, wnid=TABBY, photo=shown)
    album = album_named(owner, "A secret album")
    add_photos(album, [shown.pk, *(photo.pk for photo in hidden)])
    locate([photo.pk for photo in (shown, *hidden)])
    service = Service.objects.create(kind="mastodon", server="https://example.org", is_offered=True)
    connect(owner, Proved(service, Identity("1", "@secret@example.org"), Credentials("a token")))
    left_out = tuple(browsing().categories[wnid].name for wnid in (LABRADOR, SPORTS_CAR, RIFLE))
    shares = (
        share_of(owner, without=left_out),
        share_of(owner, without=left_out, kind=Share.Kind.ALBUM, album=album, title="Cats"),
    )
    network = Network.objects.get()
    archive = archive_named(owner, "A secret archive")
    part = Part.objects.create(archive=archive, name="secret.zip", size_bytes=1, state=Part.State.DONE)
    Entry.objects.create(part=part, position=0, path="secret-dog.mp4", why=Why.VIDEO)
    for photo, answer in ((private, ""), (withdrawn, Answer.YES)):
        Question.objects.create(
            owner=owner,
            photo=photo,
            network=network,
            wnid=LABRADOR,
            stop=1,
            confidence=0.9,
            floor=0.8,
            is_random=True,
            answer=answer,
            answered_at=day if answer else None,
        )
    asked = asked_about(network)
    refresh(NETWORK, network.pk)
    AuditGroup.objects.create(name="By phone", kind=AuditGroup.Kind.CAMERA, words="phone", note="Phones may differ.")
    case_of_photo(reported)
    decide(case_of_photo(warned).pk, 0, Decision.Action.WARN, moderator("another-moderator"))
    User.objects.update(is_notified=False)  # reading what one was told changes every page
    return Scene(owner, stranger, staff, hidden, shown, album, shares, asked)


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


def test_no_address_tells_others_of_a_private_or_withdrawn_photo(scene: Scene) -> None:
    asked = addresses(scene)
    assert len(asked) > 100
    closed, held = ([photo.pk for photo in some] for some in (scene.hidden[:2], scene.hidden[2:]))
    nobody, stranger, staff = (client_of(viewer) for viewer in scene.others)
    asked_by_others = without_administration(asked)
    to_nobody = answers(nobody, asked_by_others)
    # Parts of pages say what the pages say: one viewer looks at all of them.
    to_stranger = answers(stranger, asked_by_others, forms=BOTH)
    to_staff = answers(staff, asked)  # which see when others read what they were told
    delete_photos(scene.owner, closed)
    assert changed(to_staff, answers(staff, asked)) == []
    # What is held is shown to moderators, who decide on it, and to nobody else.
    delete_photos(scene.owner, held)
    assert changed(to_nobody, answers(nobody, asked_by_others)) == []
    assert changed(to_stranger, answers(stranger, asked_by_others, forms=BOTH)) == []


def test_no_address_tells_others_of_someone_who_was_shut_out(scene: Scene) -> None:
    shut_out(scene.owner)
    asked = without_administration(addresses(scene))
    everything = list(scene.owner.photos.values_list("pk", flat=True))
    clients = [client_of(viewer) for viewer in (None, scene.stranger)]  # moderators decide on what is theirs still
    before = [answers(client, asked) for client in clients]
    delete_photos(scene.owner, everything)
    assert [changed(told, answers(client, asked)) for client, told in zip(clients, before, strict=True)] == [[], []]


def test_someone_who_was_shut_out_sees_nothing_of_their_own(scene: Scene) -> None:
    client = client_of(scene.owner)
    shut_out(scene.owner)
    for photo in (*scene.hidden, scene.shown):
        assert client.get(f"/photos/{photo.pk}/").status_code == 302
        assert client.get(f"/photos/{photo.pk}/{GRID_SIZE}.webp").status_code == 404


def test_the_walk_would_notice(scene: Scene) -> None:
    """Strangers' pages change with a published photo, wherever it or its category stands, and the owner's with all."""
    first, name = scene.hidden[0], CategoryConverter().to_url(browsing().categories[LABRADOR])
    everyones = ["/explore/photos/", "/explore/", "/explore/people/anna/", f"/photos/{first.pk}/"]
    everyones += [
        f"/explore/c/{name}/",
        f"/explore/people/anna/c/{name}/",
        f"/explore/report/photo/{first.pk}/{name}/",
    ]
    own = ["/photos/", "/photos/c/", "/pictograph/", f"/photos/{first.pk}/", f"/photos/c/{name}/"]
    assert {*everyones, *own} <= set(addresses(scene))
    nobody, owner = client_of(None), client_of(scene.owner)
    before = answers(nobody, everyones, forms=BOTH)
    publish(Photo.objects.filter(pk=first.pk), is_public=True)
    assert changed(before, answers(nobody, everyones, forms=BOTH)) == everyones
    before = answers(owner, own, forms=BOTH)
    delete_photos(scene.owner, [photo.pk for photo in scene.hidden])
    assert changed(before, answers(owner, own, forms=BOTH)) == own


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
    form |= {"album": scene.album.pk, "name": "mine", "verdict": "wrong", "wnid": LABRADOR, "answer": "no"}

    def theirs() -> list[object]:
        photos, albums, shares = scene.owner.photos, scene.owner.albums, scene.owner.shares
        said = scene.owner.corrections, scene.owner.hidden_categories, scene.owner.covers, scene.owner.questions
        rows = photos, albums, shares, *said, AlbumPhoto.objects.filter(photo__owner=scene.owner)
        return [row for of in rows for row in of.order_by("pk").values()]

    before = theirs()
    session = {name: cookie.value for name, cookie in client_of(scene.stranger).cookies.items()}
    for address in dict.fromkeys(address.partition("?")[0] for address in addresses(scene)):
        client = Client()
        client.cookies.load(session)
        with transaction.atomic():
            response = client.post(address, form)
            assert response.status_code < 500, address
            assert theirs() == before, address
            transaction.set_rollback(True)
