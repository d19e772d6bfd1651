"""Pictures that whoever knows their address may have, for as long as the address is good."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, Gone, ScopeMissing


@contextmanager
def stream_at(http: Http, url: str, bearer: str = "") -> Iterator[Iterable[bytes]]:
    """A picture's bytes. Raises Gone also where the address is forbidden, as it is when its time is up.

    A token that is shown can be out of date; without one it is never the account's that is not taken.
    """
    with ExitStack() as opened:
        try:
            blocks = opened.enter_context(http.stream(url, bearer=bearer))
        except (AuthExpired, ScopeMissing) as refused:
            if bearer and isinstance(refused, AuthExpired):
                raise
            raise Gone("the address of the picture is no longer good") from refused
        yield blocks
