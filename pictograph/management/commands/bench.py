"""Measure this machine: classifying, and the pages of a large library."""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone

from classifier.benchmarks.labelled import labelled_photos
from classifier.benchmarks.rates import ROUNDS, bench, measure_memory
from classifier.benchmarks.sample_photos import distinct_copies, make_large_photos
from classifier.tasks import open_for_work
from pictograph.benchmarks.rebuild import measure_rebuild
from pictograph.catalogue.snapshot import browsing, calibration, look_again
from pictograph.management.database import bring_up_to_date
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.claims import PhotoWork
from pictograph.sources.models import Item, Source
from pictograph.sources.paths import ref_of
from pictograph.store import prediction_store
from pictograph.store.scope import library_of

PAGE_ROUNDS = 15


class Command(BaseCommand):
    """`manage.py bench classify DIR`, `manage.py bench pages --user NAME` and `manage.py bench rebuild --user NAME`."""

    help = "Measure rates in photos per second, the server time of pages, or how long an upload waits for a rebuild."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the benchmarks."""
        kinds = parser.add_subparsers(dest="kind", required=True)
        classify = kinds.add_parser("classify", help="prepare, network, whole worker path and a plain loop, in one run")
        classify.add_argument("folder", type=Path, metavar="DIR", help="photos to measure with; 500 are made of them")
        classify.add_argument("--small", type=int, default=500, help="how many photos like those given")
        classify.add_argument("--large", type=int, default=200, help="how many of 8 to 12 megapixels, made from them")
        classify.add_argument("--rounds", type=int, default=ROUNDS)
        classify.add_argument("--no-memory", action="store_true", help="leave out the 3,000 photos that measure memory")
        pages = kinds.add_parser("pages", help="library, category page and pictograph of a large library")
        rebuild = kinds.add_parser("rebuild", help="how long an upload waits while its library is recomputed")
        for subparser in (pages, rebuild):
            subparser.add_argument("--user", default="seeded", metavar="NAME", help="whose; see seed_library")
        for subparser in (classify, pages, rebuild):
            subparser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one of them and print it."""
        bring_up_to_date(self.stderr.write)
        kinds = {"classify": self._classify, "pages": self._pages, "rebuild": self._rebuild}
        report = kinds[options["kind"]](options)
        self.stdout.write(json.dumps(report) if options["json"] else json.dumps(report, indent=2))

    def _classify(self, options: dict[str, Any]) -> dict[str, Any]:
        try:
            photos = labelled_photos(options["folder"])
        except OSError as error:
            raise CommandError(f"{error}.") from error
        with tempfile.TemporaryDirectory(prefix="bench-") as name, _scratch_site(Path(name)):
            folder, classifier = Path(name), open_for_work()

            def measure(paths: Sequence[Path]) -> dict[str, Any]:
                rates = bench(paths, classifier, _waiting, rounds=options["rounds"], hang_up=connections.close_all)
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

    def _pages(self, options: dict[str, Any]) -> dict[str, Any]:
        user = _person(options["user"])
        if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
            call_command("collectstatic", interactive=False, verbosity=0)
        client = Client()
        client.force_login(user)
        report: dict[str, Any] = {"photos": user.photos.count(), "rounds": PAGE_ROUNDS}
        with override_settings(ALLOWED_HOSTS=["*"]):
            for page, address in _addresses(user).items():
                report[page] = self._time(client, address)
        return report

    def _time(self, client: Client, address: str) -> dict[str, Any]:
        """Server time of a page, the median and the slowest, with what it asks of the database."""
        times = []
        client.get(address)
        for _ in range(PAGE_ROUNDS):
            start = time.perf_counter()
            response = client.get(address)
            times.append((time.perf_counter() - start) * 1000)
        if response.status_code != 200:
            raise CommandError(f"{address} answered {response.status_code}.")
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return {
            "address": address,
            "median_ms": round(statistics.median(times), 1),
            "slowest_ms": round(max(times), 1),
            "queries": len(queries),
            "kilobytes": round(len(response.content) / 1000, 1),
        }


def _person(name: str) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"Nobody is called {name!r}. Make a library with: manage.py seed_library 100000")
    return user


def _addresses(user: User) -> dict[str, str]:
    """The pages to time: the first one and one far down, and the fullest categories."""
    counts = prediction_store().counts(library_of(user.pk), calibration().default)
    categories = browsing().categories
    fullest = max((wnid for wnid in counts if wnid in categories), key=lambda wnid: counts[wnid])
    named = categories[fullest]
    return {
        "library": reverse("library"),
        "categories": reverse("categories"),
        "category": reverse("category", args=[named]),
        "category_by_date": reverse("category", args=[named]) + "?order=newest",
        "pictograph": reverse("pictograph"),
        "pictograph_of": reverse("pictograph_of", args=[named]),
        "import": reverse("import"),
    }


def _waiting(paths: Sequence[Path]) -> PhotoWork:
    """The site's own work, with the photos pending in the library of someone new."""
    owner = User.objects.create(username=f"bench-{User.objects.count()}")
    now = timezone.now()
    source = Source.objects.create(owner=owner, kind=Source.Kind.FOLDER, folder="/")
    photos = Photo.objects.bulk_create(Photo(owner=owner, name=path.name, shown_at=now) for path in paths)
    Item.objects.bulk_create(
        Item(source=source, ref=ref_of(str(path.resolve()).lstrip("/")), photo=photo)
        for path, photo in zip(paths, photos, strict=True)
    )
    return PhotoWork()


@contextmanager
def _scratch_site(folder: Path) -> Iterator[None]:
    """A database and a photo folder that are gone afterwards."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(folder / "bench.sqlite3")
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    look_again()
    try:
        with override_settings(MEDIA_ROOT=str(folder / "photos")):
            yield
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(str(name), verbosity=0)
