"""Make the dial of a network from labelled photographs, and from what people answered."""

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from classifier.benchmarks.labelled import VARIANTS, labelled_photos, read_photos
from classifier.network.inference import Classifier, softmax_of_views
from classifier.network.runtime import precisions_of
from classifier.tasks import open_classifier
from pictograph.catalogue.models import Network
from pictograph.catalogue.snapshot import catalogue_with
from pictograph.corrections.feedback import answers_about, keep, measured_before, told
from pictograph.management.database import bring_up_to_date
from pictograph.photos.models import Photo
from taxonomy.browsing import BrowsingTree
from taxonomy.calibration import Folder, calibrate
from taxonomy.evaluation import listed_scores, resolve_truths, shown_scores, wnids_in_name
from taxonomy.feedback import Needs, Recalibration, recalibrated
from taxonomy.hedging import Calibration, dump_calibration
from taxonomy.hierarchy import read_graph
from taxonomy.naming import say

HALVES_SEED = 20120616


class Command(BaseCommand):
    """`manage.py calibrate_labels DIR…`, `manage.py calibrate_labels --from-feedback`."""

    help = (
        "Fit the dial of the network that the settings name, and its words, on labelled photos, clean and spoilt, and "
        "show what is reached on one half by what was fitted on the other. Every process goes by the new dial within a "
        "moment, and photos are named anew by the sweep; which network is the site's stays as it is. With "
        "--from-feedback what people answered about names puts right what was fitted, or without a folder the dial the "
        "site's network had before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the folders, where the dial goes, and how much people must have answered."""
        needs = Needs()
        parser.add_argument("folders", type=Path, nargs="*", metavar="DIR")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="also keep it in this file of dials, by network"
        )
        parser.add_argument("--from-feedback", action="store_true", help="go by what people answered too")
        parser.add_argument("--people", type=int, default=needs.people, help="who must have answered (%(default)s)")
        parser.add_argument(
            "--answers", type=int, default=needs.answers, help="that must count for a stop to change (%(default)s)"
        )
        parser.add_argument(
            "--per-person", type=int, default=needs.per_person, help="what one counts for at most (%(default)s)"
        )
        parser.add_argument("--dry-run", action="store_true", help="keep nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fit on labelled photos, lay answers against it, say what came of it, and keep it."""
        if not options["folders"] and not options["from_feedback"]:
            raise CommandError("Name folders of labelled photos, or ask for --from-feedback.")
        bring_up_to_date(self.stderr.write)
        if options["folders"]:
            network, kept, report = fit_on(options["folders"])
            if missed := report["missed"]:
                self.stderr.write(f"Not reached on these photos: {', '.join(missed)}. The dial says so.")
        else:
            network, kept, report = current_network()
        found = None
        if options["from_feedback"]:
            needs = Needs(options["people"], options["answers"], options["per_person"])
            found = recalibrated(kept, answers_about(network), needs)
            report |= {"feedback": told(found)}
            if found.too_little:
                self.stderr.write(f"Too little was answered: {found.too_little}. It changes nothing.")
        if not options["dry_run"]:
            self._keep(network, kept, found, options)
        self.stdout.write(json.dumps(report) if options["json"] else json.dumps(report, indent=2))

    def _keep(
        self, network: Network, kept: Calibration, found: Recalibration | None, options: Mapping[str, Any]
    ) -> None:
        if found is not None and not found.too_little:
            save(network)
            keep(network, found, kept)
            kept = found.calibration
        elif options["folders"]:
            save(network)
            network.calibrate(dump_calibration(kept))
        else:
            return
        output: Path | None = options["output"]
        if output is not None:
            known = json.loads(output.read_text()) if output.exists() else {}
            output.write_text(json.dumps(known | {network.version: dump_calibration(kept)}, indent=2) + "\n")


def save(network: Network) -> None:
    """Keep a network that has never classified here."""
    if network._state.adding:
        network.save()


def current_network() -> tuple[Network, Calibration, dict[str, Any]]:
    """The network of the site, and its dial before people answered. Raises CommandError where none has run."""
    network = Network.objects.filter(is_current=True).first()
    if network is None:
        raise CommandError("No network has classified anything here yet.")
    return network, measured_before(network), {"network": network.version}


def fit_on(paths: Sequence[Path]) -> tuple[Network, Calibration, dict[str, Any]]:
    """Classify every variant, fit on halves to report, fit on all to keep. Raises CommandError for what is unusable."""
    # The same dial is to hold on machines that run the network in another precision.
    classifiers = [open_classifier(precision) for precision in precisions_of(settings.CLASSIFIER_RUNTIME)]
    classifier = classifiers[0]
    edition = catalogue_with(classifier.version, classifier.spec.label_set)
    try:
        folders = {folder.name: [read_folder(each, folder, edition.tree) for each in classifiers] for folder in paths}
    except (OSError, ValueError) as error:
        raise CommandError(f"{error}.") from error
    # Probabilities that are stored already were made at the present temperature.
    has_classified = Photo.objects.filter(network__version=classifier.version).exists()
    temperature = edition.calibration.temperature if has_classified else None
    kept = calibrate(list(chain(*folders.values())), edition.tree, softmax_of_views, temperature)
    known = Network.objects.filter(version=classifier.version).first()
    network = known or Network(version=classifier.version, label_set=classifier.spec.label_set)
    report = {
        "network": classifier.version,
        "devices": [each.device for each in classifiers],
        **dump_calibration(kept),
        "missed": [f"{stop.target:g}" for stop in kept.stops if not stop.is_reached],
        "held_out": held_out(folders, edition.tree),
    }
    return network, kept, report


def read_folder(classifier: Classifier, path: Path, tree: BrowsingTree) -> Folder:
    """Read the labelled photos of a folder in every variant. Raises OSError or ValueError where they say no truth."""
    photos = labelled_photos(path)
    truths = resolve_truths([wnids_in_name(photo.name) for photo in photos], tree, read_graph())
    read = {variant: read_photos(classifier, photos, variant) for variant in VARIANTS}
    return Folder(truths, {v: logits for v, (logits, _) in read.items()}, {v: known for v, (_, known) in read.items()})


def held_out(folders: dict[str, list[Folder]], tree: BrowsingTree) -> dict[str, list[dict[str, Any]]]:
    """What pages say of each half of every folder and variant, in each precision, by what the other halves gave."""
    chance = np.random.default_rng(HALVES_SEED)
    halves = {name: chance.permutation(len(read[0].truths.leaf)) % 2 for name, read in folders.items()}
    scores: dict[str, list[dict[str, Any]]] = {}
    for half in (0, 1):
        others = [one.take(np.flatnonzero(halves[name] != half)) for name, read in folders.items() for one in read]
        fitted = calibrate(others, tree, softmax_of_views)
        for name, read in folders.items():
            for own in (one.take(np.flatnonzero(halves[name] == half)) for one in read):
                for variant in own.logits:
                    scores.setdefault(f"{name}, {variant}", []).append(_scores(own, variant, fitted, tree))
    return scores


def _scores(folder: Folder, variant: str, fitted: Calibration, tree: BrowsingTree) -> dict[str, Any]:
    probabilities = softmax_of_views(folder.logits[variant], fitted.temperature)
    said = say(probabilities, folder.evidence[variant], tree, fitted)
    return {
        "shown": shown_scores(said, folder.truths, tree, fitted),
        "listed": listed_scores(said, folder.truths, fitted, fitted.default),
    }
