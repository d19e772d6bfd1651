"""Photo services that are set up here, people's accounts there, and the photos these list."""

import json
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from classifier.pictures.text import tidy
from classifier.pictures.told import read_notes, write_notes
from pictograph.connections.sealing import BrokenSeal, seal, unseal
from pictograph.fetching.errors import AuthExpired
from pictograph.providers.interface import Capabilities, Client, Credentials, RemotePhoto, Wanted
from pictograph.providers.kinds import KINDS
from pictograph.sources.models import Source

REF_LENGTH = 500
NAME_LENGTH = 255
MOST_BYTES = models.BigIntegerField.MAX_BIGINT
# More than anything here waits for; what is to be waited for longer was written before the clock was set back.
LONGEST_WAIT = timedelta(hours=25)


def storable(text: str) -> str:
    """A text without what no database keeps: NUL, and halves of characters that JSON can write."""
    return text.replace("\0", "").encode(errors="ignore").decode()


class ServiceQuerySet(models.QuerySet["Service"]):
    """Services in the words of the product."""

    def offered(self) -> Self:
        """Those that people are shown."""
        return self.filter(is_offered=True).order_by("kind", "server")


class Service(models.Model):
    """A photo service at one server, or any server of a kind where `server` is empty, as it is set up here.

    An administrator offers it to people. Where people name a server of their own, one without `is_offered` is made for
    that server, as which this site is registered there. `callback` is the address our client was registered with.
    """

    kind = models.CharField(max_length=20, help_text="a key of `pictograph.providers.kinds.KINDS`")
    server = models.CharField(max_length=NAME_LENGTH, blank=True, help_text=_("https://host, or empty: any server"))
    is_offered = models.BooleanField(default=False)
    client_id = models.CharField(max_length=NAME_LENGTH, blank=True)
    sealed_secret = models.TextField(blank=True, editable=False)
    callback = models.CharField(max_length=NAME_LENGTH, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "server"], name="service_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.server}".strip()

    @property
    def capabilities(self) -> Capabilities:
        """What its kind can do."""
        return KINDS[self.kind].capabilities

    @property
    def name(self) -> str:
        """What people call it: "Flickr", or "Nextcloud (cloud.example.org)"."""
        host = urlsplit(self.server).netloc
        return f"{self.capabilities.name} ({host})" if host else self.capabilities.name

    @property
    def is_set_up(self) -> bool:
        """Whether an administrator has to do with it, and not only somebody who named their server."""
        return self.is_offered or not self.server or bool(self.client_id and not self.capabilities.registers_itself)

    @property
    def takes_new(self) -> bool:
        """Whether whoever is not connected with it may be: it is offered, or any server of its kind is."""
        return self.is_offered or Service.objects.filter(kind=self.kind, server="", is_offered=True).exists()

    @property
    def is_ready(self) -> bool:
        """Whether all is there that signing in takes."""
        capabilities = self.capabilities
        return not capabilities.needs_client or capabilities.registers_itself or bool(self.client_id)

    @property
    def client(self) -> Client:
        """Our client there. Raises AuthExpired where its secret was sealed with a key that is gone."""
        try:
            return Client(self.client_id, unseal(self.sealed_secret))
        except BrokenSeal as error:
            raise AuthExpired(f"the client secret of {self}: {error}") from error

    @property
    def has_readable_secret(self) -> bool:
        """Whether the secret of our client, if it has one, was sealed with a key that is still here."""
        try:
            unseal(self.sealed_secret)
        except BrokenSeal:
            return False
        return True

    def register(self, client: Client, callback: str) -> None:
        """Keep our client there; the caller saves."""
        self.client_id, self.sealed_secret, self.callback = client.id, seal(client.secret), callback


