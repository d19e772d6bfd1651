"""What templates ask about people."""

from django import template

from pictograph.people.models import User

register = template.Library()


@register.simple_tag
def waiting_people() -> int:
    """How many have made an account that somebody has still to open."""
    return User.objects.waiting().count()
