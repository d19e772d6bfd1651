"""Measure this machine: classifying, the pages of a large library and of a large network, and the site under load."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from classifier.benchmarks.explaining import measure_explaining
from classifier.benchmarks.labelled import labelled_photos
from classifier.benchmarks.rates import ROUNDS, bench, measure_memory
from classifier.benchmarks.sample_photos import distinct_copies, make_large_photos
from classifier.network.definition import describe_network
from classifier.tasks import open_classifier, open_for_work
from pictograph.benchmarks import learning, pages
from pictograph.benchmarks.accounts import measure_accounts
from pictograph.benchmarks.classify import waiting
from pictograph.benchmarks.corrections import measure_corrections
from pictograph.benchmarks.labels import measure_labels
from pictograph.benchmarks.load import load
from pictograph.benchmarks.network import measure_here, measure_sizes
from pictograph.benchmarks.publish import measure_publishing
from pictograph.benchmarks.rebuild import measure_rebuild
from pictograph.benchmarks.scratch import scratch_site
from pictograph.catalogue.snapshot import catalogue_with
from pictograph.management.database import bring_up_to_date
from pictograph.people.models import User


class Command(BaseCommand):
    """`manage.py bench KIND`; `--help` tells the kinds."""

    help = (
        "Measure rates in photos per second, the server time of pages, how long an upload waits for a rebuild, "
        "publishing, correcting, a photo account coming in, or the site under load."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the benchmarks."""
        kinds = parser.add_subparsers(dest="kind", required=True)
        classify = kinds.add_parser("classify", help="prepare, network, whole worker path and a plain loop, in one run")
        classify.add_argument("folder", type=Path, metavar="DIR", help="photos to measure with; 500 are made of them")
        classify.add_argument("--small", type=int, default=500, help="how many photos like those given")
        classify.add_argument("--large", type=int, default=200, help="how many of 8 to 12 megapixels, made from them")
        classify.add_argument("--rounds", type=int, default=ROUNDS)
        classify.add_argument("--no-memory", action="store_true", help="leave out the 3,000 photos that measure memory")
        one_by_one = kinds.add_parser("pages", help="library, category page and pictograph of a large library")
        rebuild = kinds.add_parser("rebuild", help="how long an upload waits while its library is recomputed")
        publishing = kinds.add_parser("publish", help="publish many photos of a library, and take them back")
        publishing.add_argument("--photos", type=int, default=10_000)
        correcting = kinds.add_parser("corrections", help="correct many photos of a library at once, and undo it")
        correcting.add_argument("--photos", type=int, default=1000)
        for subparser in (one_by_one, rebuild, publishing, correcting):
            subparser.add_argument("--user", default="seeded", metavar="NAME", help="whose; see seed_library")
        taught = kinds.add_parser(
            "learning", help="how many photos come right, and go wrong, once like ones are corrected"
        )
        taught.add_argument(
            "folders", type=Path, nargs="+", metavar="DIR", help="photos named as evaluate_labels has it"
        )
        word_help = "photos whose name goes on with WORD after the wnids show this instead, as skirt=n04230808"
        taught.add_argument("--word", action="append", default=[], metavar="WORD=WNID", help=word_help)
        taught.add_argument("--draws", type=int, default=1, help="libraries of each kind and variant")
        taught.add_argument(
            "--keep", type=Path, metavar="FILE", help="keep here what the network says, and use it again"
        )
        under_load = kinds.add_parser("load", help="many browsers, open pages and an import at once, on a scratch site")
        under_load.add_argument("folder", type=Path, metavar="DIR", help="photos to import")
        under_load.add_argument("--people", type=int, default=5, help="whose libraries are browsed and imported into")
        under_load.add_argument("--library", type=int, default=1000, help="photos each of them has before")
        under_load.add_argument("--browsers", type=int, default=50)
        under_load.add_argument("--sockets", type=int, default=50)
        under_load.add_argument("--photos", type=int, default=300, help="how many are imported")
        under_load.add_argument("--seconds", type=int, default=60, help="how long people browse, at least")
        broker_help = "where the scratch site announces work; one that no site uses. Default: its folder"
        under_load.add_argument("--broker", default="filesystem://localhost", metavar="URL", help=broker_help)
        network = kinds.add_parser("network", help="pages of what everyone has published, at several sizes")
        network.add_argument("--sizes", default="10000,1000000", help="photos, with commas between them")
        network.add_argument("--keep", type=Path, metavar="DIR", help="keep the made-up sites here, and use them again")
        network.add_argument("--here", action="store_true", help="measure this site as it is, and make none up")
        accounts = kinds.add_parser("accounts", help="bring in a photo account, beside a plain loop that fetches it")
        accounts.add_argument("--photos", type=int, default=20_000)
        labels = kinds.add_parser("labels", help="block a branch of the tree and take it back, while somebody looks")
        labels.add_argument("--photos", type=int, default=100_000, help="how many are in the branch, about")
        explaining = kinds.add_parser("explaining", help="map where the network sees something, in one runtime")
        explaining.add_argument("folder", type=Path, metavar="DIR", help="photos to map, forty at most")
        explaining.add_argument("--runtime", choices=("openvino", "torch"), default="openvino")
        of_people = (one_by_one, rebuild, publishing, correcting)
        for subparser in (classify, taught, *of_people, under_load, network, accounts, labels, explaining):
            subparser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one of them and print it."""
        bring_up_to_date(self.stderr.write)
        kinds = {
            "classify": self._classify,
            "pages": self._pages,
            "rebuild": self._rebuild,
            "publish": self._publish,
            "corrections": self._corrections,
            "load": self._load,
            "learning": self._learning,
            "network": self._network,
            "accounts": self._accounts,
            "labels": self._labels,
            "explaining": self._explaining,
        }
        try:
            report = kinds[options["kind"]](options)
        except (OSError, RuntimeError, ValueError) as error:
            raise CommandError(f"{error}.") from error
        self.stdout.write(json.dumps(report) if options["json"] else json.dumps(report, indent=2))

    def _classify(self, options: dict[str, Any]) -> dict[str, Any]:
        photos = labelled_photos(options["folder"])
        with tempfile.TemporaryDirectory(prefix="bench-") as name, scratch_site(Path(name)):
            folder, classifier = Path(name), open_for_work()

            def measure(paths: Sequence[Path]) -> dict[str, Any]:
                rates = bench(paths, classifier, waiting, rounds=options["rounds"], hang_up=connections.close_all)
                return {key: round(v, 3) if isinstance(v, float) else v for key, v in asdict(rates).items()}

            small = distinct_copies(photos, folder / "small", options["small"])
            report = measure(small)
            if options["large"]:
                report["large"] = measure(make_large_photos(photos, folder / "large", options["large"]))
            if not options["no_memory"]:
                report["memory"] = {k: round(v, 1) for k, v in asdict(measure_memory(small, classifier)).items()}
        return report

    def _rebuild(self, options: dict[str, Any]) -> dict[str, Any]:
        return measure_rebuild(_person(options["user"]))

    def _publish(self, options: dict[str, Any]) -> dict[str, Any]:
        return measure_publishing(_person(options["user"]), options["photos"])

    def _corrections(self, options: dict[str, Any]) -> dict[str, Any]:
        return measure_corrections(_person(options["user"]), options["photos"])

    def _pages(self, options: dict[str, Any]) -> dict[str, Any]:
        user = _person(options["user"])
        _collect_static()
        report: dict[str, Any] = {"photos": user.photos.count(), "rounds": pages.ROUNDS}
        return report | {page: asdict(cost) for page, cost in pages.page_costs(user).items()}

    def _network(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["here"]:
            _collect_static()
            return measure_here()
        sizes = [int(size) for size in options["sizes"].split(",")]
        return measure_sizes(sizes, options["keep"].resolve() if options["keep"] else None)

    def _accounts(self, options: dict[str, Any]) -> dict[str, Any]:
        return measure_accounts(options["photos"])

    def _labels(self, options: dict[str, Any]) -> dict[str, Any]:
        _collect_static()
        return measure_labels(options["photos"])

    def _explaining(self, options: dict[str, Any]) -> dict[str, Any]:
        photos = sorted(path for path in options["folder"].iterdir() if path.is_file())[:40]
        spec = describe_network(settings.CLASSIFIER_MODEL, settings.CLASSIFIER_WEIGHTS, settings.CLASSIFIER_LABELS)
        return asdict(measure_explaining(spec, settings.CLASSIFIER_CACHE, photos, options["runtime"]))

    def _learning(self, options: dict[str, Any]) -> dict[str, Any]:
        classifier = open_classifier()
        edition = catalogue_with(classifier.version, classifier.spec.label_set)
        seen = learning.read(classifier, options["folders"], options["keep"])
        words = dict(word.split("=", 1) for word in options["word"])
        return learning.measure(learning.photos_of(seen, words, edition), edition, options["draws"])

    def _load(self, options: dict[str, Any]) -> dict[str, Any]:
        kinds = ("people", "library", "browsers", "sockets", "photos", "seconds", "broker")
        return asdict(load(options["folder"], **{kind: options[kind] for kind in kinds}))


def _collect_static() -> None:
    """Pages name their style sheets as collected."""
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)


def _person(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"Nobody is called {name!r}. Make a library with: manage.py seed_library 100000")
    return user
