"""Links that ask why, in templates."""

from urllib.parse import urlsplit

from django import template
from django.http import QueryDict
from django.urls import reverse

from pictograph.photos.models import Photo
from taxonomy.browsing import Category

register = template.Library()


@register.simple_tag(takes_context=True)
def why_url(context: template.Context, photo: Photo, category: Category) -> str:
    """The page of a photo with the map of a category, coming from where this page does."""
    here = context.get("here") or context["request"].get_full_path()
    query = QueryDict(urlsplit(here).query, mutable=True)
    for name in ("wait", "late"):
        query.pop(name, None)
    query["why"] = category.wnid
    return f"{reverse('photo', args=[photo.pk])}?{query.urlencode()}"
