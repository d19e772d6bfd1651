"""A small Mastodon: an account, its posts and photos, and a window to consent in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import escape
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

from pictograph.providers.mastodon import FINE_SCOPES
from tests.pictograph.providers.peers.server import Answered, Asked, Peer, challenge_of

ACCOUNT = "109348200000000001"
FIRST_POST = datetime(2025, 1, 1, 12, tzinfo=UTC)


@dataclass
class Grant:
    """A consent on its way to be a token, or a token."""

    client_id: str
    scope: str
    callback: str = ""
    challenge: str = ""


@dataclass
class MastodonPeer(Peer):
    """What is wrong with some of them can be turned on. Source: https://docs.joinmastodon.org/client/intro/"""

    version: str = "4.3.1"
    known_scopes: Sequence[str] | None = (
        "read",
        "profile",
        "read:accounts",
        "read:statuses",
        "write",
    )  # None: not told
    granted_scope: str | None = None  # in place of what was asked for; "" where the answer does not say
    has_links: bool = True
    repeats: bool = False  # each page begins with the post that the one before ended with
    always_has_next: bool = False
    forgets_filters: bool = False  # in its next link
    is_open: bool = True  # to apps
    expires_in: Any = None
    left: int = 299

    posts: list[dict[str, Any]] = field(default_factory=list)  # the newest first
    files: dict[str, bytes] = field(default_factory=dict)
    apps: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, asked: Asked) -> Answered:
        """The right answer, by the beginning of the path."""
        match asked.method, asked.path.strip("/").split("/"):
            case "GET", ["media", *_]:
                content = self.files.get(asked.path)
                return Answered(200, content, {"Content-Type": "image/jpeg"}) if content else self.refuse(404)
            case "GET", ["api", "v2", "instance"]:
                return Answered.of({"domain": "example.social", "version": self.version})
            case "GET", [".well-known", "oauth-authorization-server"] if self.known_scopes is not None:
                hostile = "https://hostile.example.org/"
                return Answered.of({"scopes_supported": list(self.known_scopes), "token_endpoint": hostile})
            case "POST", ["api", "v1", "apps"]:
                return self.register(asked)
            case _, ["oauth", *rest]:
                return self.oauth(asked, rest)
            case "GET", ["api", "v1", *rest]:
                return self.api(asked, rest)
        return self.refuse(404)

    def refuse(self, status: int, error: str = "Record not found") -> Answered:
        """An answer that says no."""
        return Answered.of({"error": error}, status)

    def register(self, asked: Asked) -> Answered:
        """Source: https://docs.joinmastodon.org/methods/apps/#create"""
        scopes = asked.form.get("scopes", "read").split()
        known = self.known_scopes if self.known_scopes is not None else ("read", "write", *FINE_SCOPES)
        if not self.is_open:
            return self.refuse(403, "This action is not allowed")
        if not set(scopes) <= set(known):
            return self.refuse(422, "Validation failed: Scopes doesn't match configured on the server.")
        client_id = token_urlsafe(32)
        self.apps[client_id] = {**asked.form, "secret": token_urlsafe(32)}
        told = {"id": "1", "name": asked.form["client_name"], "redirect_uri": asked.form["redirect_uris"]}
        return Answered.of({**told, "client_id": client_id, "client_secret": self.apps[client_id]["secret"]})

    def oauth(self, asked: Asked, path: list[str]) -> Answered:
        """Source: https://docs.joinmastodon.org/methods/oauth/"""
        match asked.method, path:
            case "GET", ["authorize"]:
                return self.window(asked.query)
            case "POST", ["authorize"]:
                return self.consent(asked.form)
            case "POST", ["token"]:
                return self.exchange(asked.form)
            case "POST", ["revoke"]:
                return self.forget(asked.form)
        return self.refuse(404)

    def window(self, query: Mapping[str, str]) -> Answered:
        """The page on which a person consents, or not."""
        app = self.apps.get(query.get("client_id", ""))
        is_right = (
            app is not None
            and query.get("response_type") == "code"
            and query.get("redirect_uri") == app["redirect_uris"]
            and set(query.get("scope", "read").split()) <= set(app["scopes"].split())
            and query.get("code_challenge_method") == "S256"
        )
        if not is_right:
            return self.refuse(400, "invalid_scope")
        fields = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in query.items())
        buttons = '<button name="is_granted" value="yes">Authorise</button><button name="is_granted">Deny</button>'
        form = f'<form method="post" action="/oauth/authorize">{fields}{buttons}</form>'
        return Answered(200, f"<!doctype html><title>Consent</title>{form}".encode(), {"Content-Type": "text/html"})

    def consent(self, form: Mapping[str, str]) -> Answered:
        """Back to the callback with a code, or with an error."""
        if form.get("is_granted") == "yes":
            code = token_urlsafe(16)
            self.codes[code] = Grant(
                form["client_id"], form.get("scope", "read"), form["redirect_uri"], form["code_challenge"]
            )
            answer = {"code": code}
        else:
            answer = {"error": "access_denied", "error_description": "The resource owner denied the request."}
        return Answered(
            302, b"", {"Location": f"{form['redirect_uri']}?{urlencode({**answer, 'state': form['state']})}"}
        )

    def exchange(self, form: Mapping[str, str]) -> Answered:
        """A token for a code, once."""
        app = self.apps.get(form.get("client_id", ""))
        if app is None or app["secret"] != form.get("client_secret"):
            return self.refuse(401, "invalid_client")
        if form["grant_type"] == "client_credentials":
            return self.give(Grant(form["client_id"], "read"))
        if form["grant_type"] != "authorization_code":
            return self.refuse(400, "unsupported_grant_type")
        grant = self.codes.pop(form.get("code", ""), None)
        challenge = challenge_of(form.get("code_verifier", ""))
        if grant is None or (grant.callback, grant.challenge) != (form.get("redirect_uri"), challenge):
            return self.refuse(400, "invalid_grant")
        return self.give(grant)

    def new_token(self, grant: Grant) -> str:
        """A token that is taken from now on."""
        token = token_urlsafe(32)
        self.tokens[token] = grant
        return token

    def give(self, grant: Grant) -> Answered:
        """Source: https://docs.joinmastodon.org/entities/Token/"""
        if self.granted_scope:
            grant.scope = self.granted_scope
        told = {"scope": grant.scope} if self.granted_scope != "" else {}
        ends = {"expires_in": self.expires_in} if self.expires_in is not None else {}
        return Answered.of(
            {"access_token": self.new_token(grant), "token_type": "Bearer", "created_at": 1, **told, **ends}
        )

    def forget(self, form: Mapping[str, str]) -> Answered:
        """Revoke a token of the client that asks."""
        grant = self.tokens.get(form.get("token", ""))
        if grant is not None and grant.client_id != form.get("client_id"):
            return self.refuse(403, "unauthorized_client")
        self.tokens.pop(form.get("token", ""), None)
        return Answered.of({})

    def api(self, asked: Asked, path: list[str]) -> Answered:
        """What a token is needed for."""
        grant = self.tokens.get(asked.token)
        if grant is None:
            return self.refuse(401, "The access token is invalid")
        match path:
            case ["accounts", "verify_credentials"] if self.allows(grant, "read:accounts"):
                return Answered.of({"id": ACCOUNT, "username": "anna", "acct": "anna", "display_name": "Anna 📷"})
            case ["accounts", account, "statuses"] if account == ACCOUNT and self.allows(grant, "read:statuses"):
                return self.list(asked)
            case ["statuses", post_id] if self.allows(grant, "read:statuses"):
                found = [post for post in self.posts if post["id"] == post_id]
                return Answered.of(found[0]) if found else self.refuse(404)
            case ["accounts" | "statuses", *_]:
                return self.refuse(403, "This action is outside the authorized scopes")
        return self.refuse(404)

    def allows(self, grant: Grant, scope: str) -> bool:
        """Whether a token was granted a scope, or the wider one."""
        return bool({scope, scope.partition(":")[0]} & set(grant.scope.split()))

    def list(self, asked: Asked) -> Answered:
        """Source: https://docs.joinmastodon.org/methods/accounts/#statuses"""
        query = asked.query
        limit, most, least = min(int(query.get("limit", 20)), 40), query.get("max_id"), query.get("since_id")
        posts = [
            post
            for post in self.posts
            if (not most or int(post["id"]) < int(most) + self.repeats)
            and (not least or int(post["id"]) > int(least))
            and (query.get("exclude_reblogs") != "true" or not post["reblog"])
            and (query.get("only_media") != "true" or post["media_attachments"])
        ]
        page = posts[:limit]
        headers = {
            "X-RateLimit-Limit": "300",
            "X-RateLimit-Remaining": str(self.left),
            "X-RateLimit-Reset": (datetime.now(UTC) + timedelta(seconds=120)).isoformat().replace("+00:00", "Z"),
        }
        if self.has_links and (len(posts) > limit or self.always_has_next):
            kept = {} if self.forgets_filters else {k: v for k, v in query.items() if k != "max_id"}
            last = page[-1]["id"] if page else most or "1"
            headers["Link"] = f'<{self.address}{asked.path}?{urlencode({**kept, "max_id": last})}>; rel="next"'
        return Answered.of(page, headers=headers)

    def post(self, *contents: bytes, **fields: Any) -> dict[str, Any]:
        """Put a post with photos there, newer than all. Source: https://docs.joinmastodon.org/entities/Status/"""
        number = int(self.posts[0]["id"]) + 1 if self.posts else 114000000000000001
        attachments: list[dict[str, Any]] = []
        for content in contents:
            media_id = f"{number}{len(attachments)}"
            path = f"/media/{media_id}/original/{sha256(content).hexdigest()[:16]}.jpeg"
            self.files[path] = content
            attachments.append(
                {"id": media_id, "type": "image", "url": self.address + path, "remote_url": None, "meta": None}
                | {"description": None}
            )
        moment = FIRST_POST + timedelta(minutes=number % 100000)
        post = {
            "id": str(number),
            "created_at": moment.isoformat().replace("+00:00", ".000Z"),
            "edited_at": None,
            "in_reply_to_id": None,
            "in_reply_to_account_id": None,
            "visibility": "public",
            "reblog": None,
            "content": f"<p>Number {number % 100000}</p>",
            "account": {"id": ACCOUNT},
            "media_attachments": attachments,
        } | fields
        self.posts.insert(0, post)
        return post
