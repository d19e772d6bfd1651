"""Make a demo account with the photographs that scikit-image and scikit-learn ship."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.crypto import get_random_string

from pictograph.management.database import bring_up_to_date
from pictograph.models import Import, User
from pictograph.sources.folder import import_files

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
        paths = [path for package in PHOTOGRAPHS for path in _photographs(package)]
        bring_up_to_date(self.stdout.write)
        user, _ = User.objects.get_or_create(username=settings.DEMO_ACCOUNT)
        if user.is_superuser:
            raise CommandError(f"An administrator is called {user.username}. Rename that account first.")
        password = get_random_string(8, "abcdefghjkmnpqrstuvwxyz23456789")
        user.set_password(password)
        user.save()
        batch = Import.objects.create(owner=user, kind=Import.Kind.FOLDER, folder="the photographs of two libraries")
        scan = import_files(batch, paths)
        self.stdout.write(
            f"{scan.added} photos came in. Start the site with `make run` and sign in as {user.username}, "
            f"password {password}"
        )


def _photographs(package: str) -> list[Path]:
    """The package's photographs on this machine; the package is not imported."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise CommandError(f"{package} is not installed. `make demo` installs what the demo needs.")
    folder, names = PHOTOGRAPHS[package]
    return [path for name in names if (path := Path(spec.origin).parent / folder / name).is_file()]
