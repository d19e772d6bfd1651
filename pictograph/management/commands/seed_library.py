"""Fill a library with made-up photos, to see and time the pages at a size nobody has at hand."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import islice
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from PIL import Image

from classifier.network.labels import Classification, SparseProbabilities
from classifier.pictures.thumbnail import encode_placeholder
from pictograph.catalogue.assignments import Classified, named
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import catalogue, hierarchy, look_again
from pictograph.management.database import bring_up_to_date
from pictograph.people.accounts import make_account
from pictograph.people.models import User
from pictograph.photos.models import GRID_SIZE, Photo
from pictograph.photos.origin import Origin
from pictograph.search.words import index_words
from pictograph.sources.models import Item, Source
from pictograph.store import prediction_store

CHUNK = 500
FIRST_YEAR, YEARS = 2009, 17
ASPECTS = ((4000, 3000), (3000, 4000), (6000, 4000), (1920, 1080), (2400, 2400))


class Command(BaseCommand):
    """`manage.py seed_library N --user NAME`."""

    help = (
        "Add N made-up photos to a library: rows, categories, counters and sums as an import leaves them, with plain "
        "coloured pictures for the newest. For timing and looking at pages; never run it on a library you keep."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare how many, whose, and by which chance."""
        parser.add_argument("photos", type=int)
        parser.add_argument("--user", default="seeded", metavar="NAME")
        parser.add_argument("--pictures", type=int, default=0, help="how many of the newest get a picture file")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write everything in chunks."""
        bring_up_to_date(self.stdout.write)
        owner = User.objects.filter(username=options["user"]).first()
        if owner is None:
            owner = make_account(options["user"])
            self.stdout.write(f"Made an account. Set its password with: manage.py changepassword {owner.username}")
        network = _current_network()
        source = Source.of_uploads(owner.pk)
        chance = np.random.default_rng([options["seed"], owner.pk, owner.photos.count()])  # no two photos are the same
        made = _make(owner, network, options["photos"], chance)
        done = 0
        while chunk := list(islice(made, CHUNK)):
            with transaction.atomic():
                photos = Photo.objects.bulk_create(photo for photo, _ in chunk)
                index_words([photo.pk for photo in photos])
                Item.objects.bulk_create(
                    Item(
                        source=source,
                        ref=(ref := f"seeded/{photo.key.hex}.jpg"),
                        stored=ref,
                        photo=photo,
                        digest=photo.digest or "",
                    )
                    for photo in photos
                )
                prediction_store().record(
                    named(
                        [
                            Classified(photo.pk, owner.pk, photo.shown_at, None, classification)
                            for photo, (_, classification) in zip(photos, chunk, strict=True)
                        ]
                    )
                )
            done += len(chunk)
            self.stderr.write(f"\r{done} photos ", ending="")
        self._draw_pictures(owner, options["pictures"], chance)
        self.stdout.write(f"{done} photos in the library of {owner.get_username()}.")

    def _draw_pictures(self, owner: User, count: int, chance: np.random.Generator) -> None:
        for photo in Photo.objects.owned_by(owner).classified().newest_first()[:count]:
            image = _picture(photo, chance)
            default_storage.save(photo.rendition_path(GRID_SIZE), ContentFile(_webp(image)))
            photo.placeholder = encode_placeholder(image)
            photo.save(update_fields=["placeholder"])


def _current_network() -> Network:
    """The current network; where none has run yet the one of the settings becomes it."""
    present = catalogue()
    network, _ = Network.objects.get_or_create(version=present.version, defaults={"label_set": present.label_set})
    if not network.is_current:
        network.make_current()
        look_again()
    return network


def _make(
    owner: User, network: Network, count: int, chance: np.random.Generator
) -> Iterator[tuple[Photo, Classification]]:
    """Unsaved photos with their classifications: a person's few interests, and a tail of everything else."""
    classes = len(hierarchy().classes)
    interests = chance.dirichlet(np.full(classes, 0.02))
    habits = 0.8 * interests + 0.2 / classes
    start = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    span_s = timedelta(days=365.25 * YEARS).total_seconds()
    now = datetime.now(UTC)
    for n in range(count):
        shown_at = start + timedelta(seconds=float(chance.uniform(0, span_s)))
        width, height = ASPECTS[int(chance.integers(len(ASPECTS)))]
        key = uuid.UUID(int=int.from_bytes(chance.bytes(16), "big"), version=4)
        photo = Photo(
            owner=owner,
            key=key,
            name=f"seeded-{n:06d}.jpg",
            digest=key.hex * 2,
            format="JPEG",
            size_bytes=3_000_000,
            width_px=width,
            height_px=height,
            shown_at=shown_at,
            date_origin=Origin.FILE,
            network=network,
            edition=catalogue().naming,
            is_due=False,
            state=Photo.State.CLASSIFIED,
            finished_at=now,
        )
        yield photo, _classification(int(chance.choice(classes, p=habits)), chance)


def _classification(label: int, chance: np.random.Generator) -> Classification:
    """A network's answer that is mostly right: sure of the class, of its neighbourhood, or of little."""
    row = np.zeros(len(hierarchy().classes))
    near = np.clip(label + chance.integers(-12, 13, size=6), 0, len(row) - 1)
    sure = float(chance.beta(2.5, 1.0))
    row[near] += (1 - sure) * chance.dirichlet(np.ones(len(near)))
    row[label] += sure
    return Classification(
        SparseProbabilities.from_dense(row / row.sum()), np.zeros(1280, dtype=np.float16), catalogue().version
    )


def _picture(photo: Photo, chance: np.random.Generator) -> Image.Image:
    """A soft gradient of two colours in the photo's shape."""
    corners = chance.integers(30, 230, size=(2, 2, 3), dtype=np.uint8)
    longest = max(photo.width_px, photo.height_px)
    size = (GRID_SIZE * photo.width_px // longest, GRID_SIZE * photo.height_px // longest)
    return Image.fromarray(corners).resize(size, Image.Resampling.BICUBIC)


def _webp(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "WEBP", quality=60, method=0)
    return file.getvalue()
