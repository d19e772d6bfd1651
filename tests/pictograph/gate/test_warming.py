"""What the first visitors would wait for is there before they come."""

import logging
from pathlib import Path

import pytest

from pictograph.gate import warming
from pictograph.places import building
from pictograph.places.building import build_once
from pictograph.search.knowledge import lexicon


def test_words_and_what_is_proposed_are_in_memory(transactional_db: None) -> None:
    warming.warm_up()
    assert {"_names_sorted", "_lemmas_sorted", "_vocabulary", "_by_name"} <= vars(lexicon()).keys()


def test_a_step_that_fails_ends_no_process(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OSError("no space left")

    monkeypatch.setattr(warming, "gazetteer", fail)
    with caplog.at_level(logging.WARNING):
        warming.warm_up()
    assert "warming up has failed" in caplog.text


def test_files_of_towns_that_are_there_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []

    def build(folder: Path) -> None:
        folder.mkdir()
        made.append(folder)

    monkeypatch.setattr(building, "build", build)
    build_once(tmp_path / "places" / "1")
    build_once(tmp_path / "places" / "1")
    assert made == [tmp_path / "places" / "1"]
