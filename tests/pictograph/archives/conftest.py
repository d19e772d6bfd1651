"""What tests of archives share."""

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def quiet(celery_messages: list[str]) -> None:
    """Announce nothing."""


@pytest.fixture(autouse=True)
def archives_dir(tmp_path: Path, settings: Settings) -> Path:
    """A folder for parts that are sent."""
    settings.ARCHIVES_DIR = tmp_path / "archives"
    return tmp_path / "archives"
