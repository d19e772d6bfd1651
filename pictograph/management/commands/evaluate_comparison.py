"""Measure what a comparison of two people says where their interests are known."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from classifier.benchmarks.labelled import labelled_photos, read_photos
from classifier.network.inference import Classifier, softmax_of_views
from classifier.tasks import open_classifier
from pictograph.catalogue.snapshot import catalogue_with
from pictograph.management.database import bring_up_to_date
from taxonomy.naming import say
from taxonomy.planted_pairs import LISTS, Seen, comparison_f1


class Command(BaseCommand):
    """`manage.py evaluate_comparison --planted FILE [--photos DIR]`."""

    help = (
        "Compare pairs of people made of planted photo sets, in which some interests are common and others are one's "
        "alone, and say how well the comparison finds them: the F1 of the photos in what both photograph and in what "
        "only one does. Even draws are those the rules were made on, odd ones are kept back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the sets and the folder of their photos."""
        parser.add_argument("--planted", type=Path, required=True, metavar="FILE", help="photo sets with interests")
        parser.add_argument(
            "--photos", type=Path, metavar="DIR", help="the photos; imagenet-sample beside the sets if not said"
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Classify the photos, or read what was said of them the last time, and compare every pair."""
        bring_up_to_date(self.stderr.write)
        folder = options["photos"] or options["planted"].parent / "imagenet-sample"
        try:
            photos = labelled_photos(folder)
            draws = json.loads(options["planted"].read_text())["draws"]
        except (OSError, ValueError) as error:
            raise CommandError(f"{error}.") from error
        classifier = open_classifier()
        edition = catalogue_with(classifier.version, classifier.spec.label_set)
        logits, evidence = read_once(classifier, photos)
        probabilities = softmax_of_views(logits, edition.calibration.temperature)
        said = say(probabilities, evidence, edition.tree, edition.calibration)
        seen = Seen([photo.name for photo in photos], probabilities, said.confidences)
        counted = edition.calibration.stops[-1].membership  # as pages of comparisons count, whatever the dial says
        try:
            parts = {
                name: comparison_f1(draws[start::2], seen, edition.tree, counted)
                for name, start in (("given", 0), ("kept_back", 1))
            }
        except KeyError as error:
            raise CommandError(f"The planted sets name {error}, which is not in {folder}.") from error
        report = {"photos": len(photos), "model": classifier.version, **_rounded(parts)}
        self.stdout.write(json.dumps(report) if options["json"] else _as_text(report))


def read_once(classifier: Classifier, photos: list[Path]) -> tuple[np.ndarray, np.ndarray]:
    """Logits and evidence as `read_photos` gives them, kept in the data folder for as long as no file changes."""
    files = [(photo.name, photo.stat().st_size, photo.stat().st_mtime_ns) for photo in photos]
    key = hashlib.sha256(repr((classifier.version, classifier.device, files)).encode()).hexdigest()[:16]
    kept = Path(settings.DATA_DIR) / "measured" / f"{key}.npz"
    if kept.exists():
        with np.load(kept) as arrays:
            return arrays["logits"], arrays["evidence"]
    logits, evidence = read_photos(classifier, photos)
    kept.parent.mkdir(parents=True, exist_ok=True)
    np.savez(kept, logits=logits, evidence=evidence)
    return logits, evidence


def _rounded(values: Any) -> Any:
    if isinstance(values, dict):
        return {name: _rounded(value) for name, value in values.items()}
    return round(values, 4) if isinstance(values, float) else values


def _as_text(report: Mapping[str, Any]) -> str:
    lines = [f"{report['photos']} photos, {report['model']}; F1 of the photos in each list"]
    for name, words in (("given", "draws the rules were made on"), ("kept_back", "draws kept back")):
        scores = report[name]
        lines.append(f"{words}: {scores['pairs']['all']} pairs")
        for each in LISTS:
            named, pairs = scores["named"].get(each, 0.0), scores["pairs"].get(each, 0)
            lines.append(f"  {each:12} {named:.3f} of {pairs} that the tree names, {scores['all'][each]:.3f} of all")
        lines.append(f"  {'both':12} {scores['product'].get('both', 0.0):.3f} by the product of each class")
    return "\n".join(lines)
