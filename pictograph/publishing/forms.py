"""What people say about themselves to others."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from pictograph.people.handles import is_free, suggest, take
from pictograph.people.models import ABOUT_LENGTH, User

TAKEN = _("Somebody else has this handle or one much like it, or had it lately. Try another one.")


class HandleField(forms.CharField):
    """A handle, which is written in small letters however it is typed; None where there is none."""

    def to_python(self, value: Any) -> Any:
        """Read it."""
        text = super().to_python(value)
        return text.lower().lstrip("@") if text else text


class HandleForm(forms.Form):
    """The handle alone, as whoever publishes for the first time chooses it."""

    handle = HandleField(
        label=_("Handle"),
        max_length=30,
        validators=User._meta.get_field("handle").validators[:1],
        help_text=_(
            "What others know you by: 3 to 30 small letters, digits and hyphens. What is suggested is made of the name "
            "you sign in with, which stays private if you choose another. Your email stays private in any case."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, user: User, posted: QueryDict | None = None) -> None:
        """Begin with what is known of a person, or with what they sent."""
        self.user = user
        super().__init__(posted, initial=self._known())

    def _known(self) -> dict[str, Any]:
        return {"handle": suggest(self.user)}

    def clean_handle(self) -> str | None:
        """Refuse one that is another's or looks like it, or stands for something else in addresses."""
        handle: str | None = self.cleaned_data["handle"]
        if handle and not is_free(handle, self.user):
            raise ValidationError(TAKEN)
        return handle

    def keep(self) -> bool:
        """Save it; False where the form says what is wrong, somebody else having been faster perhaps."""
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                take(self.user, self.cleaned_data["handle"])
                User.objects.filter(pk=self.user.pk).update(**self.cleaned_data)
        except IntegrityError:
            self.add_error("handle", TAKEN)
            return False
        return True


class ProfileForm(HandleForm):
    """What others see of somebody, and what they may do with it."""

    handle = HandleField(
        label=_("Handle"),
        max_length=30,
        required=False,
        empty_value=None,
        validators=User._meta.get_field("handle").validators[:1],
        help_text=_(
            "3 to 30 small letters, digits and hyphens. It makes the address of your page: change it, and the old "
            "address leads nowhere; leave it empty, and you have no page."
        ),
        widget=HandleForm.base_fields["handle"].widget,
    )
    about = forms.CharField(
        label=_("About you"),
        required=False,
        max_length=ABOUT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A sentence or two for your page."),
    )
    is_comparable = forms.BooleanField(label=_("Others may compare themselves with me"), required=False)
    shows_places = forms.BooleanField(label=_("Show about where my published photos were taken"), required=False)
    is_on_map = forms.BooleanField(label=_("Count my photos on the map, where they show places"), required=False)
    is_asked = forms.BooleanField(label=_("Ask me now and then whether a name was right"), required=False)

    def _known(self) -> dict[str, Any]:
        return {name: getattr(self.user, name) for name in self.base_fields}
