"""Rows for tests: people, photos, and classifications that are made up but have the true form."""

import hashlib
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import factory
import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from factory.django import DjangoModelFactory
from PIL import Image

from classifier.network.labels import Classification, SparseProbabilities
from pictograph.catalogue.assignments import Classified, named
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import catalogue, look_again
from pictograph.people.models import User
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.search.words import index_words
from pictograph.sources.models import Import, Item, Source
from pictograph.store import prediction_store
from pictograph.store.interface import Record
from taxonomy.hierarchy import load_hierarchy

EMBEDDING = np.zeros(8, dtype=np.float16)
TABBY, EGYPTIAN_CAT, LABRADOR, BEAGLE, SPORTS_CAR, DAISY = (
    "n02123045", "n02124075", "n02099712", "n02088364", "n04285008", "n11939491",
)  # fmt: skip


Made = TypeVar("Made")


class Factory(DjangoModelFactory[Made]):
    """A factory whose call is known to give a row, as `create` does: its own types call it a factory."""

    class Meta:
        abstract = True

    if TYPE_CHECKING:

        def __new__(cls, **fields: Any) -> Made: ...  # type: ignore[misc]


class UserFactory(Factory[User]):
    """Someone whose password is `secret-word`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    password = factory.django.Password("secret-word")


def uploads_of(owner: User) -> Source:
    """The source of what someone uploads."""
    return Source.of_uploads(owner.pk)


class ImportFactory(Factory[Import]):
    """An upload just begun."""

    class Meta:
        model = Import

    owner = factory.SubFactory(UserFactory)
    source = factory.LazyAttribute(lambda batch: uploads_of(batch.owner))


class PhotoFactory(Factory[Photo]):
    """A pending photo with no file behind it."""

    class Meta:
        model = Photo

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"IMG_{n:04d}.jpg")
    digest = factory.Sequence(lambda n: f"{n:064x}")
    size_bytes = 1_000_000
    shown_at = factory.Sequence(lambda n: datetime(2023, 1, 1, tzinfo=UTC) + timedelta(hours=n))
    width_px, height_px = 1200, 900
    published_at = factory.LazyAttribute(
        lambda photo: datetime.now(UTC) if getattr(photo, "is_public", False) else None
    )
    is_due = factory.LazyAttribute(lambda photo: getattr(photo, "state", "pending") == Photo.State.PENDING)


def item_of(photo: Photo, ref: str = "", content: bytes = b"") -> Item:
    """An upload that a photo was made from, kept in the storage where it has content."""
    ref = ref or f"originals/{photo.pk}.jpg"
    if content:
        default_storage.save(ref, ContentFile(content))
    return Item.objects.create(
        source=uploads_of(photo.owner),
        ref=ref,
        stored=ref,
        photo=photo,
        size_bytes=len(content),
        digest=photo.digest or "",
    )


def file_of(photo: Photo, folder: str = "/pictures", **fields: Any) -> Item:
    """A file that is read where it lies, as a scan has met it."""
    source, _ = Source.objects.get_or_create(owner=photo.owner, kind=Source.Kind.FOLDER, folder=folder)
    fields = {"ref": photo.name, "digest": photo.digest or ""} | fields
    return Item.objects.create(source=source, photo=photo, **fields)


def classification(probabilities: dict[str, float] | str, model: str = "") -> Classification:
    """What a network might say: probabilities by wnid of a class, or one wnid it is sure of."""
    hierarchy = load_hierarchy()
    if isinstance(probabilities, str):
        probabilities = {probabilities: 0.99}
    row = np.zeros(len(hierarchy.classes))
    for wnid, probability in probabilities.items():
        row[_class_of()[wnid]] = probability
    return Classification(SparseProbabilities.from_dense(row), EMBEDDING, model or catalogue().version)


@cache
def _class_of() -> dict[str, int]:
    hierarchy = load_hierarchy()
    return {hierarchy.synsets[synset].wnid: c for c, synset in enumerate(hierarchy.classes.tolist())}


def record_of(photo: Photo, probabilities: dict[str, float] | str) -> Record:
    """What the store keeps of a photo, as a worker would bring it."""
    (record,) = records_of([photo], [probabilities])
    return record


def records_of(photos: Sequence[Photo], probabilities: Sequence[dict[str, float] | str]) -> list[Record]:
    """What the store keeps of several photos."""
    known = {"label_set": "imagenet_1k", "is_current": not Network.objects.filter(is_current=True).exists()}
    if Network.objects.get_or_create(version=catalogue().version, defaults=known)[1]:
        look_again()  # as who takes on a network does
    return named(
        [
            Classified(photo.pk, photo.owner_id, photo.shown_at, photo.public_since, classification(shown))
            for photo, shown in zip(photos, probabilities, strict=True)
        ]
    )


def classified_photo(probabilities: dict[str, float] | str, *, content: bytes = b"", **fields: Any) -> Photo:
    """A photo in the library, with its thumbnail, its categories, and where it has content its file."""
    if content:
        fields["digest"] = hashlib.sha256(content).hexdigest()
    photo = PhotoFactory(state=Photo.State.CLASSIFIED, finished_at=datetime.now(UTC), **fields)
    record = record_of(photo, probabilities)
    photo.edition, photo.network_id = catalogue().naming, record.network or None
    photo.save(update_fields=["edition", "network"])
    item_of(photo, content=content)
    default_storage.save(photo.rendition_path(GRID_SIZE), ContentFile(picture("WEBP")))
    prediction_store().record([record])
    index_words([photo.pk])
    return photo


def picture(format: str = "JPEG", size: tuple[int, int] = (64, 48), colour: str = "teal", **options: Any) -> bytes:
    """The bytes of a plain picture."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, format, **options)
    return file.getvalue()


def make_library(owner: User, kinds: Sequence[tuple[str, int]] = ()) -> list[Photo]:
    """Photos of each wnid as often as said, half in 2022 and half in 2023."""
    kinds = kinds or ((LABRADOR, 12), (BEAGLE, 4), (TABBY, 10), (EGYPTIAN_CAT, 2), (SPORTS_CAR, 8), (DAISY, 4))
    shows = [(k, n, wnid) for k, (wnid, count) in enumerate(kinds) for n in range(count)]
    days = [datetime(2022 + n % 2, 1 + k, 1 + n % 28, 12, n % 60, tzinfo=UTC) for k, n, _ in shows]
    fields = {"owner": owner, "state": Photo.State.CLASSIFIED, "finished_at": datetime.now(UTC)}
    photos = [PhotoFactory.build(shown_at=day, **fields) for day in days]
    Photo.objects.bulk_create(photos)
    records = records_of(photos, [wnid for _, _, wnid in shows])
    thumbnail = picture("WEBP")
    edition, network = catalogue().naming, records[0].network or None  # all are of one
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(edition=edition, network_id=network)
    for photo in photos:
        photo.edition, photo.network_id = edition, network
        default_storage.save(photo.rendition_path(GRID_SIZE), ContentFile(thumbnail))
    source = uploads_of(owner)
    Item.objects.bulk_create(
        Item(
            source=source, ref=(ref := f"originals/{photo.pk}.jpg"), stored=ref, photo=photo, digest=photo.digest or ""
        )
        for photo in photos
    )
    prediction_store().record(records)
    index_words([photo.pk for photo in photos])
    return photos
