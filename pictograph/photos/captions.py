"""A person's own words for a photo: written in place on its page, and stronger than what any file says."""

from unicodedata import category

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from pictograph.catalogue.dial import stop_of
from pictograph.pages.addresses import with_query
from pictograph.pages.rendering import asked_by_htmx, render_page
from pictograph.people.accounts import signed_in
from pictograph.people.models import User
from pictograph.photos.detail import photo_detail
from pictograph.photos.models import Photo
from pictograph.photos.origin import Origin
from pictograph.transactions import hold_people, transacted


class CaptionForm(forms.Form):
    """A caption of several lines, or none."""

    caption = forms.CharField(
        required=False,
        max_length=Photo.CAPTION_LENGTH,
        error_messages={"max_length": _("That is too long: %(show_value)s letters, and %(limit_value)s fit.")},
    )


def plain_caption(text: str) -> str:
    """A caption as it is kept: one sign for the end of a line, and none that is no text.

    >>> plain_caption(" One\\r\\ntwo\\x07 ")
    'One\\ntwo'
    """
    lines = "\n".join(text.splitlines())
    return "".join(letter for letter in lines if letter == "\n" or category(letter) != "Cc").strip()


@transacted
def write_caption(owner: User, photo_id: int, caption: str) -> bool:
    """Give someone's photo a caption, or an empty one that no file fills again; whether it is still theirs."""
    hold_people([owner.pk])
    photo = Photo.objects.owned_by(owner).select_for_update().filter(pk=photo_id).first()
    if photo is None:
        return False
    photo.caption_by(caption, Origin.PERSON)
    photo.save(update_fields=["caption", "caption_origin"])
    return True


@login_required
@require_POST
def caption(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Write the caption of one of one's own photos; the query says where its page leads back to, as on that page."""
    user = signed_in(request)
    form = CaptionForm({"caption": plain_caption(request.POST.get("caption", ""))})
    if form.is_valid() and not write_caption(user, photo_id, form.cleaned_data["caption"]):
        raise Http404("There is no such photo of yours.")
    if form.is_valid() and not asked_by_htmx(request):
        return redirect(with_query(Photo(pk=photo_id).get_absolute_url(), request.GET.urlencode()))
    detail = photo_detail(user, photo_id, stop_of(user), request.GET)
    if not detail.is_own:
        raise Http404("There is no such photo of yours.")
    context = {"detail": detail, "photo": detail.photo, "form": form}
    status = 200 if form.is_valid() else 422
    return render_page(request, "library/photo.html", context, part="library/_caption.html", status=status)
