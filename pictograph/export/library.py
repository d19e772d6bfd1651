"""What `library.json` tells of each photo: to its owner, all that the site knows."""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import override

from classifier.pictures.dates import Precision
from pictograph.albums.models import AlbumPhoto
from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.snapshot import browsing
from pictograph.corrections.models import Judgement, Likeness
from pictograph.corrections.question_models import Question
from pictograph.people.models import User
from pictograph.photos.holds import HoldSaid, said_of
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.places.naming import place_words
from pictograph.sources.models import Item, Source
from pictograph.store import prediction_store
from pictograph.store.interface import Record

PHOTOS_TOGETHER = 200
WRITTEN = {
    Precision.MOMENT: "%Y-%m-%dT%H:%M:%S",
    Precision.DAY: "%Y-%m-%d",
    Precision.MONTH: "%Y-%m",
    Precision.YEAR: "%Y",
}

Told = dict[str, Any]


def ids_by_date(owner: User) -> "array[int]":
    """A person's photos, those taken first coming first; eight bytes each."""
    photos = Photo.objects.owned_by(owner).order_by("shown_at", "pk").values_list("pk", flat=True)
    return array("q", photos.iterator(chunk_size=5000))


def told_of(owner: User, ids: Sequence[int], language: str) -> Iterator[tuple[Photo, Told]]:
    """Some photos, in that order, with all that is known of each but where its file is put."""
    photos = Photo.objects.owned_by(owner).prefetch_related("items__source")
    with override(language):
        found = photos.in_order_of(ids)
        records = {record.photo_id: record for record in prediction_store().find_many([p.pk for p in found])}
        albums, stop = _albums(owner, ids), stop_of(owner)
        asked, held, said, learnt = _asked(owner, ids), said_of(found), _corrections(ids), _learnt(ids)
        told = [
            (
                photo,
                _told(photo, records.get(photo.pk), stop, albums)
                | {
                    "corrections": said.get(photo.pk, []),
                    "learnt": learnt.get(photo.pk),
                    "asked": asked.get(photo.pk, []),
                    "held": _held(held.get(photo.pk)),
                },
            )
            for photo in found
        ]
    yield from told


def _albums(owner: User, ids: Sequence[int]) -> Mapping[int, list[str]]:
    entries = AlbumPhoto.objects.filter(album__owner=owner, photo__in=ids).order_by("album__folded")
    albums: dict[int, list[str]] = defaultdict(list)
    for photo_id, name in entries.values_list("photo", "album__name"):
        albums[photo_id].append(name)
    return albums


def _held(said: HoldSaid | None) -> Told | None:
    """Why others do not see a photo that its owner has published."""
    return {"kind": said.kind, "may_show": said.shows or None, "moderator": said.words or None} if said else None


def _corrections(ids: Sequence[int]) -> Mapping[int, list[int]]:
    """The numbers of what was said of each photo, as `account.json` lists it."""
    said: dict[int, list[int]] = defaultdict(list)
    judgements = Judgement.objects.filter(photo__in=ids).order_by("pk")
    for photo_id, correction in judgements.values_list("photo", "correction"):
        said[photo_id].append(correction)
    return said


def _learnt(ids: Sequence[int]) -> Mapping[int, Told]:
    """What photos are taken for because photos like them were corrected, with the number of the latest correction."""
    alike = Likeness.objects.filter(photo__in=ids).values_list("photo", "wnid", "weight", "correction")
    return {pk: {"what": _category(wnid, weight), "correction": number} for pk, wnid, weight, number in alike}


def _asked(owner: User, ids: Sequence[int]) -> Mapping[int, list[Told]]:
    """What the owner was asked about each photo, and answered."""
    asked: dict[int, list[Told]] = defaultdict(list)
    for question in Question.objects.asked_of(owner.pk).filter(photo__in=ids).order_by("pk"):
        told = {"asked_at": _moment(question.asked_at), "answer": question.answer or None}
        asked[question.photo_id].append({"whether": _category(question.wnid, question.confidence)} | told)
    return asked


def _told(photo: Photo, record: Record | None, stop: int, albums: Mapping[int, list[str]]) -> Told:
    is_classified = photo.state == Photo.State.CLASSIFIED and record is not None
    return {
        "name": photo.name,
        "sha256": photo.digest,
        "bytes": photo.size_bytes,
        "format": photo.format,
        "width": photo.width_px,
        "height": photo.height_px,
        "date": {
            "at": photo.shown_at.strftime(WRITTEN[Precision(photo.date_precision)]).zfill(4),
            "precision": photo.date_precision,
            "origin": _origin(photo.date_origin),
        },
        "place": _place(photo),
        "caption": {"text": photo.caption, "origin": _origin(photo.caption_origin)} if photo.caption else None,
        "camera": photo.camera or None,
        "called": _called(record, stop) if is_classified else None,
        "categories": _categories(record, stop) if is_classified else [],
        "albums": albums.get(photo.pk, []),
        "published_since": _moment(photo.published_at or photo.created_at) if photo.is_public else None,
        "added_at": _moment(photo.created_at),
        "from": [_whence(item) for item in photo.items.all()],
        "state": photo.state,
        "failure": photo.failure or None,
    }


def _place(photo: Photo) -> Told | None:
    if photo.latitude is None or photo.longitude is None:
        return None
    return {
        "latitude": photo.latitude,
        "longitude": photo.longitude,
        "origin": _origin(photo.place_origin),
        "near": place_words(photo, is_own=True) or None,
    }


def _called(record: Record | None, stop: int) -> Told | None:
    name = record.names[stop] if record and stop < len(record.names) else None
    return _category(name.wnid, name.confidence) if name else None


def _categories(record: Record | None, stop: int) -> list[Told]:
    """Those that list the photo at its owner's stop of the dial, general ones first."""
    listed = [one for one in record.assignments if one.stop <= stop] if record else []
    return [said for one in listed if (said := _category(one.wnid, one.confidence))]


def _category(wnid: str, confidence: float) -> Told | None:
    category = browsing().categories.get(wnid)  # what a moderator has blocked is said nowhere
    return {"wnid": wnid, "name": category.name, "confidence": round(confidence, 4)} if category else None


def _whence(item: Item) -> Told:
    source = item.source
    told: Told = {"kind": source.kind, "source": str(source), "is_there": not item.is_lost}
    return told | ({"file": item.ref} if source.kind == Source.Kind.FOLDER else {})


def _origin(origin: int | None) -> str | None:
    return None if origin is None else Origin(origin).name.lower()


def _moment(moment: Any) -> str:
    return str(moment.isoformat(timespec="seconds"))
