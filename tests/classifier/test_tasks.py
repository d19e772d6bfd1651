"""A message means "there is work": many cost no more than one, and none is lost."""

import threading

import pytest
from pytest_django import Settings

from classifier import tasks
from classifier.pipeline import Counts
from classifier.work import HeldUp

WAIT_S = 10


@pytest.fixture(autouse=True)
def a_fresh_worker(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """A process that has not been told to stop, and whose network is not the point."""
    monkeypatch.setattr(tasks, "_stop", threading.Event())
    monkeypatch.setattr(tasks, "_work_came", threading.Event())
    monkeypatch.setattr(tasks, "open_for_work", lambda: None)
    settings.CLASSIFIER_WORK = "builtins.object"


def test_a_message_that_comes_during_a_run_makes_it_look_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    is_running, may_end = threading.Event(), threading.Event()

    def slow_drain(*args: object, **kwargs: object) -> Counts:
        runs.append(1)
        is_running.set()
        assert may_end.wait(WAIT_S)
        return Counts(0, 0, 0)

    monkeypatch.setattr(tasks, "drain", slow_drain)
    worker = threading.Thread(target=tasks.classify_pending, daemon=True)
    worker.start()
    assert is_running.wait(WAIT_S)
    for _ in range(5):
        tasks.classify_pending()  # returns at once
    assert len(runs) == 1
    may_end.set()
    worker.join(WAIT_S)
    assert len(runs) == 2


def test_an_error_leaves_the_worker_ready_for_the_next_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_drain(*args: object, **kwargs: object) -> Counts:
        raise RuntimeError("once")

    monkeypatch.setattr(tasks, "drain", broken_drain)
    with pytest.raises(RuntimeError, match="once"):
        tasks.classify_pending()
    runs = []

    def sound_drain(*args: object, **kwargs: object) -> Counts:
        runs.append(1)
        return Counts(1, 0, 0)

    monkeypatch.setattr(tasks, "drain", sound_drain)
    tasks.classify_pending()
    assert runs == [1]


def test_a_worker_that_shuts_down_stops_its_run_and_begins_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    stops = []

    def noting_drain(source: object, classifier: object, stop: threading.Event, **rest: object) -> Counts:
        stops.append(stop)
        return Counts(0, 0, 0)

    monkeypatch.setattr(tasks, "drain", noting_drain)
    tasks.classify_pending()
    assert not stops[0].is_set()
    tasks.finish_up()
    assert stops[0].is_set()
    tasks.classify_pending()
    assert len(stops) == 1


def test_a_worker_that_was_held_up_claims_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []

    def held_up_once(*args: object, **kwargs: object) -> Counts:
        runs.append(1)
        if len(runs) == 1:
            raise HeldUp("This worker stood still.")
        return Counts(1, 0, 0)

    monkeypatch.setattr(tasks, "drain", held_up_once)
    tasks.classify_pending()
    assert len(runs) == 2
