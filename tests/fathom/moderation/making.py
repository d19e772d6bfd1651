"""Cases and those who decide on them, for tests."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client

from fathom.moderation.models import Case, Report
from fathom.moderation.reporting import file_report
from fathom.moderation.subjects import Subject
from pictograph.people.models import User
from pictograph.photos.models import Photo
from tests.factories import LABRADOR, UserFactory, classified_photo

DAY = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)  # when photos were published
EVERYTHING = ("moderate", "suspend")


def moderator(name: str = "", permissions: tuple[str, ...] = EVERYTHING, **fields: Any) -> User:
    """Somebody who looks after the site."""
    named = {"username": name} if name else {}
    user = UserFactory(is_staff=True, **named, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions, content_type__app_label="fathom"))
    return User.objects.get(pk=user.pk)


def published_photo(owner: User | None = None, **fields: Any) -> Photo:
    """A photo of a dog that everyone sees."""
    owner = owner or UserFactory(handle=f"h{User.objects.count()}x")
    return classified_photo(LABRADOR, owner=owner, is_public=True, **{"published_at": DAY} | fields)


def case_of_photo(photo: Photo | None = None, reporter: User | None = None, **fields: Any) -> Case:
    """A photo that somebody has reported."""
    photo = photo or published_photo()
    subject = Subject(Case.Kind.PHOTO, photo.owner, "/", photo=photo)
    return _reported(subject, reporter, fields.get("reason", Report.Reason.UNSAFE), fields.get("words", ""))


def case_of_label(photo: Photo, wnid: str = LABRADOR, reporter: User | None = None) -> Case:
    """A label that somebody has reported."""
    subject = Subject(Case.Kind.LABEL, photo.owner, "/", "dogs", wnid, photo)
    return _reported(subject, reporter, Report.Reason.INSULTING)


def case_of_person(person: User, reporter: User | None = None) -> Case:
    """A person whom somebody has reported."""
    return _reported(Subject(Case.Kind.PERSON, person, "/"), reporter, Report.Reason.HARASSES)


def _reported(subject: Subject, reporter: User | None, reason: Report.Reason, words: str = "") -> Case:
    """The case of a report, as it is now."""
    return Case.objects.get(pk=file_report(subject, reporter, reason, words).case_id)


def client_of(user: User) -> Client:
    """A browser in which somebody has signed in."""
    client = Client()
    client.force_login(user)
    return client
