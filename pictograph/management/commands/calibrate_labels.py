"""Make the dial's thresholds from labelled photographs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from classifier.benchmarks.labelled import VARIANTS, labelled_photos, logits_of
from classifier.network.inference import softmax_of_views
from classifier.tasks import open_classifier
from pictograph.catalogue.snapshot import browsing, hierarchy
from taxonomy.calibration import Folder, calibrate
from taxonomy.confidence import sum_rule
from taxonomy.evaluation import accuracy_and_bits, resolve_truths, wnids_in_name
from taxonomy.hedging import CALIBRATION_FILE, Calibration, dump_calibration, most_specific
from taxonomy.hierarchy import read_graph

HALVES_SEED = 20120616


class Command(BaseCommand):
    """`manage.py calibrate_labels DIR…`."""

    help = (
        "Fit the temperature and the thresholds of the dial on labelled photos, clean and spoilt, and show what "
        "thresholds fitted on one half reach on the other. Run rebuild_predictions afterwards."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folders and where the thresholds go."""
        parser.add_argument("folders", type=Path, nargs="+", metavar="DIR")
        parser.add_argument("--output", type=Path, default=CALIBRATION_FILE, help="the file of thresholds to change")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Classify every variant, fit on halves to report, fit on all to keep."""
        try:
            folders = {folder.name: self._read(folder) for folder in options["folders"]}
        except (OSError, ValueError) as error:
            raise CommandError(f"{error}.") from error
        model = settings.CLASSIFIER_MODEL
        kept = calibrate(model, list(folders.values()), hierarchy(), browsing(), softmax_of_views)
        report = {"model": model, **dump_calibration(kept), "held_out": self._held_out(model, folders)}
        if not options["dry_run"]:
            output: Path = options["output"]
            known = json.loads(output.read_text()) if output.exists() else {}
            output.write_text(json.dumps(known | {model: dump_calibration(kept)}, indent=2) + "\n")
        self.stdout.write(json.dumps(report) if options["json"] else json.dumps(report, indent=2))

    def _read(self, path: Path) -> Folder:
        photos = labelled_photos(path)
        truths = resolve_truths([wnids_in_name(photo.name) for photo in photos], hierarchy(), read_graph())
        classifier = open_classifier()
        return Folder(truths, {variant: logits_of(classifier, photos, variant) for variant in VARIANTS})

    def _held_out(self, model: str, folders: dict[str, Folder]) -> dict[str, dict[str, dict[str, float]]]:
        """Accuracy and bits of each half of every folder and variant by thresholds from the other half, averaged."""
        chance = np.random.default_rng(HALVES_SEED)
        halves = {name: chance.permutation(len(folder.truths.leaf)) % 2 for name, folder in folders.items()}
        scores: dict[str, dict[str, list[tuple[float, float]]]] = {}
        for half in (0, 1):
            fitted = calibrate(
                model,
                [folder.take(np.flatnonzero(halves[name] != half)) for name, folder in folders.items()],
                hierarchy(),
                browsing(),
                softmax_of_views,
            )
            for name, folder in folders.items():
                self._score(scores, name, folder.take(np.flatnonzero(halves[name] == half)), fitted)
        return {
            name: {
                target: {"accuracy": round(np.mean(pairs, axis=0)[0], 4), "bits": round(np.mean(pairs, axis=0)[1], 3)}
                for target, pairs in by_target.items()
            }
            for name, by_target in scores.items()
        }

    def _score(
        self, scores: dict[str, dict[str, list[tuple[float, float]]]], name: str, folder: Folder, fitted: Calibration
    ) -> None:
        for variant, logits in folder.logits.items():
            confidences = sum_rule(softmax_of_views(logits, fitted.temperature), hierarchy())
            for stop in fitted.stops:
                named = most_specific(confidences, hierarchy(), stop.naming)
                by_target = scores.setdefault(f"{name}, {variant}", {})
                by_target.setdefault(f"{stop.target:g}", []).append(
                    accuracy_and_bits(named, folder.truths, hierarchy())
                )
