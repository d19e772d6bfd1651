"""What templates ask about photo accounts."""

from django import template
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.utils.html import conditional_escape
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from pictograph.connections.models import Service
from pictograph.connections.status import ConnectionRow, connection_rows, connections_of
from pictograph.people.models import User

register = template.Library()


@register.simple_tag
def offered_services() -> list[Service]:
    """The services that one can sign in with, or connect."""
    return [service for service in Service.objects.offered() if service.is_ready]


@register.filter
def in_parts(name: str) -> SafeString:
    """The name of an account, which is broken before an @ where it is too long for a line."""
    return mark_safe(conditional_escape(name).replace("@", "<wbr>@"))


@register.simple_tag
def query_of(then: str | None) -> str:
    """What an address ends in so that its page leads on to another: "?next=/photos/"; nothing where to none."""
    return f"?{urlencode({REDIRECT_FIELD_NAME: then})}" if then else ""


@register.simple_tag
def account_rows(user: User) -> list[ConnectionRow]:
    """Someone's photo accounts, as the import page lists them."""
    return connection_rows(connections_of(user))
