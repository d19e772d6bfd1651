"""What environment variables may hold, where that is more than a number or a word; errors name the variable."""

from ipaddress import ip_network
from pathlib import Path

from environs import EnvError

from pictograph.fetching.origins import parse_origin
from pictograph.keys import token_keys


def network(text: str) -> str:
    """The address or network of a proxy, spelt as uvicorn compares it. Raises EnvError for anything else, "*" too."""
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError as error:
        raise EnvError(f"TRUSTED_PROXIES: {error}") from error


def sealing_keys(given: list[str], folder: Path) -> list[str]:
    """The keys that tokens are sealed with. Raises EnvError."""
    try:
        return token_keys(given, folder)
    except ValueError as error:
        raise EnvError(str(error)) from None


def private_server(text: str) -> str:
    """The origin of a private server, in its one spelling. Raises EnvError for anything else."""
    try:
        return parse_origin(text)
    except ValueError as error:
        raise EnvError(f"PRIVATE_SERVERS: {error}") from error


def unsafe_hold(text: str) -> float | None:
    """The score from which a photo is held back, None for never. Raises EnvError for anything else."""
    try:
        score = float(text) if text else None
    except ValueError:
        score = -1.0
    if score is not None and not 0 < score <= 1:
        raise EnvError(f"UNSAFE_HOLD: {text!r} is neither a score above 0 and up to 1 nor empty")
    return score
