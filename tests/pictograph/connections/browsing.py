"""How a browser goes to a service's window and comes back, for tests."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.test import Client
from django.urls import reverse

from pictograph.connections.models import Service
from tests.pictograph.providers.peers.mastodon import MastodonBench
from tests.pictograph.providers.peers.server import Answered, Fault


def set_out(client: Client, service: Service, fields: Mapping[str, str] = {}, **about: Any) -> str:
    """Go on to the window of a service; where that is."""
    answer = client.post(reverse("connect", args=[service.pk]), fields, **about)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def consent(bench: MastodonBench, window: str, *, is_granted: bool = True) -> str:
    """Consent in the window, or do not; the address at which the browser is back, without the site's name."""
    answer = bench.visit(window, is_granted=is_granted)
    return f"{urlsplit(query_of(window)['redirect_uri']).path}?{urlencode(answer)}"


def come_back(client: Client, bench: MastodonBench, service: Service, fields: Mapping[str, str] = {}) -> Any:
    """All of the way."""
    return client.get(consent(bench, set_out(client, service, fields)))


def query_of(address: str) -> dict[str, str]:
    """What stands behind the question mark."""
    return dict(parse_qsl(urlsplit(address).query))


def be(bench: MastodonBench, account_id: object, username: object = "ben") -> None:
    """Whoever consents next is signed in there as another."""
    told = {"id": account_id, "username": username, "acct": username, "email": "anna@example.org"}
    bench.peer.faults.append(Fault("/api/v1/accounts/verify_credentials", 1, Answered.of(told)))
