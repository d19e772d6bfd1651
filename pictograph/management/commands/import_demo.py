"""Make a demo account with the photographs that scikit-image and scikit-learn ship."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.crypto import get_random_string

from pictograph.management.database import bring_up_to_date
from pictograph.people.models import User
from pictograph.sources.folders import register, source_around
from pictograph.sources.scan import PATIENCE_S, ScanRefused, scan

# The photographs among the packages' sample files; the rest are drawings, scans and test patterns.
PHOTOGRAPHS = {
    "skimage": (
        "data",
        [
            *("astronaut.png", "brick.png", "camera.png", "chelsea.png", "clock_motion.png", "coffee.png", "coins.png"),
            *("grass.png", "gravel.png", "hubble_deep_field.jpg", "moon.png"),
            *("motorcycle_left.png", "motorcycle_right.png", "rocket.jpg"),
        ],
    ),
    "sklearn": ("datasets/images", ["china.jpg", "flower.jpg"]),
}


class Command(BaseCommand):
    """`manage.py import_demo`."""

    help = "Make an account called demo with a few openly licensed photographs, to see the site with something in it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account or give it a new password, then import what it does not have yet."""
        folders = {package: _folder(package) for package in PHOTOGRAPHS}
        bring_up_to_date(self.stdout.write)
        user, _ = User.objects.get_or_create(username=settings.DEMO_ACCOUNT)
        if user.is_superuser:
            raise CommandError(f"An administrator is called {user.username}. Rename that account first.")
        password = get_random_string(8, "abcdefghjkmnpqrstuvwxyz23456789")
        user.set_password(password)
        user.save()
        added = sum(_import(user, folder, PHOTOGRAPHS[package][1]) for package, folder in folders.items())
        self.stdout.write(
            f"{added} photos came in. Start the site with `make run` and sign in as {user.username}, "
            f"password {password}"
        )


def _folder(package: str) -> Path:
    """Where the package's photographs lie on this machine; the package is not imported."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise CommandError(f"{package} is not installed. `make demo` installs what the demo needs.")
    return (Path(spec.origin).parent / PHOTOGRAPHS[package][0]).resolve()


def _import(user: User, folder: Path, names: Sequence[str]) -> int:
    """Bring in those files of a folder that have one of the names; how many are new."""
    source, _below = source_around(user, folder) or (register(user, folder), "")
    source.exclusions = "\n".join(sorted(set(os.listdir(folder)).difference(names)))
    source.save(update_fields=["exclusions"])
    try:
        _batch, tally = scan(source, patience_s=PATIENCE_S)
    except ScanRefused as error:
        raise CommandError(f"{folder} is being looked at already. Let that end, then run again.") from error
    return tally.added