class Connection(models.Model):
    """One account of a person at a service, and how far its photos are in step.

    Whoever proves that the account is theirs signs in as its person, unless `signs_in` is off. `since`, `cursor` and
    `walk` say where a walk through the list of its photos has come: a walk that was killed goes on at its cursor.
    """

    class State(models.TextChoices):
        """What stands in the way, if anything does."""

        FINE = "fine", _("fine")
        WAITING = "waiting", _("asked to wait")  # until `resume_at`
        TROUBLED = "troubled", _("not reached")  # tried again at `resume_at`
        FULL = "full", _("no room")
        SIGNED_OUT = "signed_out", _("has to be signed in again")
        GONE = "gone", _("no longer there")
        BROKEN = "broken", _("not understood")

    ENDED = (State.SIGNED_OUT, State.GONE)  # only the person can do something about it

    source = models.OneToOneField(Source, models.CASCADE, related_name="connection")
    service = models.ForeignKey(Service, models.PROTECT, related_name="connections")
    remote_id = models.CharField(max_length=NAME_LENGTH)
    signs_in = models.BooleanField(default=True)
    sealed = models.TextField(blank=True, editable=False, help_text="the credentials")
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.FINE)
    resume_at = models.DateTimeField(null=True, help_text="until then nothing is asked there")
    failures = models.PositiveSmallIntegerField(default=0, help_text="pulls in a row that came to nothing")
    detail = models.CharField(max_length=NAME_LENGTH, blank=True, help_text="what went wrong, for the log")
    choices = models.JSONField(default=list, help_text="keys of what to pull besides")
    folder = models.TextField(blank=True, help_text="the one to pull, where the service has folders")
    follows_edits = models.BooleanField(default=True)
    follows_deletions = models.BooleanField(default=False)
    picked = models.TextField(blank=True, help_text="the window that the person picks photos in")

    cursor = models.TextField(blank=True)
    since = models.CharField(max_length=REF_LENGTH, blank=True, help_text="where the next pull begins")
    next_since = models.CharField(max_length=REF_LENGTH, blank=True, help_text="where the one after this walk does")
    walk = models.PositiveIntegerField(default=0, help_text="the number of this walk, or of the last")
    is_walking = models.BooleanField(default=False)
    is_whole = models.BooleanField(default=False, help_text="this walk sees all photos, not only new ones")
    walked_at = models.DateTimeField(null=True, help_text="when the last whole walk ended")
    total = models.PositiveIntegerField(null=True, help_text="photos there, as the service says")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "remote_id"], name="connection_once")]

    def __str__(self) -> str:
        return str(self.source)

    @property
    def credentials(self) -> Credentials:
        """What lets us read the account. Raises AuthExpired where there is nothing that does."""
        try:
            text = unseal(self.sealed)
        except BrokenSeal as error:
            raise AuthExpired(f"the credentials of connection {self.pk}: {error}") from error
        if not text:
            raise AuthExpired(f"connection {self.pk} has no credentials")
        kept: dict[str, Any] = json.loads(text)
        expires, scopes = kept.pop("expires_at"), tuple(kept.pop("scopes"))
        return Credentials(**kept, scopes=scopes, expires_at=datetime.fromisoformat(expires) if expires else None)

    def keep(self, credentials: Credentials) -> None:
        """Seal credentials; the caller saves."""
        told = {
            "access": credentials.access,
            "refresh": credentials.refresh,
            "secret": credentials.secret,
            "scopes": list(credentials.scopes),
            "expires_at": credentials.expires_at.isoformat() if credentials.expires_at else "",
        }
        self.sealed, self.expires_at = seal(json.dumps(told)), credentials.expires_at

    @property
    def wanted(self) -> Wanted:
        """What is to be pulled."""
        return Wanted(frozenset(self.choices), self.folder, self.picked)

    @property
    def may_ask(self) -> bool:
        """Whether there is any use in asking the service now."""
        return self.state not in self.ENDED and not self.is_early

    @property
    def is_early(self) -> bool:
        """Whether the service wants to be left alone, or has just not been reached."""
        now = timezone.now()
        return self.resume_at is not None and now < self.resume_at <= now + LONGEST_WAIT


class Remote(models.Model):
    """A photo as a service lists it; where its bytes are here, the source has an item with the same `ref`.

    `rank` orders what waits: what was listed first, mostly the newest, is fetched first.
    """

    class State(models.TextChoices):
        """What is to be done about it."""

        WAITING = "waiting"
        FETCHED = "fetched"
        REFUSED = "refused"  # what came is no picture, or too large
        GONE = "gone"

    connection = models.ForeignKey(Connection, models.CASCADE, related_name="remotes")
    ref = models.CharField(max_length=REF_LENGTH)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    name = models.CharField(max_length=NAME_LENGTH)
    version = models.CharField(max_length=REF_LENGTH, blank=True)
    sealed_url = models.TextField(blank=True, editable=False, help_text="some addresses carry a key")
    size_bytes = models.PositiveBigIntegerField(null=True)
    posted_at = models.DateTimeField(null=True)
    told = models.TextField(blank=True)
    walk = models.PositiveIntegerField(default=0, help_text="the last walk that met it")
    rank = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "ref"], name="remote_once")]
        indexes = [
            models.Index(fields=["connection", "rank"], name="remote_waiting", condition=Q(state="waiting")),
            models.Index(fields=["connection", "walk"], name="remote_walk"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def media_url(self) -> str:
        """Where its bytes are; empty where the key to that is gone, or it was never told."""
        try:
            return unseal(self.sealed_url)
        except BrokenSeal:
            return ""

    @property
    def photo(self) -> RemotePhoto:
        """The photo as its service told of it."""
        return RemotePhoto(
            ref=self.ref,
            name=self.name,
            version=self.version,
            media_url=self.media_url,
            size_bytes=self.size_bytes,
            posted_at=self.posted_at,
            notes=read_notes(self.told),
        )

    def hear(self, photo: RemotePhoto) -> bool:
        """Take over what the service tells of it now; whether any of that is new. The caller saves."""
        told: dict[str, Any] = {
            "name": tidy(photo.name)[-NAME_LENGTH:] or "photo",
            "version": storable(photo.version)[:REF_LENGTH],
            "size_bytes": photo.size_bytes if 0 <= (photo.size_bytes or 0) <= MOST_BYTES else None,
            "posted_at": photo.posted_at,
            "told": write_notes(photo.notes),
        }
        is_new = any(getattr(self, name) != value for name, value in told.items())
        for name, value in told.items():
            setattr(self, name, value)
        if not self.sealed_url or self.media_url != photo.media_url:
            self.sealed_url, is_new = seal(photo.media_url), True
        return is_new
