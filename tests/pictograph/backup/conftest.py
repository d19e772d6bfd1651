"""A site of its own for every test of backups, and a folder to back it up to."""

from pathlib import Path

import pytest
from pytest_django import Settings

from pictograph.people.models import User
from tests.factories import UserFactory
from tests.pictograph.backup.sites import shown_photo


@pytest.fixture(autouse=True)
def data_dir(media: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The site's folder. The whole machine's disks are not waited for."""
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "secret_key").write_text("a secret")
    settings.DATA_DIR = folder
    monkeypatch.setattr("os.sync", lambda: None)
    return folder


@pytest.fixture
def owner(transactional_db: None) -> User:
    """Someone with three photos."""
    owner = UserFactory()
    for colour in ("teal", "olive", "navy"):
        shown_photo(owner, colour)
    return owner


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "backups"
