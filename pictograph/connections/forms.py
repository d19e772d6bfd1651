"""What people and administrators fill in about photo services and accounts there."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from pictograph.connections.models import NAME_LENGTH, Connection, Service
from pictograph.fetching.addresses import base_of, server_of
from pictograph.providers.interface import Client, SignIn
from pictograph.providers.kinds import KINDS
from pictograph.sources.models import Source

SCHEDULES = [(every_s, label) for every_s, label in Source.Schedule.choices if every_s != Source.Schedule.WATCHED]
PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class StartForm(forms.Form):
    """What is to be known before a person can sign in at a service: which server, which key, what is to be pulled.

    What is pulled has been chosen already where `is_again`.
    """

    server = forms.CharField(
        label=_("Your server"),
        max_length=255,
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "url"}),
    )
    key = forms.CharField(
        label=_("API key"),
        max_length=500,
        widget=forms.PasswordInput(attrs={**PLAIN, "autocomplete": "new-password"}, render_value=False),
    )
    folder = forms.CharField(
        label=_("Folder"),
        max_length=1000,
        required=False,
        help_text=_("Leave it empty for all photos of the account."),
        widget=forms.TextInput(attrs=PLAIN),
    )
    choices = forms.MultipleChoiceField(
        label=_("Also bring in"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, service: Service, *args: Any, is_again: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        able = service.capabilities
        self._has_any_server = able.names_servers and not service.server
        kept = {
            "server": self._has_any_server,
            "key": able.sign_in == SignIn.KEY,
            "folder": able.has_folder and not is_again,
            "choices": bool(able.choices) and not is_again,
        }
        for name, is_kept in kept.items():
            if not is_kept:
                del self.fields[name]
        if "server" in self.fields:
            example = _EXAMPLES.get(service.kind, "photos.example.org")
            self.fields["server"].help_text = _("Its address, such as %(example)s.") % {"example": example}
        if "key" in self.fields:
            self.fields["key"].help_text = str(able.key_advice)
        if "choices" in self.fields:
            self.fields["choices"].choices = [(choice.key, choice.label) for choice in able.choices]  # type: ignore[attr-defined]
            self.fields["choices"].initial = [choice.key for choice in able.choices if choice.is_default]

    def clean_server(self) -> str:
        """The server's address in its one form."""
        try:
            server = server_of(self.cleaned_data["server"])
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if len(server) > NAME_LENGTH:
            raise ValidationError(_("This is not the address of a server."))
        return server


class PullForm(forms.Form):
    """What a connection brings in, how often, and what it follows."""

    choices = forms.MultipleChoiceField(
        label=_("Also bring in"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )
    folder = forms.CharField(
        label=_("Folder"),
        max_length=1000,
        required=False,
        help_text=_("Leave it empty for all photos of the account."),
        widget=forms.TextInput(attrs=PLAIN),
    )
    every_s = forms.TypedChoiceField(label=_("Look for new photos"), choices=SCHEDULES, coerce=int)
    follows_edits = forms.BooleanField(label=_("Photos that I change there change here too"), required=False)
    follows_deletions = forms.BooleanField(label=_("Photos that I delete there are deleted here too"), required=False)
    signs_in = forms.BooleanField(label=_("I can sign in here with this account"), required=False)

    def __init__(self, connection: Connection, sent: QueryDict | None = None) -> None:
        initial = {
            "choices": connection.choices,
            "folder": connection.folder,
            "every_s": connection.source.every_s,
            "follows_edits": connection.follows_edits,
            "follows_deletions": connection.follows_deletions,
            "signs_in": connection.signs_in,
        }
        super().__init__(sent, initial=initial)
        self.connection = connection
        able = connection.service.capabilities
        self.fields["choices"].choices = [(choice.key, choice.label) for choice in able.choices]  # type: ignore[attr-defined]
        unwanted = {"choices": not able.choices, "folder": not able.has_folder}
        unwanted |= dict.fromkeys(("every_s", "follows_edits", "follows_deletions"), able.is_picked)
        for name, is_unwanted in unwanted.items():
            if is_unwanted:
                del self.fields[name]

    def save(self) -> bool:
        """Keep the settings; whether other photos are wanted than before."""
        chosen, connection = self.cleaned_data, self.connection
        for name in ("choices", "folder", "follows_edits", "follows_deletions", "signs_in"):
            if name in chosen:
                setattr(connection, name, chosen[name])
        wants_others = bool({"choices", "folder"} & set(self.changed_data))
        fields = ["choices", "folder", "follows_edits", "follows_deletions", "signs_in"]
        if wants_others:  # what was not wanted before may be as old as the account
            connection.since, connection.cursor, connection.is_walking = "", "", False
            fields += ["since", "cursor", "is_walking"]
        connection.save(update_fields=fields)
        of_source: dict[str, Any] = {"every_s": chosen["every_s"]} if "every_s" in chosen else {}
        of_source |= {"scan_wanted": True} if wants_others else {}
        if of_source:
            Source.objects.filter(pk=connection.source_id).update(**of_source)
        return wants_others


class ServiceForm(forms.ModelForm):
    """A service as an administrator sets it up; the secret is written only, never shown."""

    secret = forms.CharField(
        label=_("Client secret"),
        max_length=1000,
        required=False,
        help_text=_("It is kept encrypted, and not shown again."),
        widget=forms.PasswordInput(attrs={**PLAIN, "autocomplete": "new-password"}, render_value=False),
    )

    class Meta:
        model = Service
        fields = ("server", "client_id", "is_offered")
        labels = {
            "server": _("Server"),
            "client_id": _("Client ID"),
            "is_offered": _("Offer it on the front page and at signing in"),
        }
        widgets = {"server": forms.TextInput(attrs=PLAIN), "client_id": forms.TextInput(attrs=PLAIN)}

    field_order = ("server", "client_id", "secret", "is_offered")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        able = KINDS[self.instance.kind].capabilities
        has_people = bool(self.instance.pk) and self.instance.connections.exists()
        if has_people:
            self.fields["is_offered"].help_text = _(
                "Where neither it nor any server of its kind is offered, nobody can sign in with it."
            )
        if able.registers_itself or not able.needs_client:
            del self.fields["client_id"], self.fields["secret"]
        elif self.instance.sealed_secret:
            words = _("It is kept encrypted, and not shown. Leave it empty to keep the one that is there.")
            self.fields["secret"].help_text = words
        if not able.names_servers or has_people:
            del self.fields["server"]
        elif able.needs_client and not able.registers_itself:
            self.fields["server"].required = True
            self.fields["server"].help_text = _("Its whole address, as you open it in a browser.")
        else:
            self.fields["server"].help_text = _("Leave it empty, and people name their own server.")

    def clean_server(self) -> str:
        """The server's address in its one form, with a path where it has one."""
        typed = self.cleaned_data["server"].strip()
        try:
            server = base_of(typed) if typed else ""
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if Service.objects.filter(kind=self.instance.kind, server=server).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This server is set up already."))
        return server

    def keep(self) -> Service:
        """Save the service, with the secret sealed."""
        service, secret = self.save(commit=False), self.cleaned_data.get("secret")
        if secret:
            service.register(Client(service.client_id, secret), service.callback)
        elif "server" in self.changed_data:  # what one server gave us, or was given, is never shown to another
            service.sealed_secret = ""
            service.client_id = self.cleaned_data.get("client_id", "")
        service.save()
        return service


_EXAMPLES = {"mastodon": "mastodon.social", "pixelfed": "pixelfed.social"}
