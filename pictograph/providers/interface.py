"""What a kind of photo service can do, and what is told of an account and its photos there.

A provider knows neither the database nor the person: it is given a client of ours at a server, and credentials, and
opens no connection but by the `Http` it is given. What goes wrong is one of `pictograph.fetching.errors`.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from django.utils.functional import Promise

from classifier.pictures.xmp import Notes


class SignIn(StrEnum):
    """How a person shows a service that they want us to read their photos."""

    OAUTH2 = "oauth2"
    OAUTH1 = "oauth1"
    KEY = "key"  # they make one there, and paste it here


@dataclass(frozen=True)
class Choice:
    """Something that a person may have pulled as well, or not."""

    key: str
    label: str | Promise
    is_default: bool = True


@dataclass(frozen=True)
class Capabilities:
    """What a kind of service is called, how one signs in, and what it can do.

    `names_servers`: there are many of its kind, and a person or an administrator names one. `registers_itself`: our
    client there is made by `register_client`; otherwise, unless it `needs_client` none, an administrator registers one.
    `lists_changes`: with `since`, pages hold all that was added or changed since, not only what was added.
    `is_picked`: the person picks photos in a window of the service, for each pull anew (`Picker`).
    `tries_secret`: a test says whether the client's secret is right too.
    `refresh_before_s`: so long before they end credentials are made good for longer, where they can be.
    `warning` is shown before a person consents; `advice` to the administrator who sets it up.
    """

    name: str
    sign_in: SignIn
    names_servers: bool = False
    registers_itself: bool = False
    needs_client: bool = True
    lists_changes: bool = False
    is_picked: bool = False
    has_folder: bool = False  # a person can name one folder to be pulled
    can_forget: bool = True  # what it granted, once it is told to; otherwise only the person can end that, there
    tries_secret: bool = True
    refresh_before_s: int = 300
    choices: Sequence[Choice] = ()
    warning: str | Promise = ""
    advice: str | Promise = ""
    key_advice: str | Promise = ""  # where a person finds the key


@dataclass(frozen=True)
class Client:
    """Our client at one server, as registered there."""

    id: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Credentials:
    """What lets us read one account. Never logged, shown or put into a session.

    `access` is the token or key, `secret` the other half of an OAuth 1.0a token. `expires_at` is aware, None where the
    service says none.
    """

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: Sequence[str] = ()


@dataclass(frozen=True)
class Consent:
    """Where the browser is sent to consent, and what is kept until it is back; `keeps` is secret."""

    url: str
    keeps: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Identity:
    """An account: the id that stays the same there, and what people call it, `@anna@example.org`.

    Nothing else it claims is believed, an email address least of all.
    """

    remote_id: str
    name: str


@dataclass(frozen=True)
class Wanted:
    """What a person wants pulled: keys of choices, one folder where the service has them, one picked session."""

    choices: frozenset[str] = frozenset()
    folder: str = ""
    picked: str = ""


@dataclass(frozen=True)
class RemotePhoto:
    """A photo as a service tells of it.

    `ref` is the same at every listing, and one picture's alone. `version` changes whenever the picture's bytes may
    have. `media_url` may be good for minutes only; `refresh_media` has it anew. `posted_at` (aware) is when it was put
    there, which is not when it was taken. `notes` say date taken, place, title and caption, as far as they are known.
    """

    ref: str
    name: str
    version: str = ""
    media_url: str = field(default="", repr=False)  # some carry a key
    size_bytes: int | None = None
    posted_at: datetime | None = None
    notes: Notes = field(default_factory=Notes)


@dataclass(frozen=True)
class Page:
    """Some photos of an account, the newest first where the service can, and how to go on.

    `next_cursor` is empty on the last page. `deleted_ids` are refs that the service says are gone. `retry_at` (aware)
    is when to ask for the next page at the soonest. `since`, on any page, is what to ask the next pull from; the one of
    the first page counts, as what is added meanwhile comes before it. `total` is how many photos there are in all,
    where the service says so.
    """

    items: Sequence[RemotePhoto]
    next_cursor: str = ""
    deleted_ids: Sequence[str] = ()
    retry_at: datetime | None = None
    since: str = ""
    total: int | None = None


class Provider(Protocol):
    """One kind of service, at one server. Made as `Kind(http, server, client)`; `server` is `https://host[/path]`."""

    capabilities: Capabilities

    def test(self, callback: str) -> None:
        """See that the server is one of this kind and takes our client. Raises ServiceError saying what is wrong."""

    def register_client(self, callback: str) -> Client:
        """Register this site there. Where it does not register itself: raises ProtocolError."""

    def ask_consent(self, callback: str, state: str) -> Consent:
        """Where to send the browser. `state` comes back with it. With a key there is nothing to consent to."""

    def take_answer(self, callback: str, answer: Mapping[str, str], keeps: Mapping[str, str]) -> Credentials:
        """Exchange what the browser brought back (its query; the caller has compared `state`) for credentials.

        Raises ConsentDenied, and ScopeMissing where less was granted than is needed.
        """

    def identify(self, credentials: Credentials) -> Identity:
        """Whose account it is."""

    def list_photos(self, credentials: Credentials, wanted: Wanted, cursor: str = "", since: str = "") -> Page:
        """The page at a cursor of an earlier page, or the first; of what was added (or changed) since, where given."""

    def refresh_media(self, credentials: Credentials, ref: str) -> RemotePhoto:
        """One photo told of anew. Raises Gone where it is no longer there."""

    def open_media(self, credentials: Credentials, photo: RemotePhoto) -> AbstractContextManager[Iterable[bytes]]:
        """The picture's bytes as they come in, the best there are. Raises ServiceError, also in the midst of them."""

    def refresh(self, credentials: Credentials) -> Credentials:
        """Credentials good for longer. Raises AuthExpired where the service gives none."""

    def revoke(self, credentials: Credentials) -> None:
        """Have the service forget what it granted; where it cannot, do nothing."""


@dataclass(frozen=True)
class PickerSession:
    """A window of the service in which a person picks photos."""

    id: str
    url: str


class Picker(Provider, Protocol):
    """A service that shows us only what the person picks there."""

    def open_picker(self, credentials: Credentials) -> PickerSession:
        """A new window to pick in."""

    def is_picked(self, credentials: Credentials, session_id: str) -> bool:
        """Whether the person is done picking. Raises Gone where the window is no longer good."""

    def close_picker(self, credentials: Credentials, session_id: str) -> None:
        """Have the service forget a window, once all that was picked in it has come."""
