"""One photo: what it is called, the chain from specific to general, what the network saw, and what is known of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from classifier.pictures.dates import Precision
from pictograph.albums.models import Album, albums_with
from pictograph.catalogue.assignments import listed_alone
from pictograph.catalogue.certainty import Statement, say, sentence, spoken
from pictograph.catalogue.snapshot import browsing, catalogue, catalogue_for
from pictograph.categories.covers import covered_by
from pictograph.corrections.said import Saying, affirmed_path, sayings_of, verdicts_on
from pictograph.pages.faces import NETWORK_FACE, Face, Viewer, face_called, own_face, person_face
from pictograph.photos.cards import PhotoCard, card_of
from pictograph.photos.dates import day_of, moment_of, month_of, year_of
from pictograph.photos.holds import HoldSaid, said_of
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.photos.walk import Walk
from pictograph.places.naming import place_words
from pictograph.sources.models import Item
from pictograph.sources.reasons import GONE, WITHOUT_FILE, WORTH_RETRYING, Advice, explain
from pictograph.store import prediction_store
from pictograph.store.interface import Record
from taxonomy.browsing import BrowsingTree, Category
from taxonomy.corrections import Verdicts, ruled_out, settled
from taxonomy.sensitivity import insulting_classes, load_sensitivity

LABELS_SHOWN = 5
LEAST_SHOWN = 0.01  # a label below one percent says nothing to a person

# What happened at the moment that a photo is dated by, where it is not that someone took it.
EVENTS = {
    Origin.ARRIVAL: gettext_lazy("Added"),
    Origin.POSTED: gettext_lazy("Posted"),
    Origin.FILE_TIME: gettext_lazy("Saved"),
}
# How a date is written, by what of it is known; the coarser ones last.
WRITTEN: Mapping[Precision, Callable[[datetime], str]] = {
    Precision.MOMENT: moment_of,
    Precision.DAY: day_of,
    Precision.MONTH: month_of,
    Precision.YEAR: year_of,
}
COARSER = tuple(WRITTEN)
ORIGINS = {
    Origin.ARRIVAL: gettext_lazy("it carries no date of its own"),
    Origin.POSTED: gettext_lazy("when it was posted; nothing says when it was taken"),
    Origin.FILE_TIME: gettext_lazy("when its file was last changed; it carries no date of its own"),
    Origin.NAME: gettext_lazy("by the name of its file"),
    Origin.FILE: gettext_lazy("as its file says"),
    Origin.SERVICE: gettext_lazy("as noted beside the file, or by the service it comes from"),
    Origin.PERSON: gettext_lazy("as you said"),
}


@dataclass(frozen=True)
class Label:
    """One class of the network: its everyday name, the category it is browsed in, its probability.

    The probability is drawn and not said: the figures of a page are measured, and a raw one beside them would
    contradict them.
    """

    name: str
    category: Category
    probability: float


@dataclass(frozen=True)
class Steps:
    """Where a photo's page leads to: back, under the name of what someone comes from, and on to those beside it."""

    name: str
    back_url: str
    is_by_date: bool
    before_url: str | None
    after_url: str | None


@dataclass(frozen=True)
class WrittenDate:
    """A photo's date as a page says it: what happened then, when, and how that is known."""

    event: str
    moment: str
    origin: str


@dataclass(frozen=True)
class PhotoDetail:
    """All that a photo's page says: `advice` where it failed, `trouble` where its file cannot be read now.

    `can_retry` where trying again may help with either. `place` says where it was taken, as far as the viewer may know.
    `is_taken_off` where its owner or a moderator took a name off it. The `albums` it is in, what follows of what was
    said of similar photos (`learnt`), what was said of it (`sayings`), what it is the cover of (`covers`), and why it
    is on `hold` are told to its owner alone.
    """

    photo: Photo
    card: PhotoCard
    sentence: str
    name: Statement | None
    chain: tuple[Statement, ...]
    labels: tuple[Label, ...]
    face: Face
    steps: Steps
    advice: Advice | None
    trouble: Advice | None
    can_retry: bool
    dated: WrittenDate
    place: str
    is_own: bool
    is_taken_off: bool
    albums: tuple[Album, ...]
    learnt: str = ""
    sayings: tuple[Saying, ...] = ()
    covers: frozenset[str] = frozenset()
    hold: HoldSaid | None = None

    @property
    def can_be_corrected(self) -> bool:
        """Whether its viewer may say what it is."""
        return self.is_own and self.photo.state == Photo.State.CLASSIFIED


