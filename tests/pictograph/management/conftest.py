"""What measurements of the network share."""

from pathlib import Path

import pytest
from django.test import override_settings

from classifier.benchmarks.labelled import labelled_photos
from classifier.tasks import open_classifier
from pictograph.management.commands.evaluate_comparison import read_once
from tests.conftest import made_once


@pytest.fixture(scope="session")
def measured(shared_data: Path, networks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that keeps what the default network says of the sample, which takes it ten seconds."""
    with made_once("measured", tmp_path_factory) as folder, override_settings(DATA_DIR=folder):
        with override_settings(CLASSIFIER_CACHE=networks):
            classifier = open_classifier()
        read_once(classifier, labelled_photos(shared_data / "imagenet-sample"))
    return folder
