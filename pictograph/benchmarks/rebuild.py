"""How long a person who uploads waits while everything is recomputed beside it."""

import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from classifier.network.labels import Classification, SparseProbabilities
from pictograph.catalogue.assignments import Classified, named
from pictograph.catalogue.snapshot import catalogue, hierarchy
from pictograph.people.models import User
from pictograph.photos.deletion import delete_photos
from pictograph.photos.models import Photo
from pictograph.sources.steering import begin_upload
from pictograph.sources.uploads import receive
from pictograph.store import prediction_store
from pictograph.transactions import hold_people, transacted

EVERY_S = 0.05  # a write
JPEG = b"\xff\xd8\xff\xe0"  # enough for what looks like one; no worker reads these files


def measure_rebuild(user: User) -> dict[str, Any]:
    """Rebuild a library in a process of its own, and send files and record them meanwhile; how long that took.

    `longest_wait_ms` is of one write: a file taken in, or what a worker finds out about it. All is removed again.
    """
    report: dict[str, Any] = {"photos": user.photos.count()}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "rebuild_predictions", "--json"]
    batch = begin_upload(user)
    began, waits = time.perf_counter(), []
    with subprocess.Popen([*command, "--user", user.username], stdout=subprocess.PIPE, text=True) as rebuild:
        while rebuild.poll() is None:
            waits += _upload(user, batch)
            time.sleep(EVERY_S)
        rebuild_s = time.perf_counter() - began
        answer = rebuild.stdout.read() if rebuild.stdout else ""
    delete_photos(user, list(batch.photos.values_list("pk", flat=True)), is_remembered=False)
    batch.delete()
    return report | {
        "rebuild_s": round(rebuild_s, 1),
        "differences": len(json.loads(answer)["differences"]),
        "writes": len(waits),
        "median_wait_ms": round(statistics.median(waits) * 1000, 1),
        "longest_wait_ms": round(max(waits) * 1000, 1),
    }


def _upload(user: User, batch: Any) -> list[float]:
    """Seconds that it takes to take one file in, to record what it shows, and to say that it is classified."""
    start = time.perf_counter()
    receive(batch, SimpleUploadedFile("probe.jpg", JPEG + os.urandom(32)))
    received = time.perf_counter()
    photo = batch.photos.latest("pk")
    row = np.zeros(len(hierarchy().classes))
    row[photo.pk % len(row)] = 1.0
    said = Classification(SparseProbabilities.from_dense(row), np.zeros(8, dtype=np.float16), catalogue().version)
    records = named([Classified(photo.pk, user.pk, photo.shown_at, photo.public_since, said)])
    before = time.perf_counter()
    prediction_store().record(records)
    recorded = time.perf_counter()
    _say_classified(photo)
    return [received - start, recorded - before, time.perf_counter() - recorded]


@transacted
def _say_classified(photo: Photo) -> None:
    hold_people([photo.owner_id])
    photo.state, photo.is_due, photo.edition = Photo.State.CLASSIFIED, False, catalogue().naming
    photo.save(update_fields=["state", "is_due", "edition"])
