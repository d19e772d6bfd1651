"""The audit log in the admin: read by those who may, never written."""

from typing import Any

from django.contrib import admin
from django.db.models import BigIntegerField, Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Substr
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pictograph.audit.models import AuditEntry
from pictograph.audit.words import action_in_words, more_in_words, subject_in_words
from pictograph.pages.admin import ReadOnlyAdmin
from pictograph.people.models import User
from pictograph.photos.models import Photo

PHOTO = "photo "  # what a subject begins with that is a photo


class WhoFilter(admin.SimpleListFilter):
    """Entries of one of those who have done anything, or of the site itself."""

    title, parameter_name = gettext_lazy("who"), "who"
    ITSELF = "0"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Everyone who is in the log, by name while they are here."""
        actors = set(AuditEntry.objects.exclude(actor=None).order_by().values_list("actor", flat=True).distinct())
        names = dict(User.objects.filter(pk__in=actors).values_list("pk", "username"))
        people = sorted(
            (names.get(actor) or _("number %(number)s") % {"number": actor}, str(actor)) for actor in actors
        )
        return [(self.ITSELF, _("the site itself")), *((number, name) for name, number in people)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Theirs."""
        value = self.value()
        if value is None or not value.isdecimal():
            return queryset
        return queryset.filter(actor=None if value == self.ITSELF else int(value))


class ActionFilter(admin.SimpleListFilter):
    """Entries of one thing that was done."""

    title, parameter_name = gettext_lazy("what was done"), "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Everything that anybody has done."""
        actions = AuditEntry.objects.order_by().values_list("action", flat=True).distinct()
        return sorted(((action, action_in_words(action)) for action in actions), key=lambda one: one[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Those where it was."""
        return queryset if self.value() is None else queryset.filter(action=self.value())


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """What was done, by whom, to what, whom it concerned; people and photos are named while they are here."""

    list_display = ("at", "who", "done", "what", "whom", "reason", "more")
    list_filter = (WhoFilter, ActionFilter, "at")
    search_fields = ("subject",)
    search_help_text = gettext_lazy("“photo 12”, “case”, a person's name or number")
    date_hierarchy = "at"
    fields = ("at", "who", "done", "what", "whom", "reason", "more", "detail")
    readonly_fields = fields

    seen_by = "fathom.see_audit"

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """For those who may see the log, and for moderators, who see what they did and what became of their cases."""
        return request.user.has_perm(self.seen_by) or request.user.has_perm("fathom.moderate")

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Who did it is asked of the whole log alone."""
        return self.list_filter if request.user.has_perm(self.seen_by) else self.list_filter[1:]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """Entries with the names of people: all, or those that a moderator sees."""
        named = {
            f"{field}_name": Subquery(User.objects.filter(pk=OuterRef(field)).values("username")[:1])
            for field in ("actor", "person")
        }
        photo = Photo.objects.filter(pk=Cast(Substr(OuterRef("subject"), len(PHOTO) + 1), BigIntegerField()))
        is_there = Case(When(subject__regex=rf"^{PHOTO}[0-9]{{1,18}}$", then=Exists(photo)), default=Value(False))
        entries = super().get_queryset(request).annotate(**named, is_there=is_there)
        return entries if request.user.has_perm(self.seen_by) else entries.filter(_of_moderator(request.user.pk))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """Find entries by what they are about, and by people, their number or name."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if not search_term:
            return found, may_repeat
        people = set(User.objects.filter(Q(username=search_term) | Q(handle=search_term)).values_list("pk", flat=True))
        people |= {int(search_term)} if search_term.isascii() and search_term.isdecimal() else set()
        theirs = queryset.filter(Q(person__in=people) | Q(actor__in=people)) if people else queryset.none()
        return found | theirs, may_repeat

    @admin.display(description=gettext_lazy("who"), ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        """Whoever did it."""
        return _person(entry.actor, getattr(entry, "actor_name", None)) if entry.actor else _("the site itself")

    @admin.display(description=gettext_lazy("what was done"), ordering="action")
    def done(self, entry: AuditEntry) -> str:
        """What was done, in words."""
        return action_in_words(entry.action)

    @admin.display(description=gettext_lazy("more"))
    def more(self, entry: AuditEntry) -> str:
        """What else there is to know: what something is called now, or which name was blocked."""
        return more_in_words(entry)

    @admin.display(description=gettext_lazy("whom"), ordering="person")
    def whom(self, entry: AuditEntry) -> str:
        """Whom it concerned."""
        return _person(entry.person, getattr(entry, "person_name", None)) if entry.person else ""

    @admin.display(description=gettext_lazy("to what"), ordering="subject")
    def what(self, entry: AuditEntry) -> str:
        """What it was done to; a photo leads to its row while there is one."""
        number = entry.subject.removeprefix(PHOTO)
        words = subject_in_words(entry.subject)
        if not getattr(entry, "is_there", False):
            return words
        return _link(reverse("admin:pictograph_photo_change", args=[number]), words)


def _of_moderator(number: int | None) -> Q:
    """What somebody did, and what others decided on the cases that they decided on too."""
    decided = AuditEntry.objects.filter(actor=number, action__startswith="case.").order_by().values("subject")
    return Q(actor=number) | Q(action__startswith="case.", subject__in=decided)


def _person(number: int, name: str | None) -> str | SafeString:
    """Somebody by name, or by number once they are gone."""
    if name is None:
        return _("number %(number)s, who is gone") % {"number": number}
    return _link(reverse("admin:pictograph_user_change", args=[number]), name)


def _link(url: str, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, words)
