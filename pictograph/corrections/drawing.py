"""Which photo somebody is asked about next.

Half of the questions are of photos drawn by chance, and only these tell how often names are right. Each of a person's
photos that the network names is as likely as any other, by the name that the network alone gives it: were those passed
over of which the person has said something, the names that are left would be righter than names are. What a person has
said before answers such a question without being asked.

The other half is asked where an answer teaches most (`taxonomy.asking`).
"""

import random
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from pictograph.catalogue.assignments import named_alone
from pictograph.catalogue.dial import stop_of
from pictograph.catalogue.snapshot import browsing, calibration, catalogue
from pictograph.corrections.models import Correction, Judgement, Verdict
from pictograph.corrections.question_models import Answer, Question
from pictograph.corrections.standing import AFFIRMING, is_apart, is_nested, statement_of
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.store import prediction_store
from pictograph.store.interface import Listing
from pictograph.store.scope import library_of
from pictograph.store.shown import name_shown
from taxonomy.asking import Candidate, most_telling

RANDOM_OF_2 = 1  # of two questions, so many are of photos drawn by chance
TRIES = 6  # photos drawn before one that can be asked about; most have a name
POOL = 40  # photos of which the most telling is chosen
LISTED = 200  # of a category's photos, surest first, of which the pool is the end

chance = random.SystemRandom()


def next_question(user: User, within: str = "") -> Question | None:
    """What somebody is asked now: what is open, else something new; None where there is nothing to ask.

    `within` a category only names at or below it are asked about, where an answer teaches most.
    """
    found = open_question(user)
    if found is not None:
        return found if not within or _is_within(found.wnid, within) else None
    network = catalogue().network
    if network is None:
        return None
    asked = Question.objects.asked_of(user.pk).aggregate(all=Count("pk"), drawn=Count("pk", filter=Q(is_random=True)))
    is_turn_of_chance = 2 * asked["drawn"] <= RANDOM_OF_2 * asked["all"]
    if within:
        return _kept(_telling(user, network, within))
    if is_turn_of_chance:
        return _kept(_drawn(user, network) or _telling(user, network))
    return _kept(_telling(user, network) or _drawn(user, network))


def open_question(user: User) -> Question | None:
    """The question that waits for somebody's answer; one that can be answered no more is dropped."""
    found = Question.objects.asked_of(user.pk).open().select_related("photo", "photo__owner").first()
    if found is None:
        return None
    if found.network_id == catalogue().network and found.can_be_shown and not _is_taken_off(found):
        return found
    found.delete()
    return None


def _drawn(user: User, network: int) -> Question | None:
    """A photo drawn by chance, with what the network calls it at its owner's stop."""
    store, stop = prediction_store(), stop_of(user)
    total = sum(store.years(library_of(user.pk)).values())
    photos = Photo.objects.owned_by(user).classified().newest_first()
    for _ in range(TRIES if total else 0):
        at = chance.randrange(total)
        photo = photos[at : at + 1].first()
        record = store.find(photo.pk) if photo is not None and photo.network_id == network else None
        if photo is None or record is None or record.network != network:
            continue
        (names,) = named_alone([record])
        name = names[stop] if stop < len(names) else None
        name = name and name_shown(catalogue().showing, name)  # people are asked about what they see
        if name is None or name.wnid not in browsing().categories:
            continue
        if Question.objects.filter(photo=photo, network=network, is_random=True).exists():
            continue
        question = _question(user, photo.pk, network, name.wnid, name.confidence, is_random=True)
        if not _answered_before(question):
            return question
    return None


def _answered_before(question: Question) -> bool:
    """Whether its owner has said already what a question asks; then it is kept with that answer.

    A name that a moderator took off the photo is not said to its owner either: it counts for nothing.
    """
    standing = Judgement.objects.filter(
        Q(correction__by=question.owner_id) | Q(correction__verdict=Verdict.BLOCKED),
        photo=question.photo_id,
        stands=True,
    ).select_related("correction")
    for judgement in standing.order_by("-pk"):
        answer = answer_in(judgement.correction, question.wnid)
        if answer is not None:
            question.answer, question.correction = answer, judgement.correction
            question.answered_at = question.asked_at
            question.save()
            return True
    return False


