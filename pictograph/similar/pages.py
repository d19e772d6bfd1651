"""What the pages of similar photos show: those of one's library, or everyone's, near a photo or near an image."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from classifier.network.labels import Classification
from pictograph.catalogue.certainty import Statement
from pictograph.pages.faces import EVERYONE, NETWORK_FACE, YOU, Face, Viewer, own_face
from pictograph.people.models import User
from pictograph.photos.cards import CARD_FIELDS, Grid, PhotoCard, Section, card_of, cards_of, names_at
from pictograph.photos.models import Photo
from pictograph.similar.collection import Unusable
from pictograph.similar.nearest import nearest
from pictograph.similar.order import Ranked, in_order
from pictograph.similar.refreshing import announce_refresh, collection_of, is_recent, is_stale
from pictograph.store import prediction_store

SHOWN = 48
# Measured on 793 photos: no cosine of two different ones is above it; that of a photo and the same shrunk, brightened,
# mirrored or trimmed is, 49 times in 50.
NEARLY_SAME = 0.95


class State(StrEnum):
    """How far an answer is."""

    FOUND = "found"
    NOTHING = "nothing"
    PREPARING = "preparing"  # the files of the collection are being made, or brought up to date


@dataclass(frozen=True)
class Tab:
    """Where to look: in one's library, or among everyone's photos."""

    name: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Found:
    """The photos of a face that are similar to something."""

    face: Face
    state: State
    grid: Grid

    @property
    def count(self) -> int:
        """How many."""
        return len(self.grid.photos)


@dataclass(frozen=True)
class SimilarPage:
    """The photos similar to one, which the page shows as `card` with what it is called."""

    photo: Photo
    card: PhotoCard
    wait_url: str
    name: Statement | None
    photo_url: str
    tabs: tuple[Tab, ...]
    found: Found


def similar_page(viewer: Viewer, photo_id: int, stop: int, called: str, address: str) -> SimilarPage:
    """What is similar to a photo that a viewer may see, named at a stop of the dial; `called` says where to look.

    Raises Http404 for a photo they may not see, or that no network has looked at.
    """
    photo = get_object_or_404(Photo.objects.visible_to(viewer).classified(), pk=photo_id)
    if photo.network_id is None:
        raise Http404("No network has looked at this photo.")
    face = face_asked(viewer, called, default=YOU if photo.owner_id == viewer.pk else EVERYONE)
    record = prediction_store().find(photo.pk)
    found = _nothing(face)
    if record is not None and record.network == photo.network_id:
        found = similar_to(record.classification, photo.network_id, face, stop, leave_out=photo.pk)
    name = names_at([photo], stop).get(photo.pk)
    context = "" if photo.owner_id == viewer.pk else urlencode({"of": EVERYONE})
    card = card_of(photo, name, context)
    return SimilarPage(photo, card, wait_url(address, face), name, card.url, tabs_of(viewer, face, address), found)


def face_asked(viewer: Viewer, called: str, default: str) -> Face:
    """Where to look for similar photos: as asked, as far as the viewer has a library. Raises Http404 for elsewhere."""
    called = called or default
    if called == EVERYONE or not isinstance(viewer, User):
        return NETWORK_FACE
    if called == YOU:
        return own_face(viewer.pk)
    raise Http404("Similar photos are looked for in one's own library, or among everyone's.")


def tabs_of(viewer: Viewer, face: Face, address: str) -> tuple[Tab, ...]:
    """The places to look in, for somebody who has a library."""
    if not isinstance(viewer, User):
        return ()
    return (
        Tab(_("In your library"), f"{address}?{urlencode({'of': YOU})}", face.is_own),
        Tab(_("Everyone's photos"), f"{address}?{urlencode({'of': EVERYONE})}", not face.is_own),
    )


def wait_url(address: str, face: Face, **more: str) -> str:
    """What a page asks until there is an answer."""
    return f"{address}?{urlencode({'of': face.called or YOU, 'wait': '1'} | more)}"


def similar_to(said: Classification, network: int, face: Face, stop: int, *, leave_out: int = 0) -> Found:
    """The photos of a face that are similar to one of which a network said this."""
    if not said.embedding.any():
        return _nothing(face)
    try:
        collection = collection_of(face.scope, network)
    except Unusable:
        if prediction_store().leaf_vector(face.scope, network) is None:  # nothing is there to be found
            return _nothing(face)
        announce_refresh(face.scope, network)
        return Found(face, State.PREPARING, Grid((), None, ""))
    is_late = face.is_own and is_stale(face.scope, network)
    if is_late:
        announce_refresh(face.scope, network)
    near = nearest(said.embedding, face.scope, collection, leave_out=leave_out)
    sections = _sections(in_order(said.probabilities, near, network), face, stop)
    # What is like it may have come since; while photos keep coming, a look of a moment ago is the answer.
    nothing = State.PREPARING if is_late and not is_recent(face.scope, network) else State.NOTHING
    return Found(face, State.FOUND if sections else nothing, Grid(sections, None, "", is_own=face.is_own))


def _nothing(face: Face) -> Found:
    return Found(face, State.NOTHING, Grid((), None, ""))


def _sections(ranked: Sequence[Ranked], face: Face, stop: int) -> tuple[Section, ...]:
    """The same picture once more, or nearly, first; then what is similar. A picture that several have comes once."""
    cosines = {one.photo_id: one.cosine for one in ranked[:SHOWN]}
    rows = Photo.objects.in_scope(face.scope).classified().only(*CARD_FIELDS, "picture_digest")
    once = {photo.picture_digest or str(photo.pk): photo for photo in reversed(rows.in_order_of(list(cosines)))}
    context = urlencode({"of": face.called}) if face.called else ""
    cards = cards_of(list(reversed(once.values())), stop, context, face.root, is_marked=face.is_own)
    same = tuple(card for card in cards if cosines[card.id] >= NEARLY_SAME)
    others = tuple(card for card in cards if cosines[card.id] < NEARLY_SAME)
    if not same:
        return (Section("", "", others),) if others else ()
    titled = [Section("", _("Nearly the same picture"), same), Section("", _("Similar"), others)]
    return tuple(section for section in titled if section.photos)
