"""Deciding the same on many cases at once, and undoing all of that at once."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from django.core.exceptions import PermissionDenied
from django.utils.translation import ngettext

from fathom.moderation import deciding
from fathom.moderation.deciding import ACTIONS, DecidedMeanwhile
from fathom.moderation.effects import CannotUndo
from fathom.moderation.models import Case, Decision
from pictograph.corrections.correcting import CannotBeSaid
from pictograph.pages.addresses import parse_id
from pictograph.people.models import User

Action = Decision.Action
AT_MOST = 100  # cases decided on at once: each is a transaction of its own
# What is decided on many at once: each of these can be said of photos and of labels on them.
BULK = (Action.KEEP, Action.UNPUBLISH, Action.REMOVE, Action.WARN)


class Passed(Enum):
    """Why a case was passed over."""

    IMPOSSIBLE = "impossible"
    AT_HAND = "at hand"
    MEANWHILE = "meanwhile"
    OTHERS = "others"


@dataclass(frozen=True)
class Together:
    """What came of deciding on many: the decisions, how many photos they made public, and what was passed over."""

    action: Decision.Action
    decisions: tuple[Decision, ...]
    passed: Counter[Passed]

    @property
    def published(self) -> int:
        """How many photos that were held are public now."""
        kept = (decision for decision in self.decisions if decision.action == Action.KEEP)
        return sum("reasons" in decision.undo for decision in kept)

    def in_words(self) -> str:
        """What was decided, in a sentence or two."""
        count = len(self.decisions)
        words = ngettext("%(count)s case decided.", "%(count)s cases decided.", count) % {"count": count}
        if not self.published:
            return words
        public = ngettext("%(count)s photo is public now.", "%(count)s photos are public now.", self.published)
        return f"{words} {public % {'count': self.published}}"

    def passed_in_words(self) -> list[str]:
        """Why others were passed over, in a sentence for each cause."""
        return [_why(cause, self.action, count) % {"count": count} for cause, count in self.passed.items()]


def possible(kind: str) -> tuple[Decision.Action, ...]:
    """What of that can be decided on a case of a kind."""
    return tuple(action for action in BULK if action in ACTIONS[kind])


def decide_together(chosen: Sequence[str], action: Decision.Action, by: User, reason: str) -> Together:
    """Decide the same on cases as they were listed, each as "number.version" or "number.version.picture"."""
    decisions, passed = [], Counter[Passed]()
    for text in chosen[:AT_MOST]:
        outcome = _decide(text, action, by, reason)
        if isinstance(outcome, Passed):
            passed[outcome] += 1
        else:
            decisions.append(outcome)
    return Together(action, tuple(decisions), passed)


def decided_together(decision_ids: Sequence[int], by: User) -> list[Decision]:
    """Decisions that somebody made together, as long as none was undone and they have decided nothing since."""
    theirs = Decision.objects.standing().filter(by=by)
    found = list(theirs.filter(pk__in=decision_ids))
    is_last = bool(found) and not theirs.filter(pk__gt=max(decision_ids)).exists()
    return found if is_last and len(found) == len(decision_ids) else []


def undo_together(decision_ids: Iterable[int], by: User) -> tuple[int, list[str]]:
    """Undo some decisions, the latest first: how many it was, and why others stand."""
    done, problems = 0, []
    for decision_id in sorted(decision_ids, reverse=True):
        try:
            deciding.undo(decision_id, by)
            done += 1
        except CannotUndo as error:
            problems.append(str(error))
        except (PermissionDenied, CannotBeSaid, Decision.DoesNotExist):
            problems.append("")
    return done, list(filter(None, dict.fromkeys(problems)))


def _decide(text: str, action: Decision.Action, by: User, reason: str) -> Decision | Passed:
    number, _sign, seen = text.partition(".")
    seen, is_told, picture = seen.partition(".")
    case_id, version = parse_id(number), parse_id(seen)
    found = Case.objects.filter(pk=case_id).first() if case_id is not None and version is not None else None
    if found is None or version is None:
        return Passed.MEANWHILE
    if action not in ACTIONS[found.kind]:
        return Passed.IMPOSSIBLE
    if found.is_claimed_by_other(by.pk):
        return Passed.AT_HAND
    try:
        return deciding.decide(found.pk, version, action, by, reason=reason, picture=picture if is_told else None)
    except DecidedMeanwhile:
        return Passed.MEANWHILE
    except PermissionDenied:
        return Passed.OTHERS


def _why(cause: Passed, action: Decision.Action, count: int) -> str:
    if cause == Passed.IMPOSSIBLE and action == Action.WARN:
        return ngettext(
            "%(count)s case was passed over: nobody is warned of a photo that was never public, of a suspension or of "
            "an appeal.",
            "%(count)s cases were passed over: nobody is warned of photos that were never public, of suspensions or of "
            "appeals.",
            count,
        )
    words = {
        Passed.IMPOSSIBLE: ngettext(
            "%(count)s case was passed over: that cannot be decided on it.",
            "%(count)s cases were passed over: that cannot be decided on them.",
            count,
        ),
        Passed.AT_HAND: ngettext(
            "%(count)s case was passed over: somebody else looks at it just now.",
            "%(count)s cases were passed over: somebody else looks at them just now.",
            count,
        ),
        Passed.MEANWHILE: ngettext(
            "%(count)s case was passed over: it was decided, or has changed, since it was listed.",
            "%(count)s cases were passed over: they were decided, or have changed, since they were listed.",
            count,
        ),
        Passed.OTHERS: ngettext(
            "%(count)s case was passed over: somebody else has to decide on it.",
            "%(count)s cases were passed over: somebody else has to decide on them.",
            count,
        ),
    }
    return words[cause]
