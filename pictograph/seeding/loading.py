"""Writing a made-up network: the rows as publishing leaves them, a few hundred thousand in one go."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from django.db import connection, models, transaction

from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import catalogue
from pictograph.people.handles import hold_all
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.places.models import Sighting
from pictograph.search.words import PhotoWord
from pictograph.seeding.captions import captions_of
from pictograph.seeding.kinds import embeddings_of, kinds_of
from pictograph.seeding.people import Person
from pictograph.seeding.photos import Photos
from pictograph.seeding.pictures import Look
from pictograph.seeding.places import Haunts, positions_of
from pictograph.seeding.sightings import Columns, located, write_sightings
from pictograph.seeding.words import write_words
from pictograph.sources.models import Item, Source
from pictograph.store.relational.bulk import TABLES, Bulk, load, moments
from pictograph.store.relational.tables import insert

TOGETHER = 50_000  # photos a transaction
SIZE_BYTES = 3_000_000
NUMBERS = 10_000  # that cameras give files, before they begin again
PLACE = ("latitude", "longitude", "cell", "town", "country", "near_town", "near_country")


@dataclass(frozen=True)
class Told:
    """What is said of photos beside what they show, each (photos,): file names, captions, and columns of the place."""

    names: Sequence[str]
    captions: Sequence[str]
    places: Sequence[Columns | None]


def add_people(people: Sequence[Person], haunts: Haunts) -> list[int]:
    """Make their accounts, which nobody can sign in to; their ids in the same order."""
    users = [
        User(
            username=p.username,
            folded=p.username,
            handle=p.handle,
            about=p.about,
            date_joined=p.joined_at,
            shows_places=bool(shows),
        )
        for p, shows in zip(people, haunts.shows.tolist(), strict=True)
    ]
    for user in users:
        user.set_unusable_password()
    made = User.objects.bulk_create(users, batch_size=500)
    hold_all(made)
    return [user.pk for user in made]


def load_photos(
    photos: Photos, owners: Sequence[int], haunts: Haunts, network: Network, look: Look, chance: np.random.Generator
) -> np.ndarray:
    """Write photos, what the network says of them, all that counts, sums and finds them; the photos' ids."""
    first = 1 + (Photo.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)
    ids = np.arange(first, first + len(photos), dtype=np.int64)
    owner_ids = np.array(owners, dtype=np.int64)[photos.people]
    kinds, records = kinds_of(photos.labels, chance)
    bulk = Bulk(ids, owner_ids, kinds, photos.shown_s, photos.published_s, records)
    places, cells = located(positions_of(photos, haunts, chance))
    names = [f"IMG_{pk % NUMBERS:04}.JPG" for pk in ids.tolist()]
    told = Told(names, captions_of(photos.labels, chance), places)
    with _in_a_hurry(), _without_indexes([Photo, Item, PhotoWord, Sighting, *TABLES]):
        _write_photos(photos, bulk, told, network, look, chance)
        write_words(ids, owner_ids, photos.shown_s, told.names, told.captions)
        load(bulk, embeddings_of(photos.labels, chance))
        write_sightings(bulk, np.where(haunts.shows[photos.people], cells, 0))
    _tell_planner(first + len(photos))
    return ids


def _write_photos(
    photos: Photos, bulk: Bulk, told: Told, network: Network, look: Look, chance: np.random.Generator
) -> None:
    uploads = {owner: Source.of_uploads(owner).pk for owner in np.unique(bulk.owner_ids).tolist()}
    rows = _photo_rows(photos, bulk, told, network, look, chance)
    while some := list(islice(rows, TOGETHER)):
        items = _defaults(Item)
        with transaction.atomic():
            insert(Photo, some)
            insert(
                Item,
                [
                    items
                    | {
                        "source_id": uploads[row["owner_id"]],
                        "ref": f"seeded/{row['id']}.jpg",
                        "photo_id": row["id"],
                        "digest": row["digest"],
                    }
                    for row in some
                ],
            )


def _photo_rows(
    photos: Photos, bulk: Bulk, told: Told, network: Network, look: Look, chance: np.random.Generator
) -> Iterator[Mapping[str, Any]]:
    """The columns of each photo."""
    common = _defaults(Photo) | {
        "format": "JPEG",
        "size_bytes": SIZE_BYTES,
        "date_origin": int(Origin.FILE),
        "is_public": True,
        "state": Photo.State.CLASSIFIED.value,
        "network_id": network.pk,
        "edition": catalogue().naming,
        "is_due": False,
    }
    nowhere = {name: common[name] for name in PLACE} | {"place_origin": None}
    shown, published = moments(photos.shown_s), moments(photos.published_s)
    columns = (bulk.photo_ids.tolist(), bulk.owner_ids.tolist(), photos.labels.tolist())
    said = (told.names, told.captions, told.places)
    for pk, owner, label, shown_at, published_at, name, caption, place in zip(
        *columns, shown, published, *said, strict=True
    ):
        key, drawn = uuid.UUID(bytes=chance.bytes(16), version=4), look.of(label, pk)
        yield (
            common
            | (nowhere if place is None else {**place, "place_origin": int(Origin.FILE)})
            | {
                "id": pk,
                "owner_id": owner,
                "key": key if connection.features.has_native_uuid_field else key.hex,
                "name": name,
                "caption": caption,
                "caption_origin": int(Origin.PERSON) if caption else None,
                "digest": key.hex * 2,
                "picture_digest": key.hex * 2,
                "width_px": drawn.width_px,
                "height_px": drawn.height_px,
                "placeholder": drawn.placeholder,
                "shown_at": shown_at,
                **dict.fromkeys(("published_at", "created_at", "queued_at", "finished_at"), published_at),
            }
        )


def _defaults(table: type[models.Model]) -> dict[str, Any]:
    """What the columns of a table have where nobody says anything, without the id."""
    fields = [field for field in table._meta.concrete_fields if not field.primary_key]
    return {str(field.column): field.get_db_prep_save(field.get_default(), connection) for field in fields}


@contextmanager
def _in_a_hurry() -> Iterator[None]:
    """Let SQLite leave it to the system when it writes, and use more memory; a crash of the machine would show."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.execute("PRAGMA cache_size=-1500000")
        yield
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA cache_size=-65536")


@contextmanager
def _without_indexes(tables: Sequence[type[models.Model]]) -> Iterator[None]:
    """Take the indexes off tables that are empty, and make them when these are full: at once that is much quicker."""
    editor = connection.schema_editor()
    empty = [table for table in tables if not table._default_manager.exists()]
    indexes = [(table, index) for table in empty for index in table._meta.indexes]
    with connection.cursor() as cursor:
        for _, index in indexes:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(index.name)}")
        yield
        for table, index in indexes:
            cursor.execute(str(index.create_sql(table, editor)))


def _tell_planner(following: int) -> None:
    """Count the rows for the planner of queries, and let PostgreSQL go on with the ids where these end."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute("SELECT setval(pg_get_serial_sequence('pictograph_photo', 'id'), %s)", [following])