def photo_detail(viewer: Viewer, photo_id: int, stop: int, query: Mapping[str, str]) -> PhotoDetail:
    """What a viewer sees of a photo at a stop of the dial, coming from where the query says.

    Raises Http404 for a photo they may not see.
    """
    photo = get_object_or_404(Photo.objects.visible_to(viewer).select_related("owner"), pk=photo_id)
    is_own = photo.owner_id == viewer.pk
    is_classified = photo.state == Photo.State.CLASSIFIED
    if not is_own and not is_classified:
        raise Http404
    record = prediction_store().find(photo.pk) if is_classified else None
    stored = record.names[stop] if record and stop < len(record.names) else None
    verdicts = verdicts_on(photo)
    said = affirmed_path(verdicts)
    name = say(stored.wnid, stored.confidence, record.network) if record and stored else None
    name = name.among(said) if name else None
    chain = tuple(rung.among(said) for rung in chain_of(record, stop)) if record else ()
    is_taken_off = bool(verdicts.rejected or verdicts.muted)
    is_failed = photo.state == Photo.State.FAILED
    trouble, problem = _trouble(photo) if is_own and is_classified else (None, photo.failure if is_failed else "")
    walk = Walk.read(_face(viewer, photo, query.get("of", "")), query)
    return PhotoDetail(
        photo=photo,
        card=card_of(photo, name),
        sentence=sentence(name, is_spoken_of=bool(chain) or is_taken_off),
        name=name,
        chain=chain,
        is_taken_off=is_taken_off,
        labels=labels_of(record, verdicts) if record else (),
        face=walk.face,
        steps=_steps(walk, photo, stop),
        advice=explain(photo.failure) if is_failed else None,
        trouble=trouble,
        can_retry=problem in WORTH_RETRYING,
        dated=dated(photo, is_own=is_own),
        place=place_words(photo, is_own=is_own),
        is_own=is_own,
        albums=albums_with(photo) if is_own else (),
        learnt=learnt_in_words(record, stop, verdicts) if record and is_own else "",
        sayings=sayings_of(photo) if is_own and is_classified else (),
        covers=covered_by(photo) if is_own and is_classified else frozenset(),
        hold=said_of([photo]).get(photo.pk) if is_own and photo.is_held else None,
    )


def chain_of(record: Record, stop: int) -> tuple[Statement, ...]:
    """The categories that list a photo at a stop of the dial, most specific first."""
    listed = [a for a in reversed(record.assignments) if a.stop <= stop]
    return tuple(said for a in listed if (said := say(a.wnid, a.confidence, record.network)) is not None)


def learnt_in_words(record: Record, stop: int, verdicts: Verdicts) -> str:
    """Say what a photo is taken for, or more surely, since similar ones were corrected; "" where nothing is.

    Of the categories that list it at a stop of the dial the most specific one that is due to that is named.
    """
    if verdicts.likened is None:
        return ""
    showing, tree = catalogue().showing, browsing()
    alike = showing.shown(verdicts.likened[0])
    path = {category.wnid for category in tree.path(alike)} if alike in tree.categories else set()
    (alone,) = listed_alone([record])
    by_itself = {showing.shown(one.wnid): one.confidence for one in alone if one.stop <= stop}
    listed = [one for one in reversed(record.assignments) if one.stop <= stop and one.wnid in path]
    changed = next((one for one in listed if one.confidence > by_itself.get(one.wnid, 0.0)), None)
    if changed is None:
        return ""
    name = spoken(tree.categories[changed.wnid])
    if changed.wnid in by_itself:
        return _("What you said of similar photos makes it surer that this is %(name)s.") % {"name": name}
    return _("This is taken for %(name)s because of what you said of similar photos.") % {"name": name}


