"""What people said, in templates."""

from django import template
from django.contrib.messages.storage.base import Message

from pictograph.catalogue import certainty
from pictograph.catalogue.snapshot import browsing
from taxonomy.browsing import Category

register = template.Library()

UNDOES = "undoes-"  # in the tags of a message, before the number of the correction that it tells of


@register.filter
def undone_by(message: Message) -> int | None:
    """The correction that a message offers to take back."""
    tags = (message.extra_tags or "").split()
    return next((int(tag.removeprefix(UNDOES)) for tag in tags if tag.startswith(UNDOES)), None)


@register.filter
def spoken(category: Category) -> str:
    """How a sentence calls a category: "a terrier"."""
    return certainty.spoken(category)


@register.filter
def wider(category: Category) -> Category | None:
    """The category above one; None at the top."""
    return browsing().categories[category.parent] if category.parent else None
