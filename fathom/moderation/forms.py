"""What people send who report something, or appeal."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fathom.moderation.models import APPEAL_LENGTH, WORDS_LENGTH, Report
from fathom.moderation.subjects import Subject


class ReportForm(forms.Form):
    """What is wrong with a subject."""

    reason = forms.ChoiceField(label=gettext_lazy("What is wrong?"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=gettext_lazy("In your words"),
        required=False,
        max_length=WORDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("If there is more to say. Only those who look after this site read it."),
    )

    def __init__(self, subject: Subject, posted: object = None) -> None:
        """Offer what can be wrong with it."""
        super().__init__(posted)  # type: ignore[arg-type]
        self.fields["reason"].choices = [(reason.value, reason.label) for reason in subject.reasons]  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Ask for words where nothing else says what is meant."""
        super().clean()
        if self.cleaned_data.get("reason") == Report.Reason.OTHER and not self.cleaned_data.get("words"):
            self.add_error("words", _("Say in a few words what it is."))


class AppealForm(forms.Form):
    """Why a decision is wrong."""

    words = forms.CharField(
        label=gettext_lazy("Why is it wrong?"), max_length=APPEAL_LENGTH, widget=forms.Textarea(attrs={"rows": 6})
    )