def labels_of(record: Record, verdicts: Verdicts) -> tuple[Label, ...]:
    """The most probable classes of the network that classified a photo, of which something may be shown.

    What its owner or a moderator took off it is no guess either, nor is anything below that. What insults when it is
    wrong is drawn where it is said as well, and nowhere else.
    """
    edition, seen = catalogue_for(record.network), record.classification.probabilities
    graph, tree = edition.hierarchy, edition.tree
    probabilities = seen.dense(len(graph.classes))
    insulting = _unsaid_insults(record, edition.structure)
    gone = ruled_out(settled(verdicts, probabilities, edition.structure), edition.structure)
    labels: list[Label] = []
    for c in seen.classes[:LABELS_SHOWN].tolist():
        synset = int(graph.classes[c])
        category = tree.visible(synset)
        wnid = graph.synsets[synset].wnid
        is_blocked = wnid in edition.blocked or c in insulting or gone[c]
        if category is None or is_blocked or probabilities[c] < LEAST_SHOWN:
            continue
        is_own = np.array_equal(category.classes, [c]) or wnid in edition.showing.unsaid
        name = spoken(category) if is_own else graph.synsets[synset].lemmas[0]
        labels.append(Label(name, category, float(probabilities[c])))
    return tuple(labels)


def _unsaid_insults(record: Record, structure: BrowsingTree) -> frozenset[int]:
    """The classes that insult when they are wrong, but those of such categories as the photo is listed in."""
    insulting = insulting_classes(structure, load_sensitivity())
    listed = (structure.categories[one.wnid] for one in record.assignments if one.wnid in structure.categories)
    said = (frozenset(category.classes) for category in listed)
    return insulting.difference(*(classes for classes in said if classes <= insulting))


def dated(photo: Photo, *, is_own: bool = True) -> WrittenDate:
    """When a photo was taken, or what else is known to have happened to it, on a camera's wall clock.

    Others learn the day at most: that is what is said before publishing.
    """
    origin = Origin(photo.date_origin)
    is_exact = is_own and origin not in EVENTS  # of when a file came or changed the day is enough
    precision = Precision(photo.date_precision)
    precision = precision if is_exact else max(precision, Precision.DAY, key=COARSER.index)
    return WrittenDate(str(EVENTS.get(origin, _("Taken"))), WRITTEN[precision](photo.shown_at), str(ORIGINS[origin]))


def _trouble(photo: Photo) -> tuple[Advice | None, str]:
    """Why the file of a photo that was read once cannot be read now, and the reason as stored; none where it can."""
    items: Sequence[Item] = list(photo.items.all())
    if any(not item.is_lost for item in items):
        return None, ""
    problem = next((item.problem for item in items if item.state == Item.State.PRESENT), "")
    if problem:
        return explain(problem), problem
    return GONE if items else WITHOUT_FILE, ""


def _face(viewer: Viewer, photo: Photo, called: str) -> Face:
    """Through whose photos a viewer goes: as the address says, else the owner's, as far as the viewer sees them."""
    if photo.owner_id == viewer.pk and not called:
        return own_face(photo.owner_id)
    asked = face_called(called, viewer) if called else None
    if asked is not None:
        return asked
    return person_face(photo.owner) if photo.owner.handle else NETWORK_FACE


def _steps(walk: Walk, photo: Photo, stop: int) -> Steps:
    words = f"?{walk.query}" if walk.query else ""
    before, after = (f"{walk.face.photos_root}{pk}/{words}" if pk else None for pk in walk.beside(photo, stop))
    return Steps(walk.name, walk.back_url(photo), walk.is_by_date, before, after)
