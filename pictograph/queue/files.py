"""The queue in a folder, for a site on one machine: kombu's, but for messages that are written half or not at all."""

import contextlib
import os
import time
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from kombu.transport import filesystem
from kombu.utils.json import dumps

PART = ".part"  # how the name of a message ends while it is written
LEFT_AFTER_S = 3600.0  # writing one takes a moment


class Channel(filesystem.Channel):
    """Messages that are there whole or not at all."""

    def _put(self, queue: str, payload: Any, **options: Any) -> None:  # type: ignore[override]
        """Write a message beside, and give it its name in one step: no worker finds it empty, killed as we may be."""
        name = f"{time.monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        beside = Path(self.data_folder_out) / f"{name}{PART}"
        beside.write_text(dumps(payload))
        os.replace(beside, beside.with_name(name))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take a message; pass over one that a full disk cut short, which would stop the worker."""
        while True:
            try:
                return super()._get(queue)
            except ValueError:  # its file is gone by now
                continue


class Transport(filesystem.Transport):
    """Kombu's transport with the channel above."""

    Channel = Channel


def sweep_half_written() -> None:
    """Remove messages that processes were killed over; the work they were about is found without them."""
    if folder := settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("data_folder_out"):
        for part in Path(folder).glob(f"*{PART}"):
            with contextlib.suppress(FileNotFoundError):  # it has its name now, or another sweep was faster
                if time.time() - part.stat().st_mtime > LEFT_AFTER_S:
                    part.unlink()
