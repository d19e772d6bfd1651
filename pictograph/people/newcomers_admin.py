"""People who wait to be let in, and invitations, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from pictograph.audit.noted import Noted
from pictograph.pages.admin import ReadOnlyAdmin
from pictograph.people import waiting
from pictograph.people.accounts import signed_in
from pictograph.people.invitations import Invitation
from pictograph.people.mails import mailed_link
from pictograph.people.models import User, WaitingPerson


@admin.register(WaitingPerson)
class WaitingPersonAdmin(ReadOnlyAdmin):
    """Who has made an account that is still to be opened, and by which photo account."""

    seen_by = "pictograph.let_in"
    list_display = ("username", "email", "accounts", "date_joined")
    fields = ("username", "email", "accounts", "date_joined")
    readonly_fields = fields
    ordering = ("date_joined",)
    search_fields = ("username", "email")
    actions = ("let_in", "refuse")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitingPerson]:
        """Those who wait."""
        people: QuerySet[WaitingPerson] = super().get_queryset(request)
        return people.filter(pk__in=User.objects.waiting().values("pk")).prefetch_related(
            "sources__connection__service"
        )

    def has_let_in_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may let them in, or refuse to."""
        return request.user.has_perm(self.seen_by)

    @admin.display(description="photo account")
    def accounts(self, person: User) -> str:
        """What they have connected."""
        named = [source for source in person.sources.all() if hasattr(source, "connection")]
        return ", ".join(f"{source.name} ({source.connection.service.name})" for source in named)

    @admin.action(description="Let in", permissions=["let_in"])
    def let_in(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Open their accounts."""
        by = signed_in(request)
        done = sum(waiting.let_in(person, by) for person in User.objects.filter(pk__in=queryset.values("pk")))
        self.message_user(request, f"Let in: {done}.", messages.SUCCESS)

    @admin.action(description="Refuse, and delete the account", permissions=["let_in"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Ask once more, then delete their accounts."""
        people = list(User.objects.filter(pk__in=queryset.values("pk")))
        if "sure" not in request.POST:
            context = {**self.admin_site.each_context(request), "people": people, "opts": self.opts, "title": "Refuse"}
            return TemplateResponse(request, "people/refuse.html", context)
        by = signed_in(request)
        done = sum(waiting.refuse(person, by) for person in people)
        self.message_user(request, f"Refused, and deleted: {done}.", messages.SUCCESS)
        return None


class InvitationForm(forms.ModelForm):
    """Whom an invitation is for, how often it is good and how long."""

    class Meta:
        model = Invitation
        fields = ("who_for", "uses", "valid_until")

    def clean(self) -> dict[str, Any]:
        """Refuse fewer accounts than were made."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("uses", self.instance.used) < self.instance.used:
            self.add_error("uses", f"{self.instance.used} accounts have been made by it.")
        return cleaned


@admin.register(Invitation)
class InvitationAdmin(Noted):
    """Invitations. The link is shown once, when one is made; whoever has lost it makes another."""

    kind = "invitation"
    form = InvitationForm
    list_display = ("who_for", "used", "uses", "valid_until", "is_good", "made_by", "made_at", "taken_back_at")
    list_select_related = ("made_by",)
    search_fields = ("who_for",)
    readonly_fields = ("used", "made_by", "made_at", "taken_back_at")
    fields = ("who_for", "uses", "valid_until", *readonly_fields)
    actions = ("take_back",)

    def has_delete_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """They are taken back, so that it stays known who made them, and how many came."""
        return False

    def state_of(self, obj: Invitation) -> dict[str, Any]:
        """How much it opens; whom it is for is somebody's name, which the log does not have."""
        return {"uses": obj.uses, "until": obj.valid_until.isoformat()}

    @admin.display(description="good", boolean=True)
    def is_good(self, invitation: Invitation) -> bool:
        """Whether somebody may make an account by it now."""
        return invitation.is_good

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        """Save it; of a new one say the link."""
        if change:
            obj.save(update_fields=["who_for", "uses", "valid_until"])  # nothing that is used meanwhile is given back
            return
        token = obj.new_token()
        obj.made_by = signed_in(request)
        obj.save()
        link = mailed_link(request, request.build_absolute_uri(reverse("invited", args=[token])))
        self.message_user(request, f"This is the link, which is not shown again: {link}", messages.WARNING)

    @admin.action(description="Take back", permissions=["change"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Have nobody else come in by them."""
        for invitation in queryset.filter(taken_back_at=None):
            invitation.taken_back_at = timezone.now()
            invitation.save(update_fields=["taken_back_at"])
            self.log_change(request, invitation, "Taken back.")
            self.message_user(request, f"“{invitation}” is taken back.", messages.SUCCESS)
