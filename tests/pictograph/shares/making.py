"""Links for tests."""

from typing import Any

from pictograph.catalogue.snapshot import browsing
from pictograph.people.models import User
from pictograph.shares.models import Share


def wnid_of(name: str) -> str:
    """The category that people call so."""
    return next(category.wnid for category in browsing().categories.values() if category.name == name)


def share_of(owner: User, *, password: str = "", without: tuple[str, ...] = (), **fields: Any) -> Share:
    """A link to someone's pictograph that others can open, without categories of these names."""
    fields = {"kind": Share.Kind.PICTOGRAPH, "is_open": True, "tiles": 4} | fields
    share = Share(owner=owner, left_out=[wnid_of(name) for name in without], **fields)
    share.protect(password)
    share.save()
    return share
