"""How a person's photo accounts stand, for the pages that show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.functional import Promise

from pictograph.connections.models import Connection, Remote
from pictograph.connections.words import CUT_SHORT, STANDINGS, Standing
from pictograph.people.models import User
from pictograph.photos.dates import moment_of, wall_clock
from pictograph.sources.models import Import, Item

State = Connection.State
_MENDINGS = {State.SIGNED_OUT.value: "sign_in", State.GONE.value: "disconnect"}


@dataclass(frozen=True)
class ConnectionRow:
    """An account with its figures: photos here, photos waiting to be fetched, those left out, all that are there.

    `total` is None where the service does not say.
    """

    connection: Connection
    photos: int
    waiting: int
    refused: int
    is_paused: bool

    @property
    def is_leaving(self) -> bool:
        """Whether it is being given up."""
        return bool(self.connection.source.removal)

    @property
    def is_busy(self) -> bool:
        """Whether it is being brought in step, or is about to be, with nothing in the way."""
        source = self.connection.source
        is_wanted = source.scan_wanted or source.is_scanning or self.connection.is_walking
        return self.is_leaving or (is_wanted and self.connection.may_ask and not self.is_paused and self._is_for_now)

    @property
    def is_fetching(self) -> bool:
        """Whether photos are coming, or it was never looked at; otherwise it only looks for new ones."""
        return bool(self.waiting) or not self.looked_at

    @property
    def _is_for_now(self) -> bool:
        return not self.connection.service.capabilities.is_picked or bool(self.connection.picked)

    @property
    def state(self) -> str:
        """One word for styles and scripts."""
        if self.is_leaving:
            return "leaving"
        if self.is_paused:
            return "paused"
        return "syncing" if self.is_busy else str(self.connection.state)

    @property
    def standing(self) -> Standing:
        """The same in words."""
        is_fine = self.connection.state == State.FINE
        return CUT_SHORT if is_fine and self.waiting else STANDINGS[State(self.connection.state)]

    @property
    def advice(self) -> str | Promise:
        """What to do, where there is anything to do or to know."""
        return "" if self.is_busy or self.is_paused else self.standing.advice

    @property
    def mending(self) -> str:
        """The one button that mends it, or else is the next thing to do; empty where it goes on by itself."""
        state = self.connection.state
        if self.is_leaving:
            return ""
        if state in _MENDINGS:
            return _MENDINGS[state]
        if self.is_paused:
            return "go_on"
        if self.connection.service.capabilities.is_picked:
            return "pick"
        return "" if self.is_busy or state == State.WAITING else "sync"

    @property
    def is_worth_looking(self) -> bool:
        """Whether the state may change by itself before long, so that an open page asks again."""
        return self.is_busy or self.connection.state in (State.WAITING, State.TROUBLED)

    @property
    def resumes(self) -> str:
        """When it goes on, by the site's clock: "3 May 2024, 14:03"; empty where nothing is waited for."""
        resume_at = self.connection.resume_at
        return moment_of(wall_clock(resume_at)) if resume_at and not self.connection.may_ask else ""

    @property
    def looked_at(self) -> str:
        """When it was last in step; empty where it never was."""
        scanned_at = self.connection.source.scanned_at
        return moment_of(wall_clock(scanned_at)) if scanned_at else ""


def connection_rows(connections: Sequence[Connection]) -> list[ConnectionRow]:
    """The accounts with their figures, in three questions however many they are."""
    sources = [connection.source_id for connection in connections]
    items = Item.objects.filter(source__in=sources, state=Item.State.PRESENT).order_by()
    photos = dict(items.values_list("source").annotate(Count("photo", distinct=True)))
    waiting, refused = (Count("pk", filter=Q(state=s)) for s in (Remote.State.WAITING, Remote.State.REFUSED))
    listed = Remote.objects.filter(connection__in=connections).order_by().values_list("connection")
    figures = {pk: (w, r) for pk, w, r in listed.annotate(w=waiting, r=refused)}
    paused = Import.objects.filter(source__in=sources, is_paused=True, state=Import.State.RECEIVING)
    paused_sources = set(paused.values_list("source", flat=True))
    return [
        ConnectionRow(
            connection,
            photos.get(connection.source_id, 0),
            *figures.get(connection.pk, (0, 0)),
            is_paused=connection.source_id in paused_sources,
        )
        for connection in connections
    ]


def connections_of(user: User) -> list[Connection]:
    """Someone's accounts, those connected first before the rest."""
    theirs = Connection.objects.filter(source__owner=user).select_related("source__owner", "service")
    return list(theirs.order_by("pk"))
