"""Measure what the site names photos whose truth is known."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from classifier.benchmarks.labelled import VARIANTS, labelled_photos, read_photos
from classifier.network.inference import softmax_of_views
from classifier.tasks import open_classifier
from pictograph.catalogue.snapshot import Catalogue, catalogue_with
from pictograph.management.database import bring_up_to_date
from taxonomy.confidence import mean_rule, sum_rule
from taxonomy.evaluation import (
    accuracy_and_bits,
    calibration_error,
    flat_names,
    listed_scores,
    most_specific,
    planted_f1,
    resolve_truths,
    shown_scores,
    top_k_accuracy,
    wnids_in_name,
)
from taxonomy.hedging import DEEPER_BITS, Stop, vague_names
from taxonomy.hierarchy import read_graph
from taxonomy.naming import Said, say


class Command(BaseCommand):
    """`manage.py evaluate_labels DIR… [--planted FILE] [--variant NAME]`."""

    help = (
        "Classify photos named <wnid>[+<wnid>...]_....jpg with the network that the settings name and its own dial. "
        "The site stays with the network it has. A named category is right when it is a true synset, an ancestor of "
        "one, or a descendant of one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folders and what else to measure."""
        parser.add_argument("folders", type=Path, nargs="+", metavar="DIR")
        parser.add_argument("--planted", type=Path, metavar="FILE", help="photo sets with four planted interests each")
        parser.add_argument("--variant", choices=list(VARIANTS), default="clean", help="spoil the photos first")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Classify all photos, then print every measure."""
        bring_up_to_date(self.stderr.write)
        try:
            photos = [photo for folder in options["folders"] for photo in labelled_photos(folder)]
            wnids = [wnids_in_name(photo.name) for photo in photos]
            draws = json.loads(options["planted"].read_text())["draws"] if options["planted"] else []
        except (OSError, ValueError) as error:
            raise CommandError(f"{error}.") from error
        classifier = open_classifier()
        edition = catalogue_with(classifier.version, classifier.spec.label_set)
        tree, graph, dial = edition.tree, edition.hierarchy, edition.calibration
        try:
            truths = resolve_truths(wnids, tree, read_graph())
        except ValueError as error:
            raise CommandError(f"{error}.") from error
        logits, evidence = read_photos(classifier, photos, options["variant"])
        probabilities = softmax_of_views(logits, dial.temperature)
        said = say(probabilities, evidence, tree, dial)
        rank = graph.information + graph.depth * DEEPER_BITS
        root = int(np.argmin(rank))
        summed = sum_rule(probabilities, graph)

        def name_by_sum(stop: Stop) -> np.ndarray:
            named = vague_names(summed, rank, stop)
            return np.where(named >= 0, named, root)

        averaged = mean_rule(probabilities, graph)
        named: dict[str, Callable[[Stop], np.ndarray]] = {
            "sum": name_by_sum,
            "mean": lambda stop: most_specific(averaged, graph, stop.vague_floor),
            "flat": lambda stop: flat_names(probabilities, graph, stop.vague_floor),
        }
        rules: dict[str, dict[str, dict[str, float]]] = {}
        for rule, name in named.items():
            rules[rule] = {}
            for stop in dial.stops:
                accuracy, bits = accuracy_and_bits(name(stop), truths, graph)
                rules[rule][f"{stop.target:g}"] = {
                    "accuracy": round(accuracy, 4),
                    "bits": round(bits, 3),
                    "threshold": stop.vague_floor,
                }
        report = {
            "photos": len(photos),
            "model": classifier.version,
            "variant": options["variant"],
            "top1": _rounded(top_k_accuracy(probabilities, truths, 1)),
            "top5": _rounded(top_k_accuracy(probabilities, truths, 5)),
            "calibration_error": _rounded(calibration_error(probabilities, truths)),
            "is_measured": dial.is_measured,
            "rules": rules,
            "shown": _rounded_all(shown_scores(said, truths, tree, dial)),
            "listed": _rounded_all(listed_scores(said, truths, dial, dial.default)),
            "planted_f1": planted(draws, [photo.name for photo in photos], probabilities, said, edition),
        }
        self.stdout.write(json.dumps(report) if options["json"] else _as_text(report))


def planted(
    draws: list[dict[str, Any]], files: list[str], probabilities: np.ndarray, said: Said, edition: Catalogue
) -> dict[str, float | None]:
    """Score the choice of tiles against planted interests; None where there are none."""
    if not draws:
        return {"cut": None, "flat": None, "purity": None}
    labels = [edition.hierarchy.synsets[edition.hierarchy.classes[c]].wnid for c in probabilities.argmax(axis=1)]
    counted = edition.calibration.stops[-1].membership  # as the pictograph counts, whatever the dial says
    try:
        scores = planted_f1(draws, files, said.confidences, labels, edition.tree, counted)
    except KeyError as error:
        raise CommandError(f"The planted sets name {error}, which is in none of the folders given.") from error
    return {name: round(score, 4) for name, score in scores.items()}


def _rounded_all(values: Any) -> Any:
    """The same with every number inside rounded."""
    if isinstance(values, dict):
        return {name: _rounded_all(value) for name, value in values.items()}
    return round(values, 4) if isinstance(values, float) else values


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
    lines.append("shown: accuracy and bits of the photos that are named, and how many those are")
    for target, scores in report["shown"].items():
        words = ", ".join(f"{w} {s['accuracy']} of {s['photos']}" for w, s in scores["words"].items() if s["photos"])
        lines.append(f"at {target}: {scores['accuracy']} / {scores['bits']} b, named {scores['named']}; {words}")
    if not report["is_measured"]:
        lines.append("This network is not calibrated: nothing is promised.")
    if report["planted_f1"]["cut"] is not None:
        lines.append(
            "planted interests: F1 {cut:.3f} by the cut, {flat:.3f} by flat labels".format(**report["planted_f1"])
        )
    return "\n".join(lines)
