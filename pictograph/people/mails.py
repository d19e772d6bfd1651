"""Where links in mails lead: never to a place that the request made up."""

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.sites.requests import RequestSite
from django.http import HttpRequest


def mailed_site(request: HttpRequest) -> RequestSite:
    """The site as mails name it.

    Behind TLS it is the first of CSRF_TRUSTED_ORIGINS, which has the port, or else the first name in ALLOWED_HOSTS,
    since visitors choose the port and spelling of theirs.
    Without, the site may be at any port, which only the request knows; the host is one of ALLOWED_HOSTS in any case.
    """
    site = RequestSite(request)
    if settings.HTTPS:
        site.domain = site.name = _name() or site.domain
    return site


def site_address() -> str:
    """What addresses in mails begin with that no request has asked for: `https://photos.example.org`."""
    host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    name = _name() if settings.HTTPS else ""
    return f"https://{name}" if name else f"http://{host}:{settings.PORT}"


def mailed_link(request: HttpRequest, link: str) -> str:
    """A link as mails have it."""
    if not settings.HTTPS:
        return link
    return urlunsplit(urlsplit(link)._replace(scheme="https", netloc=mailed_site(request).domain))


def _name() -> str:
    """The site's first own name, with its port; empty where the settings tell none."""
    origins = [urlsplit(origin).netloc for origin in settings.CSRF_TRUSTED_ORIGINS]
    return next(filter(_is_name, [*origins, *settings.ALLOWED_HOSTS]), "")


def _is_name(host: str) -> bool:
    """Whether a host is a name of the site: no pattern, and not the machine's for itself."""
    return not host.startswith((".", "*")) and host not in settings.LOOPBACK
