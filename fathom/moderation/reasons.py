"""Reasons that moderators may give: offered in their own words, never in those of whoever reported something."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fathom.moderation.models import Case, Decision

Action = Decision.Action


@dataclass(frozen=True)
class Reasons:
    """Reasons that fit some decisions."""

    title: str | Promise
    fits: frozenset[Decision.Action]
    words: tuple[str | Promise, ...]


SHOWN = Reasons(
    _("Why the photo is not shown, or warned about"),
    frozenset({Action.UNPUBLISH, Action.REMOVE, Action.WARN, Action.SUSPEND}),
    (
        _("It shows nudity or sex."),
        _("It shows violence or cruelty."),
        _("It shows somebody who did not agree to it."),
        _("It was copied from somebody else."),
    ),
)
NAMED = Reasons(
    _("Why the name is blocked"),
    frozenset({Action.BLOCK_LABEL}),
    (_("The name may insult somebody."), _("The name is wrong.")),
)
BEHAVED = Reasons(
    _("Why the person is warned or suspended"),
    frozenset({Action.WARN, Action.SUSPEND, Action.CONFIRM}),
    (_("You pretend to be somebody else."), _("You hurt or harass somebody."), _("You advertise here.")),
)
OF: Mapping[str, tuple[Reasons, ...]] = {
    Case.Kind.PHOTO: (SHOWN, NAMED),
    Case.Kind.LABEL: (NAMED, SHOWN),
    Case.Kind.HELD: (SHOWN,),
    Case.Kind.PERSON: (BEHAVED,),
    Case.Kind.SUSPENSION: (BEHAVED,),
}


def offered(kind: str, actions: Sequence[Decision.Action]) -> tuple[Reasons, ...]:
    """Those that fit what somebody may decide on a case of a kind."""
    return tuple(reasons for reasons in OF.get(kind, ()) if reasons.fits.intersection(actions))
