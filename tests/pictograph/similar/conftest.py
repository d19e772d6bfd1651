"""A folder of its own for the files of similar photos."""

from pathlib import Path

import pytest
from pytest_django import Settings

from pictograph.similar import collection, refreshing


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, celery_messages: list[str]) -> Path:
    """Nothing of other tests, and no messages sent."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(refreshing, "opened", collection.Opened())
    monkeypatch.setattr(refreshing, "REST", 0)
    return tmp_path / "similar"


@pytest.fixture
def small_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphs, and what lies beside them, so small that a test fills them."""
    monkeypatch.setattr("pictograph.similar.building.GRAPH", 40)
    monkeypatch.setattr("pictograph.similar.building.FLAT", 15)
