"""A small world whose figures can be worked out by hand."""

from dataclasses import replace
from typing import Any

from fathom.auditing.models import AuditedFigure, AuditedLabel, AuditGroup, LabelAudit
from fathom.auditing.working import ask, work_out
from pictograph.catalogue.assignments import made_alone
from pictograph.catalogue.models import Network
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.store import stored_predictions
from tests.factories import UserFactory, classification, record_of
from tests.factories import classified_photo as _classified_photo
from tests.fathom.moderation.making import DAY
from tests.pictograph.corrections.asking import network_of_now

DOGS = "n02084071"


def person(name: str) -> User:
    """Somebody with a page."""
    return UserFactory(username=f"u-{name}", handle=name)


def public(owner: User, shows: str, **fields: Any) -> Photo:
    """A photo that everyone sees."""
    network_of_now()
    about: dict[str, Any] = {"is_public": True, "published_at": DAY} | fields
    return _classified_photo(shows, owner=owner, **about)


def many(owner: User, shows: str, count: int, **fields: Any) -> list[Photo]:
    """Rows of photos that everyone sees, without pictures: many are made at once."""
    first = public(owner, shows, **fields)
    fields = {"owner": owner, "is_public": True, "published_at": DAY, "state": first.state} | fields
    fields |= {"network_id": first.network_id, "edition": first.edition, "shown_at": first.shown_at}
    rows = [Photo(name="more.jpg", is_due=False, finished_at=first.finished_at, **fields) for _ in range(count - 1)]
    Photo.objects.bulk_create(rows)
    stored_predictions().record([record_of(photo, shows) for photo in rows])
    return [first, *rows]


def seen_before(photo: Photo, shows: str) -> Network:
    """Have a photo classified by an earlier network too, which took it for something perhaps else."""
    former, _ = Network.objects.get_or_create(version="the-former", defaults={"label_set": "imagenet_1k"})
    (now,) = stored_predictions().find_many([photo.pk])
    said = classification(shows, model="the-former")
    (made,) = made_alone([(former.pk, said)])
    listed = replace(
        now, network=former.pk, classification=said, assignments=made.assignments, names=made.names, corrected=None
    )
    stored_predictions().record([listed])
    stored_predictions().record([now])
    return former


def worked_out(by: User | None = None) -> LabelAudit:
    """The audit of the world as it is now."""
    ask(by or UserFactory())
    audit = work_out()
    assert audit is not None
    return audit


def label(audit: LabelAudit, wnid: str) -> AuditedLabel:
    """What was found of a category."""
    return audit.labels.get(wnid=wnid)


def figures(audit: LabelAudit, group: AuditGroup) -> dict[str, AuditedFigure]:
    """What was found of a group, by measure."""
    return {one.measure: one for one in AuditedFigure.objects.filter(group__audit=audit, group__group=group)}
