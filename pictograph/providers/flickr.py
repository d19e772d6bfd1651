"""Flickr: OAuth 1.0a, and an account's photostream in pages of 500."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from django.utils.translation import gettext_lazy as _
from oauthlib import oauth1

from pictograph.fetching.answers import Answer, raise_for, raise_passing
from pictograph.fetching.client import Http
from pictograph.fetching.errors import (
    AuthExpired,
    ConsentDenied,
    Gone,
    ProtocolError,
    ScopeMissing,
    ServiceError,
    Transient,
)
from pictograph.providers.fields import id_of, inner, integer_of, line_of, mapping_of, mappings_of, url_of
from pictograph.providers.flickr_photos import EXTRAS, as_listed, extent, is_wanted, read_photo
from pictograph.providers.hosts import origin_of
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
from pictograph.providers.pulls import begun_before

PER_PAGE = 500  # the most there are
# 3,600 requests an hour for everybody who uses our key. Source: https://www.flickr.com/services/developer/api/
PACE = timedelta(seconds=1)
# What was changed while a page was made, and copies of theirs that lag behind.
OVERLAP = timedelta(minutes=10)
MOST_STEPS_BACK = 50  # in one listing: copies of theirs can differ in what they count

_TOKEN = re.compile(r"[\x21-\x7e]{1,500}")
_CURSOR = re.compile(r"([1-9]\d{0,5})-(\d{1,12})-(\d{1,2})-([\x21-\x7e]*)", re.ASCII)
_PROBLEM = re.compile(r"[a-z_]{1,40}")


class Flickr:
    """Flickr, or what stands in for it at `server`. Source of all: https://www.flickr.com/services/api/"""

    capabilities = Capabilities(
        name="Flickr",
        sign_in=SignIn.OAUTH1,
        lists_changes=True,
        can_forget=False,
        choices=(
            Choice("shared", _("Photos that only friends and family see there")),
            Choice("private", _("Photos that only you see there")),
        ),
        advice=_(
            "Flickr gives keys to accounts with Flickr Pro only. Ask for a non-commercial key at "
            "https://www.flickr.com/services/apps/create/, and copy the key and the secret from there."
        ),
    )

    def __init__(self, http: Http, server: str, client: Client) -> None:
        self._http, self._client = http, client
        self._sign_in = f"{origin_of('www.flickr.com', server)}/services/oauth"
        self._api = f"{origin_of('api.flickr.com', server)}/services/rest/"

    def test(self, callback: str) -> None:
        """See that Flickr gives our client a request token."""
        self._ask_request_token(callback)

    def register_client(self, callback: str) -> Client:
        """Keys are given by people."""
        raise ProtocolError("Flickr's keys are asked for in the browser")

    def ask_consent(self, callback: str, state: str) -> Consent:
        """A request token, and where it is consented to. There is no `state` in OAuth 1.0a: it is in the callback."""
        asked = self._ask_request_token(f"{callback}{'&' if '?' in callback else '?'}{urlencode({'state': state})}")
        address = urlencode({"oauth_token": asked["token"], "perms": "read"})
        return Consent(f"{self._sign_in}/authorize?{address}", asked)

    def take_answer(self, callback: str, answer: Mapping[str, str], keeps: Mapping[str, str]) -> Credentials:
        """Exchange the request token that was consented to.

        Source: https://www.flickr.com/services/api/auth.oauth.html
        """
        verifier, token, secret = answer.get("oauth_verifier", ""), keeps.get("token", ""), keeps.get("secret", "")
        if not token or answer.get("oauth_token") != token or not _TOKEN.fullmatch(verifier):
            raise ConsentDenied("the browser did not come back with consent to what was asked")
        told = self._ask_token("access_token", Credentials(token, secret=secret), verifier=verifier)
        given = Credentials(told["oauth_token"], secret=told["oauth_token_secret"], scopes=("read",))
        self.identify(given)  # for which a token has to allow reading, and that is all we need
        return given

    def identify(self, credentials: Credentials) -> Identity:
        """Whose token it is. Source: https://www.flickr.com/services/api/flickr.test.login.html"""
        told, _sent_at = self._call(credentials, "flickr.test.login")
        user = mapping_of(told.get("user"), "the user")
        remote_id = id_of(user.get("id"))
        if not remote_id:
            raise ProtocolError("the user has no id")
        return Identity(remote_id, line_of(inner(user.get("username")).get("_content")) or remote_id)

    def list_photos(self, credentials: Credentials, wanted: Wanted, cursor: str = "", since: str = "") -> Page:
        """The photostream, or what of it was added or changed since."""
        place, begun_at = _Place.read(cursor), datetime.now(UTC)
        asked = {"per_page": str(PER_PAGE), "page": str(place.page), "extras": EXTRAS}
        if since:
            # Source: https://www.flickr.com/services/api/flickr.photos.recentlyUpdated.html
            told, sent_at = self._call(credentials, "flickr.photos.recentlyUpdated", {"min_date": since, **asked})
        else:
            # Source: https://www.flickr.com/services/api/flickr.people.getPhotos.html
            only_public = {} if wanted.choices & {"shared", "private"} else {"privacy_filter": "1"}
            asked |= {"user_id": "me", "safe_search": "3", **only_public}  # 3: also what is restricted
            told, sent_at = self._call(credentials, "flickr.people.getPhotos", asked, not_found=(1, 2, 5))
        photos = mapping_of(told.get("photos"), "the page")
        rows = mappings_of(photos.get("photo"), "the page's photos")
        next_cursor = place.next(photos, rows)
        return Page(
            items=[photo for row in rows if is_wanted(row, wanted) and (photo := read_photo(row))],
            next_cursor=next_cursor,
            retry_at=begun_at + PACE if next_cursor else None,
            since=begun_before(sent_at, OVERLAP),
            total=None if since else _count(photos.get("total")),
        )

    def refresh_media(self, credentials: Credentials, ref: str) -> RemotePhoto:
        """One photo told of anew, with the address of the largest size of it that we may have."""
        # Source: https://www.flickr.com/services/api/flickr.photos.getInfo.html
        told, _sent_at = self._call(credentials, "flickr.photos.getInfo", {"photo_id": ref}, not_found=(1, 2))
        photo = read_photo(as_listed(mapping_of(told.get("photo"), "the photo")), self._largest(credentials, ref))
        if photo is None or photo.ref != ref:
            raise Gone("there is no picture with this id")
        return photo

    @contextmanager
    def open_media(self, credentials: Credentials, photo: RemotePhoto) -> Iterator[Iterable[bytes]]:
        """The original, or the largest size there is. Whoever knows its address may have it."""
        url = photo.media_url or self._largest(credentials, photo.ref)
        with stream_at(self._http, url) as blocks:
            yield _without_placeholder(blocks, url)

    def refresh(self, credentials: Credentials) -> Credentials:
        """Tokens are good until they are revoked."""
        raise AuthExpired("Flickr's tokens are not renewed")

    def revoke(self, credentials: Credentials) -> None:
        """Only the person can, at https://www.flickr.com/services/auth/list.gne"""

    def _largest(self, credentials: Credentials, ref: str) -> str:
        """Source: https://www.flickr.com/services/api/flickr.photos.getSizes.html"""
        told, _sent_at = self._call(credentials, "flickr.photos.getSizes", {"photo_id": ref}, not_found=(1, 2))
        sizes = mappings_of(mapping_of(told.get("sizes"), "the sizes").get("size"), "the sizes")
        pictures = [size for size in sizes if size.get("media", "photo") == "photo" and url_of(size.get("source"))]
        if not pictures:
            raise Gone("there is no picture to have")
        return url_of(max(pictures, key=extent)["source"])

    def _ask_request_token(self, callback: str) -> Mapping[str, str]:
        told = self._ask_token("request_token", Credentials(""), callback_uri=callback)
        if told.get("oauth_callback_confirmed") != "true":
            raise ProtocolError("the callback was not confirmed")
        return {"token": told["oauth_token"], "secret": told["oauth_token_secret"]}

    def _ask_token(self, path: str, shown: Credentials, **signing: str) -> Mapping[str, str]:
        """A token and its secret. Source: https://www.flickr.com/services/api/auth.oauth.html"""
        answer = self._get(f"{self._sign_in}/{path}", {}, shown, **signing)
        told = _form(answer)
        if "oauth_problem" in told:
            _raise_problem(told["oauth_problem"], ConsentDenied)
        if answer.status != 200:
            _raise_status(answer)
        if not all(_TOKEN.fullmatch(told.get(name, "")) for name in ("oauth_token", "oauth_token_secret")):
            raise ProtocolError("the answer holds no token")
        return told

    def _call(
        self, credentials: Credentials, method: str, arguments: Mapping[str, str] = {}, not_found: Sequence[int] = ()
    ) -> tuple[Mapping[str, Any], datetime | None]:
        """What a method answers, and when by their clock; its codes in `not_found` say that what it is about is gone.

        Source: https://www.flickr.com/services/api/response.json.html
        """
        query = {"method": method, "format": "json", "nojsoncallback": "1", **arguments}
        answer = self._get(self._api, query, credentials)
        raise_passing(answer)
        if problem := _form(answer).get("oauth_problem"):
            _raise_problem(problem, AuthExpired)
        if answer.status not in (200, 400, 401, 403):
            _raise_status(answer)
        told = mapping_of(answer.json, "the answer")
        if told.get("stat") != "ok":
            _raise_failure(method, told.get("code"), not_found)
        return told, answer.sent_at

    def _get(self, url: str, query: Mapping[str, str], shown: Credentials, **signing: str) -> Answer:
        signer = oauth1.Client(
            self._client.id,
            client_secret=self._client.secret,
            resource_owner_key=shown.access or None,
            resource_owner_secret=shown.secret or None,
            **signing,
        )
        address, headers, _body = signer.sign(f"{url}?{urlencode(query, quote_via=quote)}" if query else url)
        return self._http.get(address, headers={"Authorization": headers["Authorization"]})


