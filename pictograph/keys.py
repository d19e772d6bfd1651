"""Keys of this installation: given as settings, or made at the first start and kept beside the data."""

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from pictograph.connections.sealing import make_key, parse_keys


def secret_key(folder: Path) -> str:
    """The key that sessions and the like are signed with."""
    from django.core.management.utils import get_random_secret_key

    return _made_once(folder / "secret_key", get_random_secret_key)


def token_keys(given: Sequence[str], folder: Path) -> list[str]:
    """The keys that tokens are sealed with, the first for new ones. Raises ValueError that names what is wrong."""
    try:
        return parse_keys(list(given) or [_made_once(folder / "token_key", make_key)])
    except ValueError as error:
        raise ValueError(f"{'TOKEN_KEYS' if given else folder / 'token_key'}: {error}") from None


def _made_once(file: Path, make: Callable[[], str]) -> str:
    """What a file says, made at the first start."""
    if not file.exists():
        with NamedTemporaryFile("w", dir=file.parent, prefix=f"{file.name}-") as new:  # readable by its owner only
            new.write(make())
            new.flush()
            with contextlib.suppress(FileExistsError):  # another process was first
                os.link(new.name, file)  # there whole or not at all
    return file.read_text()
