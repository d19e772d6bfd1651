"""Where a network saw something, as a picture to lie over the photo."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from pictograph.catalogue.dial import stop_of
from pictograph.explaining.heat import drawn
from pictograph.explaining.models import Explanation
from pictograph.photos.detail import chain_of
from pictograph.photos.models import Photo
from pictograph.photos.pictures import is_there, not_sent_again
from pictograph.store import prediction_store


@require_safe
def why_map(request: HttpRequest, photo_id: int, wnid: str) -> HttpResponse:
    """Where in a photo that its viewer may see the network saw a category that is said of it, to lie over the photo."""
    try:
        photo = get_object_or_404(Photo.objects.visible_to(request.user).classified(), pk=photo_id)
        record = prediction_store().find(photo.pk)
        said = chain_of(record, stop_of(request.user)) if record else ()
        found = Explanation.find(photo, wnid) if any(rung.category.wnid == wnid for rung in said) else None
        if found is None or not found.heat:
            raise Http404
    except Http404:
        return HttpResponse(status=404, content_type="text/plain")  # nobody reads what comes in the place of a picture
    etag = f'"{found.pk}-{found.kept_until.timestamp()}"'
    if is_there(request, etag):
        return not_sent_again(etag)
    response = HttpResponse(drawn(bytes(found.heat)), content_type="image/webp")
    response.headers["Content-Encoding"] = "identity"  # packing it again would gain nothing
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["ETag"] = etag
    return response
