"""How long it takes until a correction of many photos is everywhere, and until it is taken back."""

from typing import Any

from pictograph.benchmarks.publish import spent
from pictograph.catalogue.snapshot import browsing, catalogue
from pictograph.corrections.correcting import correct, undo
from pictograph.corrections.models import Correction, Verdict
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.photos.publishing import publish
from pictograph.queue.renaming import rename_stale
from pictograph.store import prediction_store
from pictograph.store.scope import NETWORK, library_of, public_of


def measure_corrections(user: User, count: int) -> dict[str, Any]:
    """Correct the oldest photos of a library in one go, half of them published, and take it back; seconds of each.

    Those of CPU are of this process alone, which leaves out a database's server.

    They are said to be what they are not, so that every name, list, counter and sum of them changes. `named_anew_s` is
    what the sweep takes for as many photos of which it finds nothing changed, as a yardstick. `differences` are what a
    rebuild of all three scopes would mend after either.
    """
    photos = Photo.objects.owned_by(user).classified()
    ids = list(photos.order_by("pk").values_list("pk", flat=True)[:count])
    if not ids:
        raise ValueError("there are no photos to correct")
    these = photos.filter(pk__among=frozenset(ids))
    private = frozenset(these.filter(is_public=False).values_list("pk", flat=True))
    published = frozenset(sorted(private)[::2])
    publish(photos.filter(pk__among=published), is_public=True)
    these.update(edition=0)
    costs = {"named_anew": spent(lambda: rename_stale(at_most_s=600))}
    wnid = _least_listed(user)
    made: list[Correction | None] = []
    costs["correct"] = spent(lambda: made.append(correct(user, ids, Verdict.IS, wnid)))
    differences = _differences(user)
    costs["undo"] = spent(lambda: [undo(one) for one in made if one is not None])
    differences += _differences(user)
    report = {
        "photos": len(ids),
        "published": these.filter(is_public=True).count(),
        **{f"{what}_s": round(spent.wall_s, 2) for what, spent in costs.items()},
        **{f"{what}_cpu_s": round(spent.cpu_s, 2) for what, spent in costs.items()},
        "differences": differences,
    }
    publish(photos.filter(pk__among=published), is_public=False)
    Correction.objects.filter(pk__in=[one.pk for one in made if one is not None]).delete()
    return report


def _least_listed(user: User) -> str:
    """An everyday category that lists fewest photos of a library."""
    counts = prediction_store().counts(library_of(user.pk), 0)
    return min(sorted(browsing().everyday), key=lambda wnid: counts.get(wnid, 0))


def _differences(user: User) -> int:
    """How much is not as a rebuild would make it; photos that are not named by the present edition count too."""
    scopes = (library_of(user.pk), public_of(user.pk), NETWORK)
    wrong = sum(len(prediction_store().recount(scope, is_check=True)) for scope in scopes)
    return wrong + Photo.objects.owned_by(user).classified().exclude(edition=catalogue().edition).count()
