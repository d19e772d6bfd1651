"""What a photo's page shows of where the network saw one of its categories."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pictograph.catalogue.certainty import Statement, spoken
from pictograph.explaining.heat import Where, where_in
from pictograph.explaining.models import Crowded, Explanation
from pictograph.people.models import User
from pictograph.photos.detail import PhotoDetail
from pictograph.photos.models import Photo

LATE = timedelta(seconds=8)  # by then a worker has answered, if one is at work

PLACES = {
    Where.TOP_LEFT: gettext_lazy("mostly at the top left"),
    Where.TOP: gettext_lazy("mostly at the top"),
    Where.TOP_RIGHT: gettext_lazy("mostly at the top right"),
    Where.LEFT: gettext_lazy("mostly on the left"),
    Where.MIDDLE: gettext_lazy("mostly in the middle"),
    Where.RIGHT: gettext_lazy("mostly on the right"),
    Where.BOTTOM_LEFT: gettext_lazy("mostly at the bottom left"),
    Where.BOTTOM: gettext_lazy("mostly at the bottom"),
    Where.BOTTOM_RIGHT: gettext_lazy("mostly at the bottom right"),
    Where.ALL_OVER: gettext_lazy("all over the picture"),
}


class State(StrEnum):
    """How far the map is; beyond these, a failure of `Explanation` says why there is none."""

    SHOWN = "shown"
    WAITING = "waiting"
    LATE = "late"
    CROWDED = "crowded"
    MISSING = "missing"
    UNKNOWN = "unknown"  # which network named the photo


@dataclass(frozen=True)
class Why:
    """Where the network saw what a rung of the chain says: `words` say it, the map shows it.

    `again_url` is the page that asks for it, `wait_url` what that asks while it waits, `close_url` the page without.
    """

    state: str
    rung: Statement
    words: str
    map_url: str
    again_url: str
    wait_url: str
    close_url: str

    @property
    def is_waiting(self) -> bool:
        """Whether it may come by itself."""
        return self.state in (State.WAITING, State.LATE)


def why_asked(person: User | None, detail: PhotoDetail, query: Mapping[str, str], *, may_ask: bool) -> Why | None:
    """What a photo's page says of why, for the category its query names, and asks a worker for it if it `may_ask`.

    None where the query names none of the chain's.
    """
    rung = next((rung for rung in detail.chain if rung.category.wnid == query.get("why")), None)
    if rung is None:
        return None
    found = _found(person, detail.photo, rung.category.wnid, may_ask=may_ask)
    state = found if isinstance(found, State) else _state(found)
    heat = bytes(found.heat) if isinstance(found, Explanation) else b""
    late = {"late": "1"} if state == State.LATE else {}
    kept = {name: value for name, value in query.items() if name not in ("why", "wait", "late")}
    page = reverse("photo", args=[detail.photo.pk])
    mark = f"?v={found.pk}" if isinstance(found, Explanation) else ""
    return Why(
        state=state,
        rung=rung,
        words=words_of(rung, where_in(heat), is_own=detail.is_own) if heat else "",
        map_url=reverse("why_map", args=[detail.photo.pk, rung.category]) + mark,
        again_url=_with(page, kept | {"why": rung.category.wnid}),
        wait_url=_with(page, kept | {"why": rung.category.wnid, "wait": "1"} | late),
        close_url=_with(page, kept),
    )


def words_of(rung: Statement, where: Where, *, is_own: bool = True) -> str:
    """Say where a map lies: "Where the network saw a dog: mostly at the top left."."""
    name = spoken(rung.category)
    if where == Where.NOWHERE:
        return _("Nothing in the picture looks to the network like %(name)s.") % {"name": name}
    words = {"name": name, "where": PLACES[where]}
    if not rung.is_certain:
        return _("Where the network saw %(name)s: %(where)s.") % words
    if is_own:
        return _("You said that it is %(name)s. What looks like that to the network: %(where)s.") % words
    return _("Its owner said that it is %(name)s. What looks like that to the network: %(where)s.") % words


def _found(person: User | None, photo: Photo, wnid: str, *, may_ask: bool) -> Explanation | State:
    if photo.is_missing:
        return State.MISSING
    if photo.network_id is None:
        return State.UNKNOWN
    if not may_ask:
        return Explanation.find(photo, wnid) or State.CROWDED
    try:
        return Explanation.ask(photo, wnid, person)
    except Crowded:
        return State.CROWDED


def _state(found: Explanation) -> str:
    if found.is_waiting:
        return State.LATE if timezone.now() - found.asked_at > LATE else State.WAITING
    return found.failure or State.SHOWN


def _with(page: str, query: Mapping[str, str]) -> str:
    return f"{page}?{urlencode(query)}" if query else page