def _is_taken_off(question: Question) -> bool:
    """Whether a moderator has taken the name off the photo since it was asked about."""
    if not question.photo.corrections:
        return False
    blocks = Judgement.objects.filter(photo=question.photo_id, stands=True, correction__verdict=Verdict.BLOCKED)
    return any(answer_in(one.correction, question.wnid) is not None for one in blocks.select_related("correction"))


def answer_in(correction: Correction, wnid: str) -> Answer | None:
    """What a correction of a photo says to whether its name `wnid` is right; None where it leaves that open."""
    said, tree, asked = statement_of(correction), catalogue().structure, catalogue().showing.stored(wnid)
    if is_nested(said.affirms, asked, tree):
        return Answer.YES
    if said.verdict not in AFFIRMING and is_nested(asked, said.means, tree):
        unsure = (Verdict.TOO_SPECIFIC, Verdict.BLOCKED)
        return {Verdict.WRONG: Answer.NO, **dict.fromkeys(unsure, Answer.UNSURE)}.get(Verdict(said.verdict))
    return Answer.NO if is_apart(said.affirms, asked, tree) else None


def _telling(user: User, network: int, within: str = "") -> Question | None:
    """Of some photos nobody said anything of, the one an answer about whose name teaches most."""
    store, stop = prediction_store(), stop_of(user)
    pool = _pool(user, within, stop)
    fresh = Photo.objects.owned_by(user).classified().filter(pk__in=pool, network=network)
    fresh = fresh.exclude(judgements__stands=True).exclude(questions__network=network)
    names = store.names(list(fresh.order_by("pk").values_list("pk", flat=True)), stop)
    candidates = [
        Candidate(photo_id, name.wnid, name.confidence)
        for photo_id, name in names.items()
        if name.wnid in browsing().categories and (not within or _is_within(name.wnid, within))
    ]
    best = most_telling(candidates, _answers(network, candidates), calibration().certainty)
    if best is None:
        return None
    return _question(user, best.photo_id, network, best.wnid, best.confidence, is_random=False)


def _pool(user: User, within: str, stop: int) -> Sequence[int]:
    """Some photos one after the other, from anywhere in the library; of a category those it is least sure of."""
    store, scope = prediction_store(), library_of(user.pk)
    if within:
        page = store.photos_in(scope, Listing(within, stop), limit=LISTED)
        return [member.photo_id for member in page.members[-POOL:]]
    total = sum(store.years(scope).values())
    at = chance.randrange(max(1, total - POOL + 1))
    photos = Photo.objects.owned_by(user).classified().newest_first()
    return list(photos.values_list("pk", flat=True)[at : at + POOL])


def _answers(network: int, candidates: Sequence[Candidate]) -> Mapping[str, tuple[int, int]]:
    """What has been answered of each candidate's category: (right, all) by wnid."""
    answered = Question.objects.filter(
        network=network, wnid__in={one.wnid for one in candidates}, answer__in=(Answer.YES, Answer.NO)
    )
    counted = answered.order_by().values("wnid").annotate(all=Count("pk"), right=Count("pk", Q(answer=Answer.YES)))
    return {row["wnid"]: (row["right"], row["all"]) for row in counted}


def _question(user: User, photo_id: int, network: int, wnid: str, confidence: float, *, is_random: bool) -> Question:
    stop = stop_of(user)
    return Question(
        owner=user,
        photo_id=photo_id,
        network_id=network,
        wnid=wnid,
        stop=stop,
        confidence=confidence,
        floor=calibration().stops[stop].floor,
        is_random=is_random,
        asked_at=timezone.now(),
    )


def _kept(question: Question | None) -> Question | None:
    """The question, kept as the open one; what another request asked in the same moment where it was faster."""
    if question is None:
        return None
    try:
        with transaction.atomic():
            question.save()
    except IntegrityError:
        return open_question(question.owner)
    return question


def _is_within(wnid: str, above: str) -> bool:
    categories = browsing().categories
    return wnid in categories and above in [category.wnid for category in browsing().path(wnid)]
