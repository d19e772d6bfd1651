"""What a reader says that was taken over costs the photo that took it over, and nothing else."""

from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
import pytest

from classifier import preparing
from classifier.pictures import memory
from classifier.pictures.answers import is_rendering, receive
from classifier.pictures.apart import Done, HasRead, Refused, RoomWanted
from classifier.pictures.dates import Origin
from classifier.pictures.prepare import prepare
from classifier.work import Job, Outcome, Reason
from tests.classifier.pictures import FRAMING, encoded, quarters

PHOTO, VIEWS = prepare(encoded(quarters(300, 200), "JPEG"), FRAMING)


def prepared(made: object, monkeypatch: pytest.MonkeyPatch, path: Path) -> object:
    monkeypatch.setattr(preparing._readers, "read", lambda *_: made)
    path.write_bytes(b"")
    return preparing.prepare_apart(Job(1, path.name, lambda: path.open("rb")), FRAMING, lambda: False)


@pytest.mark.parametrize(
    "made",
    [
        None,
        (PHOTO, None),
        (PHOTO, VIEWS[:1]),
        (PHOTO, VIEWS.astype(np.float32)),
        (replace(PHOTO, camera="x" * 1000), VIEWS),
        (replace(PHOTO, caption="\0"), VIEWS),
        (replace(PHOTO, caption="x" * 2001), VIEWS),
        (replace(PHOTO, caption_origin="you"), VIEWS),  # type: ignore[arg-type]
        (replace(PHOTO, width_px=-1), VIEWS),
        (replace(PHOTO, latitude=float("nan")), VIEWS),
    ],
)
def test_what_is_no_prepared_photo_is_a_failure_of_that_photo(
    made: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = prepared(made, monkeypatch, tmp_path / "a.jpg")
    assert isinstance(outcome, Outcome)
    assert outcome.failure == Reason.CRASHED


def test_what_readers_make_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    located = replace(PHOTO, latitude=1.5, longitude=-2.5, caption="words", caption_origin=Origin.FILE)
    assert isinstance(prepared((located, VIEWS), monkeypatch, tmp_path / "a.jpg"), preparing.Prepared)
    assert is_rendering((b"picture", "digest"))
    assert not is_rendering((b"picture",))


@pytest.mark.parametrize("said", [RoomWanted("x"), RoomWanted(-1), Refused("no", "x"), 7])  # type: ignore[arg-type]
def test_what_no_reader_says_ends_it(said: object) -> None:
    ours, theirs = Pipe()
    theirs.send(said)
    with pytest.raises(EOFError):
        receive(ours)


def test_what_readers_say_is_heard() -> None:
    ours, theirs = Pipe()
    for said in (HasRead(), RoomWanted(5), Refused(Reason.DAMAGED, "x"), Done(None)):
        theirs.send(said)
        assert receive(ours) == said


def test_a_large_picture_does_not_wait_for_ordinary_ones_nor_they_for_it() -> None:
    with memory.room_in_this_process(memory.ALL_LARGE_BYTES), memory.room_in_this_process(memory.ORDINARY_BYTES):
        pass
    with (
        memory.room_in_this_process(memory.ORDINARY_BYTES),
        memory.room_in_this_process(memory.ORDINARY_BYTES),
        memory.room_in_this_process(memory.ALL_LARGE_BYTES, lambda: True),
    ):
        pass
