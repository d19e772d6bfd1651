"""Mastodon against a server that we did not write: `mastodon_mock`, with its rate limits, scopes and faults."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.utils import timezone

from pictograph.fetching.client import Http
from pictograph.fetching.errors import (
    AuthExpired,
    Gone,
    ProtocolError,
    RateLimited,
    ScopeMissing,
    ServiceError,
    Transient,
)
from pictograph.providers.interface import Client, Credentials, Wanted
from pictograph.providers.mastodon import FOLLOWERS_ONLY, REPLIES, Mastodon
from tests.pictograph.providers.listing import photos_of, refs_of
from tests.pictograph.providers.peers.bench import CALLBACK
from tests.pictograph.providers.peers.pictures import picture

POSTS = 44
# A token's requests in five minutes: enough for what is put there, and for one test to use up.
LIMIT = 130
ALL = Wanted(choices=frozenset({REPLIES.key, FOLLOWERS_ONLY.key}))
CONFIG = f"""
[auth]
enforce_scopes = true
[ratelimit]
enabled = true
limit = {LIMIT}
window_seconds = 300
[[seed.accounts]]
username = "anna"
access_token = "anna-writes"
[[seed.accounts]]
username = "ben"
access_token = "ben-writes"
"""


@dataclass
class Mock:
    """The server, with an account on it."""

    address: str
    posts: list[dict[str, Any]] = field(default_factory=list)  # the newest first
    contents: dict[str, bytes] = field(default_factory=dict)

    def call(self, method: str, path: str, token: str = "anna-writes", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = requests.request(
            method, self.address + path, headers=headers, timeout=20, allow_redirects=False, **more
        )
        assert answer.status_code < 400, answer.text
        return answer if answer.status_code == 302 else answer.json()

    def post(self, *contents: bytes, text: str = "", **fields: Any) -> dict[str, Any]:
        """A post with photos."""
        media = [
            self.call(
                "POST", "/api/v2/media", files={"file": ("a.jpg", content, "image/jpeg")}, data={"description": "Alt"}
            )
            for content in contents
        ]
        ids = {"media_ids": [one["id"] for one in media]} if media else {}
        post: dict[str, Any] = self.call("POST", "/api/v1/statuses", json={"status": text or "Hello", **ids, **fields})
        self.contents |= {f"{post['id']}/{one['id']}": content for one, content in zip(media, contents, strict=True)}
        self.posts.insert(0, post)
        return post

    @property
    def refs(self) -> list[str]:
        """Of all photos, the newest post first."""
        return [f"{post['id']}/{media['id']}" for post in self.posts for media in post["media_attachments"]]

    def fault(self, effect: dict[str, Any], path: str = "/api/v1/accounts/*") -> None:
        self.call("POST", "/api/v1/_mock/faults", "", json={"match": {"path": path}, "effect": effect})


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    config = tmp_path_factory.mktemp("mastodon") / "config.toml"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config.write_text(f'media_storage_path = "{config.parent / "media"}"\ndomain = "127.0.0.1:{port}"\n{CONFIG}')
    command = [*("serve", "--config", str(config), "--port", str(port), "--in-memory", "--log-level", "critical")]
    log = Path(config.parent / "log")
    with log.open("wb") as out:
        server = subprocess.Popen([sys.executable, "-m", "mastodon_mock", *command], stdout=out, stderr=out)
    try:
        mock = Mock(f"http://127.0.0.1:{port}")
        wait_for(server, port, log)
        for number in range(POSTS):
            mock.post(*(picture(number + extra * 100) for extra in range(2 if number % 20 == 0 else 1)))
        mock.post()
        mock.call("POST", f"/api/v1/statuses/{mock.posts[5]['id']}/reblog")
        mock.post(picture(200), visibility="private")
        mock.call("POST", "/api/v1/statuses", json={"status": "@ben look", "visibility": "direct"})
        yield mock
    finally:
        server.kill()  # it would wait for whoever it makes wait
        server.wait(20)


def wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"mastodon_mock does not serve: {log.read_text()}")


@pytest.fixture(autouse=True)
def no_faults(mock: Mock) -> Iterator[None]:
    yield
    mock.call("DELETE", "/api/v1/_mock/faults", "")


@pytest.fixture
def provider(mock: Mock) -> Mastodon:
    return Mastodon(Http(private_servers=[mock.address], timeout_s=5), mock.address, Client())


@pytest.fixture
def credentials(mock: Mock) -> Credentials:
    """A new token, with all its requests left."""
    token = mock.call("POST", "/api/v1/_mock/login", "", json={"username": "anna"})["access_token"]
    return Credentials(token)


def test_one_can_sign_in_from_nothing(mock: Mock, provider: Mastodon) -> None:
    provider.test(CALLBACK)
    provider.client = provider.register_client(CALLBACK)
    consent = provider.ask_consent(CALLBACK, "the-state")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(consent.url).query).items()}
    assert asked["scope"] == "read", "it says that it knows no finer scopes"
    back = mock.call("POST", "/oauth/authorize", "", data={**asked, "username": "anna"})
    answer = {name: values[0] for name, values in parse_qs(urlsplit(back.headers["Location"]).query).items()}
    assert answer.pop("state") == "the-state"
    credentials = provider.take_answer(CALLBACK, answer, consent.keeps)
    assert tuple(credentials.scopes) == ("read",)
    assert provider.identify(credentials).name == "@anna@127.0.0.1"
    provider.revoke(credentials)
    with pytest.raises(AuthExpired):
        provider.identify(credentials)


def test_a_code_of_nobody_is_refused(provider: Mastodon) -> None:
    provider.client = provider.register_client(CALLBACK)
    with pytest.raises(ServiceError):
        provider.take_answer(CALLBACK, {"code": "made-up"}, {"verifier": "v" * 64})


def test_all_photos_are_listed_once_the_newest_first(mock: Mock, provider: Mastodon, credentials: Credentials) -> None:
    photos = photos_of(provider, credentials, ALL)
    assert [photo.ref for photo in photos] == mock.refs
    assert len(photos) > 40
    assert {photo.notes.caption for photo in photos} == {"Alt"}
    assert all(photo.posted_at and photo.posted_at.tzinfo for photo in photos)


def test_pictures_arrive_byte_for_byte(mock: Mock, provider: Mastodon, credentials: Credentials) -> None:
    for photo in provider.list_photos(credentials, ALL).items[:3]:
        with provider.open_media(credentials, photo) as blocks:
            assert b"".join(blocks) == mock.contents[photo.ref]


def test_what_is_new_is_listed_and_what_is_deleted_is_gone(
    mock: Mock, provider: Mastodon, credentials: Credentials
) -> None:
    since = provider.list_photos(credentials, ALL).since
    assert photos_of(provider, credentials, ALL, since=since) == []
    new = mock.post(picture(300), picture(301))
    refs = refs_of(provider, credentials, ALL, since=since)
    assert refs == [ref for ref in mock.refs if ref.startswith(f"{new['id']}/")]
    assert provider.refresh_media(credentials, refs[0]).ref == refs[0]
    mock.call("DELETE", f"/api/v1/statuses/{new['id']}")
    mock.posts.remove(new)
    with pytest.raises(Gone):
        provider.refresh_media(credentials, refs[0])


def test_an_edited_post_has_other_versions(mock: Mock, provider: Mastodon, credentials: Credentials) -> None:
    ref = mock.refs[-1]
    before = provider.refresh_media(credentials, ref)
    post_id, _, media_id = ref.partition("/")
    mock.call("PUT", f"/api/v1/statuses/{post_id}", json={"status": "Edited", "media_ids": [media_id]})
    assert provider.refresh_media(credentials, ref).version != before.version


def test_a_token_that_nobody_gave_is_refused(provider: Mastodon) -> None:
    with pytest.raises(AuthExpired):
        provider.identify(Credentials("made-up"))


def test_a_token_that_may_not_read_is_told(mock: Mock, provider: Mastodon) -> None:
    app = mock.call("POST", "/api/v1/apps", "", data={"client_name": "A", "redirect_uris": CALLBACK, "scopes": "write"})
    form = {"grant_type": "authorization_code", "code": "mockcode_anna", "client_id": app["client_id"]}
    token = mock.call("POST", "/oauth/token", "", data=form)["access_token"]
    with pytest.raises(ScopeMissing):
        provider.identify(Credentials(token))


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        ({"type": "status", "status": 500}, Transient),
        ({"type": "status", "status": 503}, Transient),
        ({"type": "status", "status": 401}, AuthExpired),
        ({"type": "malformed", "truncate": True}, ProtocolError),
        ({"type": "malformed", "truncate": False}, ProtocolError),
        ({"type": "ratelimit"}, RateLimited),
    ],
)
def test_its_faults_are_typed_errors(
    mock: Mock, provider: Mastodon, credentials: Credentials, effect: dict[str, Any], error: type[ServiceError]
) -> None:
    mock.fault(effect)
    with pytest.raises(error) as raised:
        provider.list_photos(credentials, ALL)
    if isinstance(raised.value, RateLimited):
        assert timedelta(seconds=280) < raised.value.retry_at - timezone.now() < timedelta(seconds=301)


def test_a_server_that_says_nothing_is_left(mock: Mock, credentials: Credentials) -> None:
    mock.fault({"type": "timeout"})
    http = Http(private_servers=[mock.address], timeout_s=0.3)
    with pytest.raises(Transient):
        Mastodon(http, mock.address, Client()).identify(credentials)


def test_its_rate_limit_is_seen_coming_and_obeyed(mock: Mock, provider: Mastodon, credentials: Credentials) -> None:
    assert provider.list_photos(credentials, ALL).retry_at is None
    for _ in range(LIMIT - 2 - 4):
        mock.call("GET", "/api/v1/preferences", credentials.access)
    page = provider.list_photos(credentials, ALL)
    assert page.items
    assert page.retry_at is not None
    assert timedelta(seconds=200) < page.retry_at - timezone.now() <= timedelta(seconds=301)
    provider.list_photos(credentials, ALL)
    with pytest.raises(RateLimited) as raised:
        provider.list_photos(credentials, ALL)
    assert timedelta(seconds=200) < raised.value.retry_at - timezone.now() <= timedelta(seconds=301)
