"""What the contract suite needs of every kind of service: its server here, an account with photos there, and levers."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from pictograph.fetching.client import Http
from pictograph.providers.interface import Client, Credentials, Provider, Wanted
from tests.pictograph.providers.peers.server import Answered, Peer

CALLBACK = "https://photos.example.org/accounts/back/"
UNAUTHORIZED = Answered.of({"error": "The access token is invalid"}, 401)


@dataclass(frozen=True)
class Photograph:
    """A photo on the server: the ref that the provider is to give it, and the bytes that are to arrive."""

    ref: str
    content: bytes


class Bench(Protocol):
    """A kind of service on loopback. Inherit from it: what has a body here is right for most kinds.

    Made anew for each test, by a context manager without arguments in `benches.BENCHES`, whose peer serves meanwhile.
    """

    kind: type[Provider]
    peer: Peer
    client: Client
    #: Of the account, the newest first (where the kind lists so); as `add`, `remove` and `change` leave it.
    photos: list[Photograph]
    #: How the paths of pictures on the peer begin.
    media_path: str
    #: The ways in which services of this kind say that a token is not taken.
    refusals: Sequence[Answered] = (UNAUTHORIZED,)
    #: Whether pictures are only given to whoever shows the token.
    media_takes_token: bool = False
    #: Whether another picture can be put in the place of one.
    replaces_pictures: bool = True
    #: Whether pages come newest first.
    is_newest_first: bool = True

    @property
    def server(self) -> str:
        """What the provider is told to be its server."""
        return self.peer.address

    def provider(self, http: Http) -> Provider:
        """The provider at this server."""
        return self.kind(http, self.server, self.client)  # type: ignore[call-arg]

    def wanted(self) -> Wanted:
        """What is asked for so that all photos are listed."""
        return Wanted()

    def credentials(self) -> Credentials:
        """Credentials that the peer takes, as a sign-in gives them."""
        ...

    def visit(self, url: str, *, is_granted: bool = True) -> Mapping[str, str] | None:
        """Play the browser and the person at the address of a consent: the query with which it is back at our callback.

        None where the kind knows only keys. `is_granted=False`: the person refuses.
        """
        ...

    def sign_in(self, provider: Provider, callback: str) -> Credentials | None:
        """Sign in by the browser; None where the kind knows only keys."""
        consent = provider.ask_consent(callback, "the-state")
        answer = self.visit(consent.url)
        return None if answer is None else provider.take_answer(callback, answer, consent.keeps)

    def narrow(self) -> bool:
        """From now on consent is given to less than is needed. False where the kind has no scopes."""
        return False

    def add(self, count: int) -> None:
        """Add photos to the account, newer than all there are."""
        ...

    def remove(self, ref: str) -> None:
        """Delete a photo there."""
        ...

    def change(self, ref: str) -> None:
        """Put another picture in the place of one, under the same ref."""
        ...

    def expire(self) -> None:
        """No token that was ever given is taken any more."""
        ...

    def storm(self, retry_s: int) -> None:
        """Answer everything as the service does to whoever asks too often, to be asked again after so many seconds."""
        ...


MakeBench = Callable[[], AbstractContextManager[Bench]]
