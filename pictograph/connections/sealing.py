"""Secrets at rest: tokens, keys and client secrets are encrypted before the database sees them."""

from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class BrokenSeal(Exception):
    """What was sealed cannot be opened: by no key that this site has, or it was tampered with."""


def make_key() -> str:
    """A new key, as settings have it."""
    return Fernet.generate_key().decode()


def parse_keys(given: Sequence[str]) -> list[str]:
    """Keys as they are written in settings. Raises ValueError for what is none, and does not repeat it."""
    keys = [key.strip() for key in given]
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ValueError(
                "each key is 32 bytes in URL-safe base64, as `python -c 'from cryptography.fernet import Fernet; "
                "print(Fernet.generate_key().decode())'` prints one"
            ) from None
    return keys


def seal(text: str) -> str:
    """Encrypt a text with the first of the site's keys; an empty one stays empty."""
    return _fernet(tuple(settings.TOKEN_KEYS)).encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    """The text that was sealed. Raises BrokenSeal."""
    return _open(sealed, tuple(settings.TOKEN_KEYS))


def reseal(sealed: str) -> str:
    """The same secret, sealed with the first of the site's keys; as it is where it is so already. Raises BrokenSeal."""
    try:
        _open(sealed, tuple(settings.TOKEN_KEYS[:1]))
    except BrokenSeal:
        return seal(unseal(sealed))
    return sealed


def _open(sealed: str, keys: tuple[str, ...]) -> str:
    if not sealed:
        return ""
    try:
        return _fernet(keys).decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise BrokenSeal("sealed with a key that this site does not have") from None


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
