"""What a link shows, as a face that the site's pages can be drawn of."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import Http404

from pictograph.catalogue.snapshot import browsing, catalogue
from pictograph.pages.faces import Face
from pictograph.photos.holds import taken_down
from pictograph.photos.models import Photo
from pictograph.shares.lists import CountedLists
from pictograph.shares.models import Covered, LostCategory, Share, covered
from pictograph.shares.picked import picked_lists
from pictograph.store.lists import Lists
from pictograph.store.scope import library_of
from pictograph.treemap.queries import most_specific_stop


@dataclass(frozen=True)
class ShareWindow:
    """The photos of a link."""

    share: Share

    @cached_property
    def lists(self) -> Lists:
        """Counts and lists of these photos alone."""
        share, stop = self.share, most_specific_stop()
        if not share.is_counted:
            span = (share.begins, share.ends)
            key = (share.owner_id, share.album_id, share.wnid, span, share.hidden, catalogue().edition)
            return picked_lists(key, share.rows(Photo.objects.all()), stop, share.covers)
        down = tuple(taken_down(share.owner_id).order_by("photo"))
        return CountedLists(library_of(share.owner_id), stop, share.wnid, share.year, share.hidden, down)

    @cached_property
    def unsaid(self) -> frozenset[str]:
        """The categories left out, with all below them."""
        hidden, tree = set(self.share.hidden), browsing()
        below = (w for w in tree.categories if any(above.wnid in hidden for above in tree.path(w)))
        return frozenset(hidden.union(below))

    def among(self, photo_ids: Sequence[int]) -> Covered:
        """The door to those of some photos that are these."""
        return covered(self.share, photo_ids)


def share_face(share: Share) -> Face:
    """What a link shows, as everyone sees it. Raises Http404 where what it is about is shown no more."""
    try:
        _ = share.hidden
    except LostCategory as error:
        raise Http404("What this link leaves out cannot be told any more.") from error
    if share.wnid and share.category is None:
        raise Http404("The category is shown no more.")
    return Face(
        scope=library_of(share.owner_id),
        prefix="share_",
        arguments=(share.token,),
        root=f"{share.get_absolute_url()}photos/",
        window=ShareWindow(share),
    )
