"""One's own pictograph as an image to save."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.pages.addresses import category_or_404, year_asked
from pictograph.pages.faces import own_face
from pictograph.people.accounts import signed_in
from pictograph.posters.answers import poster, title_of
from pictograph.treemap.queries import pictograph


@login_required
@require_safe
def image(request: HttpRequest, size: str, kind: str, wnid: str | None = None) -> HttpResponse:
    """Someone's pictograph, of all photos or within a category, at a size."""
    user, category = signed_in(request), category_or_404(wnid) if wnid else None
    picture = pictograph(own_face(user.pk), stop_of(user), user.tiles, category, year_asked(request.GET))
    return poster(request, picture, title_of(picture), size, kind)
