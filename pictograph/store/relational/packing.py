"""How records lie in the tables."""

import json
import math
from collections.abc import Iterable

import numpy as np

from classifier.network.labels import Classification, SparseProbabilities
from pictograph.store.interface import Assignment, Name, Record
from pictograph.store.listings import year_of
from pictograph.store.relational.models import ClassifiedPhoto, Prediction


def pack_assignments(assignments: Iterable[Assignment]) -> str:
    """Write assignments as JSON: `[["n02084071",0.97,1]]`. Numbers come back exactly as they were."""
    return json.dumps([(a.wnid, a.confidence, a.stop) for a in assignments], separators=(",", ":"))


def unpack_assignments(text: str) -> tuple[Assignment, ...]:
    """Read what `pack_assignments` wrote."""
    return tuple(Assignment(wnid, confidence, stop) for wnid, confidence, stop in json.loads(text))


def unpack_places(text: str) -> list[tuple[str, int]]:
    """Read of what `pack_assignments` wrote what is counted: wnid and stop of each."""
    return [(wnid, stop) for wnid, _, stop in json.loads(text)]


def places_of(assignments: Iterable[Assignment]) -> list[tuple[str, int]]:
    """What of assignments is counted: wnid and stop of each."""
    return [(assignment.wnid, assignment.stop) for assignment in assignments]


def pack_names(names: Iterable[Name | None]) -> str:
    """Write names as JSON: `[null,["n02084071",0.97]]`."""
    return json.dumps([name and (name.wnid, name.confidence) for name in names], separators=(",", ":"))


def unpack_names(text: str) -> tuple[Name | None, ...]:
    """Read what `pack_names` wrote."""
    return tuple(name and Name(*name) for name in json.loads(text))


def unpack_embedding(stored: bytes | memoryview) -> np.ndarray:
    """(d,) float16."""
    return np.frombuffer(bytes(stored), "<f2")


def unpack_classification(prediction: Prediction) -> Classification:
    """What a network said, put together again."""
    return Classification(
        SparseProbabilities.decode(bytes(prediction.probabilities)),
        unpack_embedding(prediction.embedding),
        prediction.model,
        math.inf if prediction.evidence is None else prediction.evidence,
    )


def unpack_record(photo: ClassifiedPhoto, prediction: Prediction) -> Record:
    """Put a record together again."""
    return Record(
        photo_id=photo.photo_id,
        owner_id=photo.owner_id,
        shown_at=photo.shown_at,
        published_at=photo.published_at,
        network=photo.network,
        classification=unpack_classification(prediction),
        assignments=unpack_assignments(photo.assignments),
        names=unpack_names(photo.names),
        corrected=None if prediction.corrected is None else SparseProbabilities.decode(bytes(prediction.corrected)),
        corrections=photo.corrections,
    )


def photo_row(record: Record) -> dict[str, object]:
    """The columns of a record's ClassifiedPhoto."""
    return {
        "photo_id": record.photo_id,
        "owner_id": record.owner_id,
        "network": record.network,
        "shown_at": record.shown_at,
        "published_at": record.published_at,
        "is_public": record.is_public,
        "assignments": pack_assignments(record.assignments),
        "names": pack_names(record.names),
        "corrections": record.corrections,
    }


def prediction_row(record: Record) -> dict[str, object]:
    """The columns of a record's Prediction."""
    said = record.classification
    return {
        "photo_id": record.photo_id,
        "network": record.network,
        "model": said.model,
        "probabilities": said.probabilities.encode(),
        "corrected": None if record.corrected is None else record.corrected.encode(),
        "embedding": said.embedding.astype("<f2").tobytes(),
        "evidence": said.evidence if math.isfinite(said.evidence) else None,
    }


def category_rows(photo: Record | ClassifiedPhoto, assignments: Iterable[Assignment]) -> list[dict[str, object]]:
    """The columns of a photo's PhotoCategory rows."""
    return [
        {
            "photo_id": photo.photo_id,
            "owner_id": photo.owner_id,
            "wnid": assignment.wnid,
            "confidence": assignment.confidence,
            "stop": assignment.stop,
            "shown_at": photo.shown_at,
            "year": year_of(photo.shown_at),
        }
        for assignment in assignments
    ]
