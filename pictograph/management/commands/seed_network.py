"""Fill a site with made-up people who have published photos, to see and time the network's pages."""

import time
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from pictograph.management.database import bring_up_to_date
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.seeding.kinds import current_network
from pictograph.seeding.loading import add_people, load_photos
from pictograph.seeding.people import MARK, make_people
from pictograph.seeding.photos import make_photos
from pictograph.seeding.pictures import keep_pictures, look_from, plain_look
from pictograph.seeding.places import make_haunts
from pictograph.similar.refreshing import refresh_public

PICTURES = 20_000  # of the newest photos get a file, unless told


class Command(BaseCommand):
    """`manage.py seed_network --photos N --people N`."""

    help = (
        "Add made-up people and their published photos: rows, categories, counters, sums, words, the map and what "
        "similar photos are found by, as publishing leaves them. "
        "For timing and looking at pages. It refuses where real people have accounts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare how many, by which chance, and how they look."""
        parser.add_argument("--photos", type=int, default=10_000)
        parser.add_argument("--people", type=int, default=100)
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--pictures", type=int, default=PICTURES, help="how many of the newest get a picture file")
        parser.add_argument(
            "--look", type=Path, metavar="DIR", help="pictures named by wnid, of which the photos are made"
        )
        parser.add_argument("--force", action="store_true", help="go on though real people have accounts here")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make people up, then their photos, and write all of it."""
        bring_up_to_date(self.stdout.write)
        if not 0 < options["people"] <= options["photos"]:
            raise CommandError("Everybody needs a photo: --people cannot be more than --photos.")
        if User.objects.exclude(username__startswith=MARK).exists() and not options["force"]:
            raise CommandError(
                "Real people have accounts here. Use an empty site with a DATA_DIR of its own, or --force."
            )
        began = time.monotonic()
        first = User.objects.filter(username__startswith=MARK).count()
        chance = np.random.default_rng([options["seed"], first])  # who is added later is somebody else
        network = current_network()
        try:
            look = look_from(options["look"], chance) if options["look"] else plain_look(chance)
        except OSError as error:
            raise CommandError(f"{error}.") from error
        people = make_people(options["people"], options["photos"], first, chance, look.of_class.keys())
        photos = make_photos(people, chance)
        self.stderr.write(f"Made up {len(photos)} photos of {len(people)} people.")
        haunts = make_haunts(people, chance)
        ids = load_photos(photos, add_people(people, haunts), haunts, network, look, chance)
        newest = ids[::-1][: options["pictures"]]
        rows = Photo.objects.only("key", "digest").in_bulk(newest.tolist())
        keep_pictures([rows[pk] for pk in newest.tolist()], photos.labels[::-1][: len(newest)].tolist(), look)
        refresh_public()
        self.stdout.write(f"{len(photos)} photos of {len(people)} people in {time.monotonic() - began:.0f} s.")
