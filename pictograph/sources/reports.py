"""What the page that sends files says of how far it is."""

from django import forms
from django.utils import timezone

from pictograph.sources.models import Import

COUNT = 2**31 - 1
SIZE = 2**62


class Announcement(forms.Form):
    """How much was chosen; of an upload that is gone on with, how much of it is there already."""

    count = forms.IntegerField(min_value=0, max_value=COUNT)
    size = forms.IntegerField(min_value=0, max_value=SIZE)
    passed_count = forms.IntegerField(min_value=0, max_value=COUNT, required=False)
    passed_size = forms.IntegerField(min_value=0, max_value=SIZE, required=False)


class Report(forms.Form):
    """How much is to be sent in all, how much of it has been, how fast, and whether it goes on."""

    count = forms.IntegerField(min_value=0, max_value=COUNT)
    size = forms.IntegerField(min_value=0, max_value=SIZE)
    sent = forms.IntegerField(min_value=0, max_value=SIZE)
    rate = forms.IntegerField(min_value=0, max_value=COUNT)
    state = forms.TypedChoiceField(
        coerce=Import.State,
        choices=[(s, s) for s in (Import.State.RECEIVING, Import.State.RECEIVED, Import.State.BROKEN_OFF)],
    )


def take_report(batch: Import, report: Report) -> Import.State:
    """Believe a valid report; the state the import is in now, cancelled where the person has called it off."""
    told = report.cleaned_data
    state = told["state"]
    if state == Import.State.BROKEN_OFF and batch.arrived_files >= told["count"]:
        state = Import.State.RECEIVED  # nothing was missing when the page was left
    is_open = Import.objects.filter(pk=batch.pk).exclude(state__in=Import.CALLED_OFF)
    if state == Import.State.RECEIVING:
        # A page's last word, as it was left, may have overtaken the one before.
        is_open = is_open.exclude(state=Import.State.BROKEN_OFF, sent_bytes__gte=told["sent"])
    updated = is_open.update(
        state=state,
        expected_files=told["count"],
        expected_bytes=told["size"],
        sent_bytes=told["sent"],
        bytes_per_s=told["rate"],
        arrived_at=timezone.now(),
    )
    if updated:
        return state
    is_broken_off = Import.objects.filter(pk=batch.pk, state=Import.State.BROKEN_OFF).exists()
    return Import.State.BROKEN_OFF if is_broken_off else Import.State.CANCELLED
