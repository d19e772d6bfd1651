"""Mastodon and what speaks its API: GoToSocial, Akkoma, Pleroma, Friendica and others, each a little differently."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import NoReturn
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext_lazy as _

from pictograph.fetching.answers import Answer, raise_for, retry_at
from pictograph.fetching.client import Http
from pictograph.fetching.errors import AuthExpired, Gone, ProtocolError, ScopeMissing, Transient
from pictograph.providers.fields import inner, line_of
from pictograph.providers.instances import JSON, Instance, read_instance
from pictograph.providers.interface import (
    Capabilities,
    Choice,
    Client,
    Consent,
    Credentials,
    Identity,
    Page,
    RemotePhoto,
    SignIn,
    Wanted,
)
from pictograph.providers.media import stream_at
from pictograph.providers.oauth2 import OAuth2, is_secret
from pictograph.providers.posts import ANYONES, FOLLOWERS, Post, age_of, read_id, read_post

CLIENT_NAME = "Pictograph"
# Source: https://docs.joinmastodon.org/methods/accounts/#statuses
PAGE_POSTS = 40
# A page takes two requests at most. Source: https://docs.joinmastodon.org/api/rate-limits/
FEWEST_LEFT = 3
# Source: https://docs.joinmastodon.org/api/oauth-scopes/
FINE_SCOPES = ("read:accounts", "read:statuses")
COARSE_SCOPES = ("read",)
LONGEST_CLIENT_ID, LONGEST_CLIENT_SECRET = 255, 1000  # as they are kept here

_WHO = "/api/v1/accounts/verify_credentials"
_OF_SCOPES = ("scope", "insufficient permission")
_OF_TOKENS = ("token", "credential", "login", "log in", "unauthori", "unauthenticated")

REPLIES = Choice("replies", _("Photos in your replies to others"))
FOLLOWERS_ONLY = Choice("followers", _("Photos that only your followers may see"))


class Mastodon:
    """An account on a server that speaks Mastodon's API."""

    capabilities = Capabilities(
        name="Mastodon",
        sign_in=SignIn.OAUTH2,
        names_servers=True,
        registers_itself=True,
        choices=(REPLIES, FOLLOWERS_ONLY),
    )

    def __init__(self, http: Http, server: str, client: Client) -> None:
        self.http = http
        self.server = server.rstrip("/")
        self.client = client

    def test(self, callback: str) -> None:
        """See that the server speaks the API, and still knows our client where there is one."""
        self.see_kind(read_instance(self.http, self.server))
        if self.client.id:
            self._oauth(()).see_client()

    def register_client(self, callback: str) -> Client:
        """Register this site at the server. Source: https://docs.joinmastodon.org/methods/apps/#create"""
        instance = read_instance(self.http, self.server)
        self.see_kind(instance)
        app = {"client_name": CLIENT_NAME, "redirect_uris": callback, "scopes": " ".join(self.scopes(instance))}
        if callback.startswith("https://"):  # no other is taken as a website
            app["website"] = f"https://{urlsplit(callback).netloc}/"
        answer = self.http.post(f"{self.server}/api/v1/apps", form=app, headers=JSON)
        self.see_registered(answer)
        registered = answer.json
        if not isinstance(registered, dict):
            raise ProtocolError("the server answered to our registration with something else")
        client_id, secret = registered.get("client_id"), registered.get("client_secret")
        client_id = str(client_id) if type(client_id) is int else client_id
        is_secret_fit = secret is None or is_secret(secret, LONGEST_CLIENT_SECRET)
        if not is_secret(client_id, LONGEST_CLIENT_ID) or not is_secret_fit:
            raise ProtocolError("the server registered this site, but does not say as what")
        return Client(client_id, secret or "")

    def ask_consent(self, callback: str, state: str) -> Consent:
        """Where to send the browser. Source: https://docs.joinmastodon.org/methods/oauth/#authorize"""
        scopes = self.scopes(read_instance(self.http, self.server))
        consent = self._oauth(scopes).ask_consent(callback, state)
        return replace(consent, keeps={**consent.keeps, "scopes": " ".join(scopes)})

    def take_answer(self, callback: str, answer: Mapping[str, str], keeps: Mapping[str, str]) -> Credentials:
        """Exchange the code. Source: https://docs.joinmastodon.org/methods/oauth/#token"""
        return self._oauth(keeps.get("scopes", "").split() or COARSE_SCOPES).take_answer(callback, answer, keeps)

    def identify(self, credentials: Credentials) -> Identity:
        """Whose account it is. Source: https://docs.joinmastodon.org/methods/accounts/#verify_credentials"""
        account = inner(self._get(_WHO, credentials).json)
        account_id = read_id(account.get("id"))
        if not account_id:
            raise ProtocolError("the server does not say whose account it is")
        name = line_of(account.get("username"), 100).replace("@", "") or account_id
        return Identity(account_id, f"@{name}@{urlsplit(self.server).hostname}")

    def list_photos(self, credentials: Credentials, wanted: Wanted, cursor: str = "", since: str = "") -> Page:
        """The photos of 40 posts. A cursor is the account's id, and that of the post from which the page goes on.

        Servers repeat posts, forget filters in their `next` links, and give one on the last page too: so the address is
        always ours, what is not older than the cursor was told of before, and a page that does not lead back is the
        last. Source: https://docs.joinmastodon.org/methods/accounts/#statuses
        """
        account_id, _space, before = cursor.partition(" ")
        if (cursor and not (read_id(account_id) and read_id(before))) or since != read_id(since):
            raise ProtocolError("not a cursor of this kind of service")
        account_id = account_id or self.identify(credentials).remote_id
        path = f"/api/v1/accounts/{account_id}/statuses"
        answer = self._get(path, credentials, self.query(before, since))
        listed = answer.json
        if not isinstance(listed, list):
            raise ProtocolError("the posts are no list")
        posts = [post for post in (read_post(value, self.server) for value in listed) if post]
        if listed and not posts:
            raise ProtocolError("the posts have no ids")
        wanted_posts = (
            post for post in posts if _is_within(post, before, since) and _is_wanted(post, account_id, wanted)
        )
        items = {photo.ref: photo for post in wanted_posts for photo in post.photos}
        next_post = _next_post(answer, posts, before, since)
        return Page(
            items=tuple(items.values()),
            next_cursor=f"{account_id} {next_post}" if next_post else "",
            retry_at=_wait(answer),
            since=max((since, *(post.id for post in posts)), key=age_of),
        )

    def refresh_media(self, credentials: Credentials, ref: str) -> RemotePhoto:
        """One photo, of its post told of anew. Source: https://docs.joinmastodon.org/methods/statuses/#get"""
        post_id, _slash, media_id = ref.partition("/")
        if not (read_id(post_id) and read_id(media_id)):
            raise ProtocolError("not a photo of this kind of service")
        post = read_post(self._get(f"/api/v1/statuses/{post_id}", credentials).json, self.server)
        if post is None or post.id != post_id:
            raise ProtocolError("the answer is not the post that was asked for")
        for photo in post.photos:
            if photo.ref == ref:
                return photo
        raise Gone("the post no longer has this photo")

    @contextmanager
    def open_media(self, credentials: Credentials, photo: RemotePhoto) -> Iterator[Iterable[bytes]]:
        """The picture's bytes. They are given to anyone who knows the address, so the token stays with us."""
        if not photo.media_url:  # it was still being worked on
            photo = self.refresh_media(credentials, photo.ref)
        if not photo.media_url:
            raise Transient("the picture is not ready yet")
        with stream_at(self.http, photo.media_url) as blocks:
            yield blocks

    def refresh(self, credentials: Credentials) -> Credentials:
        """Credentials good for longer, where the server gives refresh tokens: Mastodon's own are good for ever."""
        return self._oauth(credentials.scopes).refresh(credentials)

    def revoke(self, credentials: Credentials) -> None:
        """Have the server forget the token. Source: https://docs.joinmastodon.org/methods/oauth/#revoke"""
        self._oauth(credentials.scopes).revoke(credentials)

    def see_kind(self, instance: Instance) -> None:
        """Raise ProtocolError where the server is of another kind that we know."""
        if instance.software == "pixelfed":
            raise ProtocolError("the server is a Pixelfed server, not a Mastodon server")

    def see_registered(self, answer: Answer) -> None:
        """Raise what is wrong where the server did not register us."""
        if answer.status in (400, 401, 403, 404, 405, 410, 422):
            raise ProtocolError(f"the server does not let sites register themselves ({answer.status})")
        raise_for(answer)

    def scopes(self, instance: Instance) -> Sequence[str]:
        """The least that lets us read the posts. The same for registering and for consent, which servers compare."""
        return FINE_SCOPES if instance.has_fine_scopes else COARSE_SCOPES

    def query(self, before: str, since: str) -> Mapping[str, str]:
        """What is asked of an account's posts."""
        wanted = {"only_media": "true", "exclude_reblogs": "true", "limit": str(PAGE_POSTS)}
        return wanted | ({"max_id": before} if before else {}) | ({"since_id": since} if since else {})

    def _oauth(self, scopes: Sequence[str]) -> OAuth2:
        return OAuth2(
            self.http,
            self.client,
            authorize_url=f"{self.server}/oauth/authorize",
            token_url=f"{self.server}/oauth/token",
            revoke_url=f"{self.server}/oauth/revoke",
            scopes=scopes,
            covers=_covers,
        )

    def _get(self, path: str, credentials: Credentials, query: Mapping[str, str] = {}) -> Answer:
        answer = self.http.get(self.server + path, query=query, headers=JSON, bearer=credentials.access)
        if answer.status in (400, 401, 403):
            self._raise_refused(path, answer, credentials)
        raise_for(answer)
        return answer

    def _raise_refused(self, path: str, answer: Answer, credentials: Credentials) -> NoReturn:
        """Tell a token that is not taken from one that allows too little: all these statuses are given for either."""
        words = answer.text[:2000].lower()
        refused = f"{path.split('/')[3]}: answered with {answer.status}"
        if answer.status == 401:
            raise AuthExpired(refused)
        if "text/html" in answer.headers.get("Content-Type", "").lower():
            raise Transient(f"{refused} by something that stands before the server")
        if any(word in words for word in _OF_SCOPES):
            raise ScopeMissing(refused)
        if path == _WHO or any(word in words for word in _OF_TOKENS):
            raise AuthExpired(refused)
        self._get(_WHO, credentials)  # raises where the token is what is wrong
        raise ProtocolError(refused)


