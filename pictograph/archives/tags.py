"""What templates ask about archives."""

from django import template

from pictograph.archives.pages import ArchiveList, archive_list
from pictograph.archives.words import archive_words
from pictograph.people.models import User

register = template.Library()


@register.simple_tag
def archives_of(user: User) -> ArchiveList:
    """Someone's archives, as the import page lists them."""
    return archive_list(user)


@register.simple_tag
def words_of_archives() -> dict[str, str]:
    """What the script that sends them says."""
    return archive_words()
