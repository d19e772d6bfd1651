"""How photos and shares are written in templates."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pictograph.pages.faces import Face
from pictograph.photos.models import Photo

register = template.Library()

KB, MB, GB = 1_000, 1_000_000, 1_000_000_000  # bytes


@register.simple_tag
def face_url(face: Face, page: str, *arguments: object) -> str:
    """The address of a face's page: `{% face_url page.face "category" above %}`."""
    return face.url(page, *arguments)


@register.filter
def whole_percent(share: float) -> str:
    """A share in whole percent, never 0% of something nor 100% of less than all."""
    if share < 0.005:
        return _("under 1%")
    if 0.995 <= share < 1:
        return _("over 99%")
    return _("%(number)s%%") % {"number": f"{share * 100:.0f}"}


@register.filter
def file_size(size_bytes: int) -> str:
    """A size in the unit that leaves it below 1,000: "812 bytes", "139 kB", "2.5 MB", "1.2 GB"."""
    if size_bytes < KB:
        return ngettext("%(number)s byte", "%(number)s bytes", size_bytes) % {"number": size_bytes}
    if round(size_bytes / KB) < 1000:
        return _("%(number)s kB") % {"number": round(size_bytes / KB)}
    if round(size_bytes / MB, 1) < 1000:
        return _("%(number)s MB") % {"number": number_format(round(size_bytes / MB, 1), 1)}
    return _("%(number)s GB") % {"number": number_format(round(size_bytes / GB, 1), 1)}


@register.filter
def coordinates(photo: Photo) -> str:
    """Where a photo was taken: "48.8584° N, 2.2945° E"; empty where that is not known."""
    if photo.latitude is None or photo.longitude is None:
        return ""
    north = _("N") if photo.latitude >= 0 else _("S")
    east = _("E") if photo.longitude >= 0 else _("W")
    return f"{abs(photo.latitude):.4f}° {north}, {abs(photo.longitude):.4f}° {east}"
