"""Measure what the site names photos whose truth is known."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from classifier.benchmarks.labelled import VARIANTS, labelled_photos, logits_of
from classifier.network.inference import softmax_of_views
from classifier.tasks import open_classifier
from pictograph.catalogue.snapshot import browsing, calibration, hierarchy
from taxonomy.confidence import mean_rule, sum_rule
from taxonomy.evaluation import (
    accuracy_and_bits,
    calibration_error,
    flat_names,
    planted_f1,
    resolve_truths,
    top_k_accuracy,
    wnids_in_name,
)
from taxonomy.hedging import most_specific
from taxonomy.hierarchy import read_graph


class Command(BaseCommand):
    """`manage.py evaluate_labels DIR… [--planted FILE] [--variant NAME]`."""

    help = (
        "Classify photos named <wnid>[+<wnid>...]_....jpg with the site's network and thresholds. A named category is "
        "right when it is a true synset, an ancestor of one, or a descendant of one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folders and what else to measure."""
        parser.add_argument("folders", type=Path, nargs="+", metavar="DIR")
        parser.add_argument("--planted", type=Path, metavar="FILE", help="photo sets with four planted interests each")
        parser.add_argument("--variant", choices=list(VARIANTS), default="clean", help="spoil the photos first")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Classify all photos, then print every measure."""
        try:
            photos = [photo for folder in options["folders"] for photo in labelled_photos(folder)]
            truths = resolve_truths([wnids_in_name(photo.name) for photo in photos], hierarchy(), read_graph())
            draws = json.loads(options["planted"].read_text())["draws"] if options["planted"] else []
        except (OSError, ValueError) as error:
            raise CommandError(f"{error}.") from error
        probabilities = softmax_of_views(
            logits_of(open_classifier(), photos, options["variant"]), calibration().temperature
        )
        named = {
            "sum": partial(most_specific, sum_rule(probabilities, hierarchy()), hierarchy()),
            "mean": partial(most_specific, mean_rule(probabilities, hierarchy()), hierarchy()),
            "flat": partial(flat_names, probabilities, hierarchy()),
        }
        rules: dict[str, dict[str, dict[str, float]]] = {}
        for rule, name in named.items():
            rules[rule] = {}
            for stop in calibration().stops:
                accuracy, bits = accuracy_and_bits(name(stop.naming), truths, hierarchy())
                rules[rule][f"{stop.target:g}"] = {
                    "accuracy": round(accuracy, 4),
                    "bits": round(bits, 3),
                    "threshold": stop.naming,
                }
        report = {
            "photos": len(photos),
            "model": settings.CLASSIFIER_MODEL,
            "variant": options["variant"],
            "top1": _rounded(top_k_accuracy(probabilities, truths, 1)),
            "top5": _rounded(top_k_accuracy(probabilities, truths, 5)),
            "calibration_error": _rounded(calibration_error(probabilities, truths)),
            "rules": rules,
            "planted_f1": self._planted(draws, [photo.name for photo in photos], probabilities),
        }
        self.stdout.write(json.dumps(report) if options["json"] else _as_text(report))

    def _planted(
        self, draws: list[dict[str, Any]], files: list[str], probabilities: np.ndarray
    ) -> dict[str, float | None]:
        if not draws:
            return {"cut": None, "flat": None}
        tree = browsing()
        threshold = calibration().stops[calibration().default].membership
        listed = probabilities @ tree.membership >= threshold  # (photos, categories)
        wnids = np.array(list(tree.categories))
        labels = [hierarchy().synsets[hierarchy().classes[c]].wnid for c in probabilities.argmax(axis=1)]
        members = {file: [label, *wnids[row]] for file, label, row in zip(files, labels, listed, strict=True)}
        try:
            scores = planted_f1(draws, members, tree)
        except KeyError as error:
            raise CommandError(f"The planted sets name {error}, which is in none of the folders given.") from error
        return {name: round(score, 4) for name, score in scores.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _as_text(report: dict[str, Any]) -> str:
    lines = [
        f"{report['photos']} photos, {report['model']}, {report['variant']}",
        f"top-1 {report['top1']}, top-5 {report['top5']}, calibration error {report['calibration_error']}",
        f"{'rule':6}" + "".join(f"{'at ' + target:>18}" for target in report["rules"]["sum"]),
    ]
    for rule, stops in report["rules"].items():
        lines.append(f"{rule:6}" + "".join(f"{s['accuracy']:>9.3f} /{s['bits']:5.2f} b" for s in stops.values()))
    if report["planted_f1"]["cut"] is not None:
        lines.append(
            "planted interests: F1 {cut:.3f} by the cut, {flat:.3f} by flat labels".format(**report["planted_f1"])
        )
    return "\n".join(lines)
