"""What a comparison says of two people, measured on pairs whose interests are known."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from pictograph.management.commands import evaluate_comparison
from tests.pictograph.management.commands import printed

LISTS = ("both", "only_first", "only_second")


def test_a_comparison_finds_what_was_planted(
    shared_data: Path, capsys: pytest.CaptureFixture[str], networks: Path, measured: Path, settings: Settings, db: None
) -> None:
    settings.CLASSIFIER_CACHE, settings.DATA_DIR = networks, measured
    found = printed(capsys, "evaluate_comparison", "--planted", str(shared_data / "planted.json"))
    assert found["photos"] == 493
    for part in ("given", "kept_back"):
        assert found[part]["pairs"]["all"] == 300
        for name in LISTS:
            assert found[part]["pairs"][name] > 200
            assert found[part]["named"][name] >= 0.85
            assert found[part]["all"][name] >= 0.82
        assert found[part]["product"]["both"] < found[part]["named"]["both"] - 0.3


def test_a_comparison_goes_by_what_was_read_the_last_time(
    shared_data: Path, capsys: pytest.CaptureFixture[str], networks: Path, settings: Settings, tmp_path: Path, db: None
) -> None:
    settings.CLASSIFIER_CACHE, settings.DATA_DIR = networks, tmp_path
    draws = json.loads((shared_data / "planted.json").read_text())["draws"][:2]
    planted, photos = tmp_path / "planted.json", tmp_path / "photos"
    planted.write_text(json.dumps({"draws": draws}))
    photos.mkdir()
    for name in {name for draw in draws for names in (*draw["groups"].values(), draw["rest"]) for name in names}:
        (photos / name).symlink_to(shared_data / "imagenet-sample" / name)
    command = ("evaluate_comparison", "--planted", str(planted), "--photos", str(photos))
    found = printed(capsys, *command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate_comparison, "read_photos", None)
        assert printed(capsys, *command) == found


def test_sets_of_photos_that_are_not_there_are_refused(
    shared_data: Path, networks: Path, settings: Settings, tmp_path: Path, db: None
) -> None:
    settings.CLASSIFIER_CACHE, settings.DATA_DIR = networks, tmp_path
    (tmp_path / "photos").mkdir()
    (photo, *_) = sorted((shared_data / "imagenet-sample").iterdir())
    (tmp_path / "photos" / photo.name).symlink_to(photo)
    planted = tmp_path / "planted.json"
    groups = {"n02084071": ["n02084071_gone.jpg"], "n02121808": [photo.name], "n02958343": [photo.name]}
    planted.write_text(json.dumps({"draws": [{"groups": groups, "rest": [photo.name] * 4}]}))
    with pytest.raises(CommandError, match="gone"):
        call_command("evaluate_comparison", "--planted", str(planted), "--photos", str(tmp_path / "photos"))
    with pytest.raises(CommandError):
        call_command("evaluate_comparison", "--planted", str(tmp_path / "nowhere.json"))
