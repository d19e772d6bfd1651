"""Seal the tokens of photo accounts, client secrets and second steps with the first of TOKEN_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pictograph.connections.rotation import rotate


class Command(BaseCommand):
    """`manage.py rotate_token_keys`."""

    help = (
        "Encrypt everything that is encrypted with the first key of TOKEN_KEYS, while the site runs; it may be run "
        "again at any time. Once it has found nothing more to do, the other keys can be thrown away."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate, and say what came of it."""
        is_over = True
        for done in rotate():
            self.stdout.write(f"{done.name}: {done.all:,}, of which {done.resealed:,} were sealed anew.")
            if done.unreadable:
                self.stderr.write(f"{done.unreadable:,} of them open with none of the keys, and stay as they are.")
            is_over = is_over and not done.written
        if not is_over:
            raise CommandError("Some were written meanwhile. Run it again.")
