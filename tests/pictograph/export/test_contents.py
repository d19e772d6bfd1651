"""What people take with them: all that is theirs, nothing that lets anybody in, and nothing of anybody else."""

import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.files.storage import default_storage

from classifier.pictures.dates import Precision
from pictograph.albums.contents import add_photos, album_named
from pictograph.catalogue.snapshot import browsing
from pictograph.categories.covers import choose_cover
from pictograph.categories.hidden import hide
from pictograph.connections.models import Connection, Service
from pictograph.corrections.correcting import correct, undo
from pictograph.corrections.models import Likeness, Verdict
from pictograph.export.contents import BrokenOff, archive
from pictograph.export.zips import SizeChanged
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.providers.interface import Credentials
from pictograph.shares.models import Share
from pictograph.sources.models import Source
from tests.factories import BEAGLE, LABRADOR, TABBY, PhotoFactory, UserFactory, classified_photo, file_of, picture
from tests.pictograph.export.archives import account_of, archive_of, library_of
from tests.pictograph.people.codes import app_of
from tests.pictograph.shares.making import share_of

DAY = datetime(2021, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_originals_come_as_they_are_and_are_told_of(user: User) -> None:
    content = picture(colour="red")
    photo = classified_photo(
        LABRADOR,
        content=content,
        owner=user,
        name="dog.jpg",
        shown_at=DAY,
        date_origin=Origin.FILE,
        latitude=41.9,
        longitude=12.5,
        place_origin=Origin.PERSON,
        caption="A dog, “there”",
        caption_origin=Origin.PERSON,
        camera="Leica M3",
        is_public=True,
        published_at=DAY,
    )
    add_photos(album_named(user, "Summer"), [photo.pk])
    opened = archive_of(user)
    assert opened.namelist() == ["README.txt", "account.json", "photos/2021/2021-05/dog.jpg", "library.json"]
    assert opened.read("photos/2021/2021-05/dog.jpg") == content
    assert opened.getinfo("photos/2021/2021-05/dog.jpg").date_time == (2021, 5, 6, 7, 8, 8)
    (told,) = library_of(opened)
    assert told["file"] == "photos/2021/2021-05/dog.jpg"
    assert told["problem"] is None
    assert told["sha256"] == photo.digest
    assert told["date"] == {"at": "2021-05-06T07:08:09", "precision": "moment", "origin": "file"}
    assert told["place"] == {"latitude": 41.9, "longitude": 12.5, "origin": "person", "near": None}
    assert told["caption"] == {"text": "A dog, “there”", "origin": "person"}
    assert told["camera"] == "Leica M3"
    assert told["called"]["wnid"] == LABRADOR
    assert 0 < told["called"]["confidence"] <= 1
    assert told["categories"][-1]["wnid"] == LABRADOR
    assert told["albums"] == ["Summer"]
    assert told["published_since"] == "2021-05-06T07:08:09+00:00"
    assert told["from"] == [{"kind": "upload", "source": "uploads", "is_there": True}]


def test_names_follow_the_persons_own_dial(user: User) -> None:
    doubtful = {LABRADOR: 0.6, TABBY: 0.3}
    classified_photo(doubtful, content=picture(), owner=user)
    User.objects.filter(pk=user.pk).update(target=98)
    careful = library_of(archive_of(User.objects.get(pk=user.pk)))[0]["categories"]
    User.objects.filter(pk=user.pk).update(target=90)
    daring = library_of(archive_of(User.objects.get(pk=user.pk)))[0]["categories"]
    assert len(careful) < len(daring)


@pytest.mark.parametrize(
    ("precision", "at", "folder"),
    [
        (Precision.DAY, "2021-05-06", "2021/2021-05"),
        (Precision.MONTH, "2021-05", "2021/2021-05"),
        (Precision.YEAR, "2021", "2021/2021"),
    ],
)
def test_a_date_says_no_more_than_is_known(precision: Precision, at: str, folder: str, user: User) -> None:
    classified_photo(TABBY, content=picture(), owner=user, name="a.jpg", shown_at=DAY, date_precision=precision)
    (told,) = library_of(archive_of(user))
    assert told["date"]["at"] == at
    assert told["file"] == f"photos/{folder}/a.jpg"


def test_files_of_folders_come_along_as_long_as_they_are_what_was_read(tmp_path: Path, user: User) -> None:
    names = ("kept.jpg", "swapped.jpg", "gone.jpg")
    for n, name in enumerate(names):
        photo = classified_photo(TABBY, content=(content := picture(size=(60 + n, 40))), owner=user, name=name)
        photo.items.all().delete()
        file_of(photo, folder=str(tmp_path))
        (tmp_path / name).write_bytes(content)
    (tmp_path / "swapped.jpg").write_bytes(b"the passwords of this machine")
    (tmp_path / "gone.jpg").unlink()
    opened = archive_of(user)
    told = {one["name"]: one for one in library_of(opened)}
    assert {name: one["problem"] for name, one in told.items()} == {
        "kept.jpg": None,
        "swapped.jpg": "missing",
        "gone.jpg": "missing",
    }
    assert told["kept.jpg"]["from"] == [
        {"kind": "folder", "source": str(tmp_path), "is_there": True, "file": "kept.jpg"}
    ]
    assert not any(b"passwords" in opened.read(name) for name in opened.namelist() if name.startswith("photos/"))


def test_what_cannot_be_read_is_named_and_the_rest_comes(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    PhotoFactory(owner=user, state="failed", failure="damaged", name="bad.jpg", is_due=False)
    PhotoFactory(owner=user, name="new.jpg")
    classified_photo(TABBY, owner=user, name="lost.jpg")  # no file behind it
    for name in ("forbidden.jpg", "torn.jpg", "fine.jpeg"):
        classified_photo(TABBY, content=picture(size=(len(name) + 40, 40)), owner=user, name=name)
    from pictograph.export import contents

    class Torn:
        def read(self, size: int) -> bytes:
            raise OSError(5, "a bad block")

        def __enter__(self) -> "Torn":
            return self

        def __exit__(self, *error: object) -> None: ...

    real = contents.open_what_was_read

    def opening(photo: Photo) -> Any:
        if photo.name == "forbidden.jpg":
            raise PermissionError(13, "no", photo.name)
        return Torn() if photo.name == "torn.jpg" else real(photo)

    monkeypatch.setattr(contents, "open_what_was_read", opening)
    opened = archive_of(user)
    assert {one["name"]: one["problem"] for one in library_of(opened)} == {
        "bad.jpg": "damaged",
        "new.jpg": "not_read_yet",
        "lost.jpg": "missing",
        "forbidden.jpg": "forbidden",
        "torn.jpg": "unreadable",
        "fine.jpeg": None,
    }
    assert len(opened.namelist()) == 4


def test_a_file_that_changes_while_it_is_sent_spoils_the_archive(user: User, tmp_path: Path) -> None:
    photo = classified_photo(TABBY, content=bytes(3_000_000), owner=user)
    blocks = archive(user, "", "en-gb")
    seen = b""
    while len(seen) < 1_000_000:
        seen += next(blocks)
    with open(default_storage.path(photo.items.get().stored), "wb") as file:
        file.write(bytes(2_000_000))
    with pytest.raises(SizeChanged):
        b"".join(blocks)


def test_whoever_is_shut_out_meanwhile_gets_no_more(user: User) -> None:
    classified_photo(TABBY, content=picture(), owner=user)
    blocks = archive(user, "", "en-gb")
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(BrokenOff):
        b"".join(blocks)


def test_photos_that_are_deleted_meanwhile_are_passed_over(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pictograph.export.contents.PHOTOS_TOGETHER", 1)
    for n in range(3):
        classified_photo(TABBY, content=picture(size=(50 + n, 50)), owner=user, name=f"{n}.jpg")
    blocks = archive(user, "", "en-gb")
    next(blocks)
    user.photos.filter(name="2.jpg").delete()
    assert b"1.jpg" in (rest := b"".join(blocks))
    assert b"2.jpg" not in rest


def test_the_account_is_told_without_anything_that_lets_anybody_in(user: User) -> None:
    app_of(user)
    EmailAddress.objects.create(user=user, email="anna@example.org", primary=True, verified=True)
    share = share_of(user, without=("dogs",), title="For Ben")
    share.protect("open sesame")
    share.save()
    service = Service.objects.create(kind="mastodon", server="https://social.example")
    service.register(_client("client-id-1", "client-secret-1"), "https://here.example/")
    service.save()
    source = Source.objects.create(owner=user, kind=Source.Kind.ACCOUNT, name="@anna@social.example")
    connection = Connection(source=source, service=service, remote_id="42")
    connection.keep(Credentials(access="access-token-1", refresh="refresh-token-1"))
    connection.save()
    album_named(user, "Summer")
    opened = archive_of(user)
    told = account_of(opened)
    assert told["username"] == user.username
    assert told["email_addresses"] == [{"address": "anna@example.org", "is_confirmed": True, "is_in_use": True}]
    assert told["albums"][0]["name"] == "Summer"
    assert told["links"][0]["title"] == "For Ben"
    assert told["links"][0]["asks_for_a_password"] is True
    assert told["sources"][0]["connection"]["service"] == "mastodon"
    assert told["signing_in"]["app_since"]
    everything = b"".join(opened.read(name) for name in opened.namelist()).decode()
    user.refresh_from_db()
    secrets = [user.password, share.token, share.password, connection.sealed, service.sealed_secret]
    secrets += ["access-token-1", "refresh-token-1", "client-secret-1", "client-id-1", "sesame"]
    secrets += [str(value) for row in Authenticator.objects.all() for value in row.data.values() if value]
    assert [secret for secret in secrets if secret in everything] == []


def test_what_somebody_said_and_chose_comes_along(user: User) -> None:
    photo = classified_photo(LABRADOR, content=picture(), owner=user, name="dog.jpg")
    correct(user, [photo.pk], Verdict.IS, BEAGLE)
    undone = correct(user, [photo.pk], Verdict.NOT_INTERESTING, TABBY)
    assert undone
    undo(undone)
    dogs = browsing().categories["n02084071"]
    hide(user, dogs, is_hidden=True)
    assert choose_cover(user, dogs, photo.pk)
    opened = archive_of(user)
    told = account_of(opened)
    first, second = told["corrections"]
    assert (first["said"], first["category"]["name"], first["photos"]) == ("is", "beagles", 1)
    assert (first["taken_back_at"], bool(second["taken_back_at"])) == (None, True)
    assert [one["name"] for one in told["hidden_categories"]] == ["dogs"]
    assert told["covers"][0]["photo"] == "dog.jpg"
    dog = library_of(opened)[0]
    assert first["number"] in dog["corrections"]
    assert dog["learnt"] is None


def test_what_was_learnt_of_somebodys_photos_comes_along(user: User) -> None:
    said, alike = (classified_photo(LABRADOR, content=picture(colour=c), owner=user, name=c) for c in ("red", "blue"))
    correction = correct(user, [said.pk], Verdict.IS, BEAGLE)
    assert correction
    Likeness.objects.create(photo=alike, wnid=BEAGLE, weight=0.85, correction=correction)
    opened = archive_of(user)
    learnt = {one["name"]: one["learnt"] for one in library_of(opened)}
    assert learnt["red"] is None
    assert learnt["blue"]["what"]["name"] == "beagles"
    assert learnt["blue"]["correction"] == account_of(opened)["corrections"][0]["number"]
    assert account_of(opened)["corrections_last_taught_at"] is None, "no worker has looked yet"


def _client(id: str, secret: str) -> Any:
    from pictograph.providers.interface import Client

    return Client(id, secret)


def test_nobody_elses_photos_albums_or_links_come_along(user: User) -> None:
    other = UserFactory(username="somebody-else", handle="elsewhere")
    theirs = classified_photo(TABBY, content=picture(), owner=other, name="theirs.jpg", is_public=True)
    add_photos(album_named(other, "Their album"), [theirs.pk])
    share_of(other, without=("dogs",), kind=Share.Kind.PICTOGRAPH, title="Their link")
    own = classified_photo(TABBY, content=picture(colour="blue"), owner=user, name="mine.jpg")
    opened = archive_of(user)
    assert [told["name"] for told in library_of(opened)] == [own.name]
    everything = b"".join(opened.read(name) for name in opened.namelist()).decode("latin-1")
    for word in ("somebody-else", "elsewhere", "theirs.jpg", "Their album", "Their link"):
        assert word not in everything


def test_someone_with_nothing_gets_an_archive_all_the_same(user: User) -> None:
    opened = archive_of(user)
    assert opened.namelist() == ["README.txt", "account.json", "library.json"]
    assert library_of(opened) == []


def test_photos_come_by_their_dates_whatever_their_order_of_arrival(user: User) -> None:
    for year in (2022, 2020, 2021):
        PhotoFactory(owner=user, name=f"{year}.jpg", shown_at=datetime(year, 1, 1, tzinfo=UTC))
    assert [told["name"] for told in library_of(archive_of(user))] == ["2020.jpg", "2021.jpg", "2022.jpg"]


def test_the_statements_asked_do_not_grow_with_each_photo(
    user: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for n in range(30):
        classified_photo(TABBY, content=picture(size=(50 + n, 50)), owner=user)
    with django_assert_max_num_queries(30):
        archive_of(user)


def test_memory_does_not_grow_with_the_size_of_files(user: User) -> None:
    for n in range(3):
        classified_photo(TABBY, content=bytes([n]) * 20_000_000, owner=user)
    b"".join(archive(UserFactory(), "", "en-gb"))  # what is loaded once
    tracemalloc.start()
    size = sum(len(block) for block in archive(user, "", "en-gb"))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 60_000_000
    assert most < 8_000_000


def test_json_is_that_of_any_program(user: User) -> None:
    classified_photo(TABBY, content=picture(), owner=user, name='"\\\u2028\ud7ff.jpg', caption="\x1f</script>")
    (told,) = json.loads(archive_of(user).read("library.json"))["photos"]
    assert told["name"] == '"\\\u2028\ud7ff.jpg'
