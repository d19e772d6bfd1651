"""Of somebody who leaves nothing stays: every table of the site is looked at, whatever it is for."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.test import Client
from django.utils import timezone

from fathom.auditing.models import AuditGroup, LabelAudit
from fathom.auditing.working import ask, work_out
from fathom.moderation.appealing import appeal
from fathom.moderation.deciding import decide
from fathom.moderation.models import Case, Decision, Notification, Report
from fathom.moderation.queue import claim_next
from pictograph.albums.contents import add_photos, album_named
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import browsing
from pictograph.categories.covers import choose_cover
from pictograph.categories.hidden import hide
from pictograph.connections.models import Connection, Remote, Service
from pictograph.corrections.correcting import correct
from pictograph.corrections.models import Likeness, Verdict
from pictograph.corrections.question_models import Answer, Question
from pictograph.corrections.questions import answer
from pictograph.explaining.models import Explanation
from pictograph.people.handles import take
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.flags import Flag
from pictograph.photos.holds import Hold
from pictograph.photos.models import Photo
from pictograph.places.counting import count_sightings
from pictograph.places.locating import locate
from pictograph.providers.interface import Credentials
from pictograph.queue.tasks import sweep
from pictograph.sources.models import Item, Rejection, Source
from tests.factories import LABRADOR, TABBY, ImportFactory, UserFactory, classified_photo, file_of, picture
from tests.fathom.moderation.making import case_of_person, case_of_photo, moderator
from tests.pictograph.people.codes import app_of
from tests.pictograph.people.signing import erase_oneself
from tests.pictograph.shares.making import share_of

# What has nobody's name on it. A handle is held for a while, by nobody (`pictograph.people.handles`); the store is told
# once more, an hour later, to forget some numbers (`pictograph.store.outbox`); other browsers' sessions open nothing.
# An audit of labels counts, and forgets who asked for it. The audit log knows people by their numbers alone. What they
# reported of others stays, without their name.
OF_THE_SITE = {
    *("Service", "Network", "Edition", "Mending", "ContentType", "Permission"),
    *("HandleHold", "Notice", "Session", "AuditEntry", "Report", "LabelAudit", "AuditedLabel"),
}


def rows() -> dict[str, int]:
    """How many each table has."""
    return {
        model.__name__: model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model.__name__ not in OF_THE_SITE
    }


def live_fully(user: User) -> None:
    """Have somebody use everything that there is."""
    take(user, "anna")
    User.objects.filter(pk=user.pk).update(handle="anna", shows_places=True)
    user.refresh_from_db()
    batch = ImportFactory(owner=user)
    Rejection.objects.create(batch=batch, name="notes.txt", reason="not_a_picture")
    placed = {"latitude": 41.9, "longitude": 12.5, "is_public": True, "caption": "A dog"}
    photos = [classified_photo(LABRADOR, content=picture(size=(60 + n, 40)), owner=user, **placed) for n in range(3)]
    locate([photo.pk for photo in photos])
    count_sightings([photo.pk for photo in photos])
    file_of(classified_photo(TABBY, owner=user), folder="/pictures")
    delete_photos(user, [photos.pop().pk])
    add_photos(album_named(user, "Summer"), [photo.pk for photo in photos])
    share_of(user, without=("dogs",))
    made = correct(user, [photo.pk for photo in photos], Verdict.TOO_SPECIFIC, LABRADOR)
    assert made is not None
    Likeness.objects.create(photo=photos[0], wnid=TABBY, weight=0.5, correction=made)
    Hold.objects.create(photo=classified_photo(TABBY, owner=user, is_held=True), kind=Hold.Kind.REVIEW)
    Flag.objects.create(photo=photos[0], reasons=["unsafe"])
    network, now = Network.objects.get(), timezone.now()
    Explanation.objects.create(photo=photos[0], wnid=LABRADOR, network=network, by=user, kept_until=now)
    dogs = browsing().categories["n02084071"]
    hide(user, dogs, is_hidden=True)
    assert choose_cover(user, dogs, photos[0].pk)
    EmailAddress.objects.create(user=user, email="anna@example.org")
    app_of(user)
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "Laptop", "credential": {}})
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=user, content_type=kind, object_id=str(user.pk), action_flag=CHANGE)
    question = Question(owner=user, photo=photos[-1], network=Network.objects.get(), wnid=LABRADOR, stop=1)
    question.confidence, question.floor, question.is_random = 0.9, 0.8, True
    question.save()
    answer(user, question.pk, Answer.YES)
    group = AuditGroup.objects.create(name="Mine", kind="import", batch=batch, note="To see.", made_by=user)
    group.people.add(user)
    ask(user)
    assert work_out() is not None
    live_elsewhere(user)
    live_among_others(user, classified_photo(LABRADOR, owner=user, is_public=True))


def live_among_others(user: User, photo: Photo) -> None:
    """Report what another has published, be reported, be told what came of it and disagree, and decide on others."""
    others = Photo.objects.exclude(owner=user).get()
    case_of_photo(others, user)
    decision = decide(case_of_photo(photo, others.owner).pk, 0, Decision.Action.UNPUBLISH, moderator("mo"))
    appeal(Notification.objects.get(decision=decision), "It is mine.")
    case_of_person(user, others.owner)
    permissions = Permission.objects.filter(codename__in=("moderate", "suspend"))
    user.user_permissions.set(permissions)
    claim_next(User.objects.get(pk=user.pk))


def live_elsewhere(user: User) -> None:
    """Connect an account at a service, of which a photo is here and another is not."""
    source = Source.objects.create(owner=user, kind=Source.Kind.ACCOUNT, name="@anna@social.example")
    service = Service.objects.create(kind="mastodon", server="https://social.example")
    own = Connection(source=source, service=service, remote_id="42")
    own.keep(Credentials(access="access-token"))
    own.save()
    photo = classified_photo(TABBY, content=picture(size=(99, 40)), owner=user)
    default_storage.save("originals/fetched.jpg", ContentFile(picture()))
    Item.objects.create(source=source, ref="1", photo=photo, stored="originals/fetched.jpg")
    for ref in ("1", "2"):
        Remote.objects.create(connection=own, ref=ref, name=f"{ref}.jpg")


@pytest.fixture
def told_to_forget(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens that services are told to forget."""
    told: list[str] = []

    class Provider:
        def revoke(self, credentials: Credentials) -> None:
            told.append(credentials.access)

    monkeypatch.setattr("pictograph.connections.leaving.provider_of", lambda service: Provider())
    return told


