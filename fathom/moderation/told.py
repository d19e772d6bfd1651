"""What a notification says, in words that are chosen as it is shown: what was decided, and whether that still holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fathom.moderation.models import Appeal, Case, Decision, Notification
from pictograph.catalogue.certainty import spoken
from pictograph.catalogue.snapshot import browsing
from pictograph.photos.cards import PhotoCard, card_of
from pictograph.photos.dates import day_of

Action, Kind = Decision.Action, Notification.Kind
Words = str | Promise
SALT = "the appeal of somebody who may be unable to sign in"
# What the words of a notification are made of, to be asked for together.
RELATED = ("person", "appeal", "decision__photo", "decision__case__appeal__notification__decision")
DOWN = (Action.UNPUBLISH, Action.REMOVE, Action.SUSPEND)  # what takes a photo down

_PRIVATE = (
    gettext_lazy("One of your photos was made private"),
    gettext_lazy("You still have it, and nobody else sees it. It cannot be published again."),
)
_UP_AGAIN = (gettext_lazy("One of your photos is not taken down any more"), gettext_lazy("It is as it was before."))
_HEARD_AGAIN = (gettext_lazy("Your appeal is open again"), gettext_lazy("Somebody looks at it once more."))

DECIDED: Mapping[str, tuple[Words, Words]] = {
    Action.KEEP: (
        gettext_lazy("Your photo is public now"),
        gettext_lazy("Somebody who looks after this site has looked at it first, as you were told."),
    ),
    Action.UNPUBLISH: _PRIVATE,
    Action.REMOVE: (
        gettext_lazy("One of your photos was removed"),
        gettext_lazy("Nobody else sees it, and it will be deleted here for good on %(day)s."),
    ),
    Action.BLOCK_LABEL: (
        gettext_lazy("A name was taken off one of your photos"),
        gettext_lazy("It is no longer said of it: %(label)s. Nothing else has changed."),
    ),
    Action.WARN: (
        gettext_lazy("A warning"),
        gettext_lazy("Nothing was changed, but please mind what you publish here."),
    ),
    Action.SUSPEND: _PRIVATE,
    Action.CONFIRM: (
        gettext_lazy("Your account was suspended"),
        gettext_lazy("You cannot sign in, and nothing that you published is shown."),
    ),
}
# Of what was undone.
UNDONE: Mapping[str, tuple[Words, Words]] = {
    Action.KEEP: (
        gettext_lazy("Your photo is not public any more"),
        gettext_lazy("Somebody looks at it once more before others see it."),
    ),
    Action.UNPUBLISH: _UP_AGAIN,
    Action.REMOVE: _UP_AGAIN,
    Action.BLOCK_LABEL: (
        gettext_lazy("One of your photos has its name again"),
        gettext_lazy("It may be said of it again: %(label)s."),
    ),
    Action.WARN: (gettext_lazy("A warning was taken back"), gettext_lazy("It is as it was before.")),
    Action.SUSPEND: _UP_AGAIN,
    Action.CONFIRM: (
        gettext_lazy("Your account is open again"),
        gettext_lazy("You can sign in, and what you published is shown again."),
    ),
    Action.UPHOLD: _HEARD_AGAIN,
    Action.REVERSE: (
        gettext_lazy("Your appeal is open again"),
        gettext_lazy("What was decided at first holds meanwhile, and somebody looks at it once more."),
    ),
}
# What came of an appeal.
HEARD: Mapping[str, tuple[Words, Words]] = {
    Kind.UPHELD: (
        gettext_lazy("Your appeal: the decision stays"),
        gettext_lazy("Somebody else than before has looked at it again and read what you wrote."),
    ),
    Kind.REVERSED: (
        gettext_lazy("Your appeal: you were right"),
        gettext_lazy("The decision was taken back, and it is as it was before. Sorry for the trouble."),
    ),
}
# A title that says what is not so any more, as it is said then.
ONCE: Mapping[tuple[str, str], Words] = {
    (Kind.DECIDED, Action.KEEP): gettext_lazy("Your photo was made public"),
    **{(Kind.UNDONE, action): gettext_lazy("A decision about you was taken back") for action in UNDONE},
}


@dataclass(frozen=True)
class Told:
    """A notification as it is shown: what it says, the photo it is about, and what can be said to it.

    One that `is_over` says what has become of it instead of what held then.
    """

    notification: Notification
    title: str
    words: str
    is_over: bool
    reason: str
    card: PhotoCard | None
    appeal: Appeal | None
    can_appeal: bool

    @property
    def appeal_url(self) -> str:
        """Where its appeal is written; whoever has the address may write it."""
        return reverse("appeal", args=[token_of(self.notification)])


def told_of(notification: Notification) -> Told:
    """One notification in words."""
    decision, photo, kind = notification.decision, notification.decision.photo, notification.kind
    appeal: Appeal | None = getattr(notification, "appeal", None)
    since, is_first = _since(notification), kind == Kind.DECIDED
    title, _words = _said(notification)
    if since:
        title = ONCE.get((kind, decision.action), title)
    return Told(
        notification=notification,
        title=str(title),
        words=" ".join(filter(None, (_about(notification), since or _in_words(notification)))),
        is_over=bool(since),
        reason=decision.reason if kind != Kind.UNDONE else "",
        card=card_of(photo) if photo is not None else None,
        appeal=appeal,
        can_appeal=is_first and appeal is None and decision.action != Action.KEEP and decision.undone_at is None,
    )


def is_told(action: str) -> bool:
    """Whether people are told of such a decision at all."""
    return action in DECIDED


def token_of(notification: Notification) -> str:
    """What the address of an appeal has in it: a suspended person cannot sign in to write one."""
    return signing.Signer(salt=SALT).sign(str(notification.pk))


def number_of(token: str) -> int | None:
    """The number of the notification that an address names, None for what this site never wrote."""
    try:
        return int(signing.Signer(salt=SALT).unsign(token))
    except signing.BadSignature:
        return None


def _said(notification: Notification) -> tuple[Words, Words]:
    """Its title and its words while it holds."""
    by_action = UNDONE if notification.kind == Kind.UNDONE else DECIDED
    return HEARD.get(notification.kind) or by_action.get(notification.decision.action, ("", ""))


def _in_words(notification: Notification) -> str:
    decision, (_title, words) = notification.decision, _said(notification)
    category = browsing().categories.get(decision.wnid)
    named = {
        "day": day_of(decision.final_at) if decision.final_at else _("a later day"),
        "label": spoken(category) if category else _("a name"),
    }
    if notification.kind == Kind.REVERSED and _appealed(decision).action == Action.CONFIRM:
        words = _("The suspension was taken back, and your account is open again. Sorry for the trouble.")
    return str(words) % named


def _about(notification: Notification) -> str:
    """Which decision was taken back, or disagreed with; empty for a decision itself."""
    decision = notification.decision
    if notification.kind == Kind.DECIDED:
        return ""
    if decision.action in (Action.UPHOLD, Action.REVERSE):
        first = _appealed(decision)
        words = _("You disagreed with “%(what)s” of %(day)s.")
    else:
        first, words = decision, _("“%(what)s” of %(day)s was taken back.")
    title, _words = DECIDED.get(first.action, ("", ""))
    return words % {"what": ONCE.get((Kind.DECIDED, first.action), title), "day": day_of(first.at)}


def _since(notification: Notification) -> str:
    """What has become of what somebody was told; empty while it holds."""
    decision, case = notification.decision, notification.decision.case
    if notification.kind == Kind.UNDONE:
        is_decided_since = case.decided_at is not None and case.decided_at > notification.made_at
        if is_decided_since or decision.undone_at is None:
            return _("It has been decided on again since.")
        is_waiting = decision.photo is not None and decision.photo.is_held
        return _("It does not wait any more.") if decision.action == Action.KEEP and not is_waiting else ""
    if decision.undone_at is not None:
        return _taken_back(decision, decision.undone_at)
    if notification.kind != Kind.DECIDED:
        return ""
    if decision.action == Action.CONFIRM:
        return _("Your account is open again.") if notification.person.is_active else ""
    if decision.action not in (Action.KEEP, *DOWN):
        return ""
    if decision.photo is None:
        return _("The photo is not here any more.")
    if decision.action == Action.KEEP:
        return "" if decision.photo.is_public else _("It is not public any more.")
    return "" if decision.photo.is_held else _("It is not taken down any more.")


def _taken_back(decision: Decision, at: datetime) -> str:
    words, photo, more = _("This was taken back on %(day)s.") % {"day": day_of(at)}, decision.photo, ""
    if decision.case.state == Case.State.OPEN:
        if decision.action in (Action.UPHOLD, Action.REVERSE):
            more = _("Somebody looks at it once more.")
        elif decision.action == Action.KEEP and photo is not None and photo.is_held:
            more = _("The photo waits again, and somebody looks at it before others see it.")
    return f"{words} {more}".rstrip()


def _appealed(decision: Decision) -> Decision:
    """What the decision on an appeal was about."""
    assert decision.case.appeal is not None
    return decision.case.appeal.notification.decision