@dataclass(frozen=True)
class _Place:
    """A place in a list of pages, how many photos there were in all at the page before, and which was its first.

    The 4,000 photos after which their searches repeat themselves do not hold for a photostream, but after page 10,000
    it gives that page for ever. Source: https://github.com/alexis-mignon/python-flickr-api/issues/54
    """

    page: int = 1
    total: int = 0
    steps_back: int = 0
    first: str = ""

    @classmethod
    def read(cls, cursor: str) -> "_Place":
        if not cursor:
            return cls()
        found = _CURSOR.fullmatch(cursor)
        if not found:
            raise ProtocolError("the cursor is none of ours")
        return cls(int(found[1]), int(found[2]), int(found[3]), found[4])

    def next(self, photos: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
        """The cursor of the page after this one, "" where it is the last.

        Where photos were deleted meanwhile it is the page before this one: the first photos of this have moved there.
        """
        page, pages = integer_of(photos.get("page")), integer_of(photos.get("pages"))
        total, first = _count(photos.get("total")), id_of(rows[0].get("id")) if rows else ""
        total = self.total if total is None else total
        if self.page > 1 and total < self.total and self.steps_back < MOST_STEPS_BACK:
            return f"{self.page - 1}-{total}-{self.steps_back + 1}-{first}"
        if self.page > 1 and (first == self.first or page not in (None, self.page)):
            return ""
        if pages is None:
            raise ProtocolError("the page does not say how many there are")
        return f"{self.page + 1}-{total}-{self.steps_back}-{first}" if rows and self.page < pages else ""


def _count(value: object) -> int | None:
    count = integer_of(value)
    return count if count is not None and 0 <= count < 10**12 else None


def _without_placeholder(blocks: Iterable[bytes], url: str) -> Iterator[bytes]:
    """The bytes of a picture. In place of a JPEG that is gone a PNG or GIF comes that says "no longer available"."""
    for place, block in enumerate(blocks):
        if not place and urlsplit(url).path.endswith(".jpg") and block.startswith((b"\x89PNG", b"GIF8")):
            raise Gone("there is only a placeholder at the photo's address")
        yield block


def _form(answer: Answer) -> Mapping[str, str]:
    """The fields of an urlencoded answer, none where it is something else."""
    try:
        return dict(parse_qsl(answer.body[:5000].decode("ascii"), max_num_fields=50))
    except ValueError:
        return {}


def _raise_problem(problem: str, refused: type[ServiceError]) -> NoReturn:
    """Raise what an OAuth 1.0 problem means; `refused` where it is the token that is not taken.

    Source: http://wiki.oauth.net/w/page/12238543/ProblemReporting
    """
    problem = problem if _PROBLEM.fullmatch(problem) else "unnamed"
    if problem in ("user_refused", "permission_denied", "permission_unknown"):
        raise ConsentDenied(problem) if refused is ConsentDenied else ScopeMissing(problem)
    if problem.startswith(("token_", "verifier_")):
        raise refused(problem)
    if problem == "nonce_used":
        raise Transient(problem)
    if problem == "timestamp_refused":
        raise ProtocolError("Flickr does not believe the clock of this machine")
    raise ProtocolError(f"Flickr does not take what is signed with our key: {problem}")


def _raise_failure(method: str, told_code: object, not_found: Sequence[int]) -> NoReturn:
    """Raise what the code of a failure means. Source: the pages of the methods, "Error Codes"."""
    code = integer_of(told_code)
    if code == 98:
        raise AuthExpired(f"{method}: the token is not taken")
    if code == 99:
        raise ScopeMissing(f"{method}: the token does not allow it")
    if code in not_found:
        raise Gone(f"{method}: there is none ({code})")
    if code in (0, 10, 105, 106, 201):
        raise Transient(f"{method}: Flickr is not available at present ({code})")
    if code == 100:
        raise ProtocolError(f"{method}: Flickr does not take our key")
    raise ProtocolError(f"{method}: failed with code {code}")


def _raise_status(answer: Answer) -> NoReturn:
    raise_for(answer)
    raise ProtocolError(f"the answer has the status {answer.status}")
