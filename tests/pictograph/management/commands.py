"""Commands in the process of a test: run, and what they print."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    call_command(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


def some_of(folder: Path, tmp_path: Path, step: int) -> Path:
    """A folder with every so many photos of another."""
    chosen = tmp_path / folder.name
    chosen.mkdir()
    for photo in sorted(folder.iterdir())[::step]:
        (chosen / photo.name).symlink_to(photo)
    return chosen
