"""What the tests of all kinds share: a kind's bench, and our client and provider at its server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from pictograph.fetching.client import Http
from pictograph.providers.interface import Credentials, Page, Provider, RemotePhoto
from tests.pictograph.providers.listing import pages_of
from tests.pictograph.providers.peers.bench import Bench
from tests.pictograph.providers.peers.benches import BENCHES


@dataclass(frozen=True)
class Trial:
    """A kind of service on trial: its provider at its bench, with credentials that are taken there."""

    bench: Bench
    provider: Provider
    credentials: Credentials

    def pages(self, since: str = "") -> list[Page]:
        """All pages of the account."""
        return pages_of(self.provider, self.credentials, self.bench.wanted(), since=since)

    def photos(self, since: str = "") -> list[RemotePhoto]:
        """All photos of the account."""
        return [photo for page in self.pages(since) for photo in page.items]

    def read(self, photo: RemotePhoto) -> bytes:
        """A picture's bytes."""
        with self.provider.open_media(self.credentials, photo) as blocks:
            return b"".join(blocks)

    def calls(self) -> dict[str, Callable[[], object]]:
        """Everything that shows the token, by name."""
        photo = self.provider.refresh_media(self.credentials, self.bench.photos[0].ref)
        calls: dict[str, Callable[[], object]] = {
            "identify": lambda: self.provider.identify(self.credentials),
            "list_photos": lambda: self.provider.list_photos(self.credentials, self.bench.wanted()),
            "refresh_media": lambda: self.provider.refresh_media(self.credentials, photo.ref),
        }
        return calls | ({"open_media": lambda: self.read(photo)} if self.bench.media_takes_token else {})


@pytest.fixture(params=BENCHES)
def trial(request: pytest.FixtureRequest) -> Iterator[Trial]:
    """A kind on trial; a test that takes this runs on every kind."""
    with BENCHES[request.param]() as bench:
        http = Http(private_servers=[bench.peer.address], timeout_s=5)
        yield Trial(bench, bench.provider(http), bench.credentials())
