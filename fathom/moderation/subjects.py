"""What can be reported by whom: photos that others have published, the labels on them, and people."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from fathom.moderation.models import Case, Report
from pictograph.catalogue.certainty import spoken
from pictograph.corrections.said import verdicts_on
from pictograph.pages.addresses import category_or_404
from pictograph.pages.faces import Viewer, published
from pictograph.people.models import User
from pictograph.photos.cards import PhotoCard, card_of
from pictograph.photos.detail import labels_of
from pictograph.photos.models import Photo
from pictograph.store import prediction_store

Reason = Report.Reason
# What can be wrong with each, in the order of the form.
REASONS: Mapping[str, tuple[Report.Reason, ...]] = {
    Case.Kind.PHOTO: (Reason.WITHOUT_CONSENT, Reason.UNSAFE, Reason.VIOLENCE, Reason.COPIED, Reason.OTHER),
    Case.Kind.LABEL: (Reason.INSULTING, Reason.WRONG, Reason.OTHER),
    Case.Kind.PERSON: (Reason.PRETENDS, Reason.HARASSES, Reason.INSULTING, Reason.ADVERTISES, Reason.OTHER),
}


@dataclass(frozen=True)
class Subject:
    """Something that a viewer may report: what it is called on the form, and the page that it is on."""

    kind: Case.Kind
    person: User
    url: str
    name: str = ""
    wnid: str = ""
    photo: Photo | None = None

    @property
    def key(self) -> str:
        """What cases and the audit log call it.

        >>> Subject(Case.Kind.PERSON, User(pk=5), "/").key
        'person 5'
        """
        number = self.person.pk if self.photo is None else self.photo.pk
        return f"{self.kind} {number} {self.wnid}".strip()

    @property
    def reasons(self) -> tuple[Report.Reason, ...]:
        """What can be wrong with it."""
        return REASONS[self.kind]

    @property
    def card(self) -> PhotoCard | None:
        """The photo that it is, or is on."""
        return card_of(self.photo) if self.photo else None


def photo_subject(viewer: Viewer, photo_id: int) -> Subject:
    """A photo of somebody else. Raises Http404 for one that the viewer may not see, and for one of their own."""
    photo = _of_somebody_else(viewer, photo_id)
    return Subject(Case.Kind.PHOTO, photo.owner, photo.get_absolute_url(), photo=photo)


def label_subject(viewer: Viewer, photo_id: int, wnid: str) -> Subject:
    """A label on such a photo. Raises Http404 also for one that the photo does not have."""
    photo, category = _of_somebody_else(viewer, photo_id), category_or_404(wnid)
    record = prediction_store().find(photo_id)
    guesses = labels_of(record, verdicts_on(photo)) if record else ()
    said = {a.wnid for a in record.assignments} | {guess.category.wnid for guess in guesses} if record else ()
    if category.wnid not in said:
        raise Http404("The photo is not called so.")
    return Subject(Case.Kind.LABEL, photo.owner, photo.get_absolute_url(), spoken(category), category.wnid, photo)


def person_subject(viewer: Viewer, handle: str) -> Subject:
    """Somebody else who has published. Raises Http404 where nobody has of that handle."""
    person = get_object_or_404(published(), handle=handle)
    if person.pk == viewer.pk:
        raise Http404("Nobody reports themselves.")
    return Subject(Case.Kind.PERSON, person, reverse("person", args=[handle]), handle)


def _of_somebody_else(viewer: Viewer, photo_id: int) -> Photo:
    photos = Photo.objects.visible_to(viewer).classified().select_related("owner")
    photo = get_object_or_404(photos, pk=photo_id)
    if photo.owner_id == viewer.pk:
        raise Http404("Nobody reports what is their own.")
    return photo