def test_no_row_and_no_file_stays_and_services_forget_too(
    client: Client, db: None, media: Any, told_to_forget: list[str], celery_messages: list[str]
) -> None:
    other = UserFactory()
    case_of_photo(classified_photo(LABRADOR, content=picture(), owner=other, is_public=True))
    sweep()
    before, files = rows(), {path for path in media.rglob("*") if path.is_file()}
    user = UserFactory(username="anna")
    live_fully(user)
    used = {name for name, count in rows().items() if count > before[name]}
    assert {"User", "Photo", "Authenticator", "Connection", "Remote", "Share", "EmailAddress", "Tombstone"} <= used
    assert {"Question", "Correction", "Judgement", "Likeness", "Hold", "Flag", "HiddenCategory", "Cover"} <= used
    assert {"Case", "Decision", "Notification", "Appeal", "AuditGroup", "AuditedGroup"} <= used
    client.force_login(user)
    erase_oneself(client)
    sweep()
    User.objects.get(username="mo").delete()
    assert rows() == before
    assert not Report.objects.filter(reporter__isnull=False).exclude(reporter=other).exists()
    assert not Case.objects.exclude(claimed_by=None).exists()
    assert not LabelAudit.objects.exclude(asked_by=None).exists()
    assert {path for path in media.rglob("*") if path.is_file()} == files
    assert told_to_forget == ["access-token"]


def test_no_table_is_left_that_names_a_person_and_is_not_emptied(db: None) -> None:
    """A new table that points to people takes part by itself: deleting them takes its rows along, or forgets them."""
    kept = {
        f"{model.__name__}.{field.name}": getattr(field.remote_field, "on_delete", None)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.remote_field is not None and field.related_model is User
    }
    followed = (models.CASCADE, models.SET_NULL)
    assert {name for name, on_delete in kept.items() if on_delete not in followed} == set()
    assert "Authenticator.user" in kept


def test_a_service_that_is_away_keeps_nobody_here(
    user: User, client: Client, monkeypatch: pytest.MonkeyPatch, celery_messages: list[str]
) -> None:
    from pictograph.fetching.errors import Transient

    class Away:
        def revoke(self, credentials: Credentials) -> None:
            raise Transient("no answer")

    monkeypatch.setattr("pictograph.connections.leaving.provider_of", lambda service: Away())
    live_elsewhere(user)
    client.force_login(user)
    erase_oneself(client)
    assert not User.objects.exists()
    assert not Connection.objects.exists()
    assert not Photo.objects.exists()
