"""The audit log in words: what was done, to what, and what it was changed to. The entries keep words of the code."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pictograph.audit.models import AuditEntry
from pictograph.catalogue.snapshot import catalogue
from pictograph.photos.looking import words_of

ACTIONS: Mapping[str, str | Promise] = {
    "audit.ask": gettext_lazy("asked for a label audit"),
    "audit_group.make": gettext_lazy("made a group of the bias check"),
    "audit_group.change": gettext_lazy("changed a group of the bias check"),
    "audit_group.delete": gettext_lazy("deleted a group of the bias check"),
    "case.keep": gettext_lazy("kept it as it is, or let it be public"),
    "case.unpublish": gettext_lazy("unpublished"),
    "case.remove": gettext_lazy("removed"),
    "case.block_label": gettext_lazy("blocked a name on a photo"),
    "case.warn": gettext_lazy("warned"),
    "case.suspend": gettext_lazy("proposed to suspend"),
    "case.confirm": gettext_lazy("suspended"),
    "case.decline": gettext_lazy("declined to suspend"),
    "case.uphold": gettext_lazy("left a decision as it is, on appeal"),
    "case.reverse": gettext_lazy("took a decision back, on appeal"),
    "case.undo": gettext_lazy("undid a decision"),
    "group.add": gettext_lazy("made a role"),
    "group.change": gettext_lazy("changed a role"),
    "group.delete": gettext_lazy("deleted a role"),
    "invitation.add": gettext_lazy("made an invitation"),
    "invitation.change": gettext_lazy("changed an invitation"),
    "invitation.delete": gettext_lazy("deleted an invitation"),
    "label.rename": gettext_lazy("renamed a category"),
    "label.hide": gettext_lazy("hid a category"),
    "label.merge": gettext_lazy("merged a category with another one"),
    "label.block": gettext_lazy("blocked a category with all below it"),
    "label.block_alone": gettext_lazy("blocked a category alone"),
    "label.take_back": gettext_lazy("took back what was changed of a category"),
    "person.add": gettext_lazy("made an account"),
    "person.change": gettext_lazy("changed an account"),
    "person.delete": gettext_lazy("deleted an account"),
    "person.give_role": gettext_lazy("gave a role"),
    "person.take_roles": gettext_lazy("took roles away"),
    "person.invited": gettext_lazy("came by an invitation"),
    "person.let_in": gettext_lazy("let somebody in"),
    "person.refuse": gettext_lazy("refused somebody"),
    "photo.delete": gettext_lazy("deleted a removed photo for good"),
    "photo.hold": gettext_lazy("held a photo, to be looked at first"),
    "photo.let_stand": gettext_lazy("let a doubtful photo stay public"),
    "photo.look": gettext_lazy("looked at a photo that is not public"),
    "photo.release": gettext_lazy("let a photo be public"),
    "photo.take_back": gettext_lazy("took back a photo that waited"),
    "photo.take_down": gettext_lazy("took a photo down"),
    "photo.take_down_again": gettext_lazy("took down a copy of what was taken down"),
}
# What a subject is, by its first word.
SUBJECTS: Mapping[str, str | Promise] = {
    "photo": gettext_lazy("photo %(number)s"),
    "held": gettext_lazy("photo %(number)s, before it was public"),
    "label": gettext_lazy("“%(name)s” (%(wnid)s) on photo %(number)s"),
    "category": gettext_lazy("the category “%(name)s” (%(wnid)s)"),
    "person": gettext_lazy("person %(number)s"),
    "suspension": gettext_lazy("the suspension of person %(number)s"),
    "appeal": gettext_lazy("appeal %(number)s"),
    "group": gettext_lazy("role %(number)s"),
    "invitation": gettext_lazy("invitation %(number)s"),
    "audit group": gettext_lazy("group %(number)s of the bias check"),
    "label audit": gettext_lazy("label audit %(number)s"),
}
SUBJECT = re.compile(r"(?P<kind>[a-z]+(?: [a-z]+)?) (?P<number>\d*) ?(?P<wnid>n\d{8})?")
CHANGED = {"is_hidden": gettext_lazy("hidden"), "is_blocked": gettext_lazy("blocked")}


def action_in_words(action: str) -> str:
    """What was done; the word of the code where nobody has said it otherwise."""
    return str(ACTIONS.get(action, action))


def subject_in_words(subject: str) -> str:
    """What it was done to, categories by name.

    >>> subject_in_words("photo 12")
    'photo 12'
    """
    found = SUBJECT.fullmatch(subject)
    if found is None or found["kind"] not in SUBJECTS:
        return subject
    wnid = found["wnid"] or ""
    return str(SUBJECTS[found["kind"]]) % {"number": found["number"], "name": _name(wnid), "wnid": wnid}


def more_in_words(entry: AuditEntry) -> str:
    """What else there is to know: what a category is called now, which name was blocked, why a photo was held."""
    detail, said = entry.detail, list[str]()
    for key, words in (("was", _("it was: %(what)s")), ("now", _("now: %(what)s"))):
        if change := _change(detail.get(key) or {}):
            said.append(words % {"what": change})
    if detail.get("wnid"):
        said.append(_("the name “%(name)s”") % {"name": _name(detail["wnid"])})
    if detail.get("undone"):
        said.append(_("what was undone: %(what)s") % {"what": action_in_words(f"case.{detail['undone']}")})
    said += [", ".join(words_of(reason) for reason in detail["reasons"])] if detail.get("reasons") else []
    roles = detail.get("roles") or ([detail["role"]] if detail.get("role") else [])
    return "; ".join([*said, *([", ".join(roles)] if roles else []), *filter(None, [_group_name(entry)])])


def _change(change: dict[str, Any]) -> str:
    said = [_("called “%(name)s”") % {"name": change["name"]}] if change.get("name") else []
    said += [str(words) for key, words in CHANGED.items() if change.get(key)]
    said += [_("shown as “%(name)s”") % {"name": _name(change["shown_as"])}] if change.get("shown_as") else []
    return ", ".join(said)


def _group_name(entry: AuditEntry) -> str:
    return str(entry.detail.get("name", "")) if entry.action.startswith(("audit_group.", "group.")) else ""


def _name(wnid: str) -> str:
    """What a category is called as shipped, whatever was changed of it since."""
    category = catalogue().structure.categories.get(wnid)
    return category.name if category else wnid