def _covers(granted: str, needed: str) -> bool:
    """`read` covers `read:statuses`."""
    return granted == needed or needed.startswith(f"{granted}:")


def _is_within(post: Post, before: str, since: str) -> bool:
    return (not before or age_of(post.id) < age_of(before)) and age_of(post.id) > age_of(since)


def _is_wanted(post: Post, account_id: str, wanted: Wanted) -> bool:
    """Whether it is the account's own post for more than those it names, and of those that the person wants pulled."""
    if post.is_reblog or post.account_id not in ("", account_id):
        return False
    if post.visibility not in ANYONES and not (post.visibility in FOLLOWERS and FOLLOWERS_ONLY.key in wanted.choices):
        return False
    return not post.is_reply or post.replies_to == account_id or REPLIES.key in wanted.choices


def _next_post(answer: Answer, posts: Sequence[Post], before: str, since: str) -> str:
    """The post from which the next page goes on, "" after the last page.

    It is the one that the link names, as pages can be empty on the way, but only where that leads further back than all
    that was seen. Not all servers have links.
    """
    told = read_id(parse_qs(urlsplit(answer.links.get("next", "")).query).get("max_id", [""])[-1])
    last = posts[-1].id if posts else before
    candidate = told if told and (not last or age_of(told) <= age_of(last)) else last
    goes_back = candidate and (not before or age_of(candidate) < age_of(before))
    return candidate if goes_back and age_of(candidate) > age_of(since) else ""


def _wait(answer: Answer) -> datetime | None:
    """When to ask again, where few more requests would be answered."""
    left = answer.headers.get("X-RateLimit-Remaining", "").strip()
    return retry_at(answer) if left.isdecimal() and len(left) < 10 and int(left) < FEWEST_LEFT else None
