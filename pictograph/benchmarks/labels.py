"""How long it takes until a category that a moderator blocks is gone from every page of another process, and back."""

import multiprocessing
import re
import tempfile
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from django.utils.http import urlencode

from pictograph.benchmarks.network import publishers
from pictograph.benchmarks.scratch import scratch_site
from pictograph.catalogue.changing import Kind, Wanted, change, take_back
from pictograph.catalogue.models import Edition
from pictograph.catalogue.snapshot import browsing, calibration, catalogue, look_again
from pictograph.pages.faces import EVERYONE
from pictograph.people.models import User
from pictograph.photos.models import Photo
from pictograph.queue.renaming import rename_stale
from pictograph.store import prediction_store
from pictograph.store.interface import Listing
from pictograph.store.scope import NETWORK
from taxonomy.browsing import Category

ROUNDS = 5
WATCHED_TURNS = 2  # after a change every page is asked for so often, and longer than any process may go by the former
WATCHED_S = 4.0  # at least
TURN_WITHIN_S = 300.0
NAMED_ANEW_S = 15.0  # of the former way
MOST_OF_THEM = 2.2  # photos that are made up for each one wanted in the branch: animals are nearly half of them
WNID = re.compile(rb"n\d{8}")


@dataclass(frozen=True)
class _Seen:
    """A page that was asked for: when, and whether it said anything of the branch."""

    began: float
    ended: float
    address: str
    says: bool


def measure_labels(photos: int) -> dict[str, Any]:
    """Block and unblock the fullest branch of a made-up network, on a site of its own.

    `gone_s` and `back_s` are from the change until the last page that was asked for and still said the former, in
    another process that asks for one page after the other; the slowest of a few rounds. Beside it the rate of naming
    photos anew, one by one, which was the way before. Raises RuntimeError where a page fails.
    """
    everyone_may_ask = override_settings(ALLOWED_HOSTS=["*"])
    with tempfile.TemporaryDirectory(prefix="bench-") as name, scratch_site(Path(name)), everyone_may_ask:
        call_command("seed_network", photos=int(photos * MOST_OF_THEM), people=100, verbosity=0)
        return _measure_here()


def _measure_here() -> dict[str, Any]:
    look_again()
    counts = prediction_store().counts(NETWORK, calibration().default)
    branch = browsing().categories[max(browsing().roots, key=lambda wnid: counts.get(wnid, 0))]
    gone = frozenset(wnid for wnid in browsing().order if branch in browsing().path(wnid))
    moderator = User.objects.create(username="bench-moderator", is_staff=True, is_superuser=True)
    addresses = _addresses(branch)
    rounds = [_round(moderator, branch, gone, addresses) for _ in range(ROUNDS)]
    report: dict[str, Any] = {
        "database": connection.vendor,
        "branch": branch.name,
        "photos": counts[branch.wnid],
        "categories": len(gone),
        "pages": len(addresses),
    }
    report |= {what: round(max(one[what] for one in rounds), 3) for what in ("change_s", "gone_s", "back_s", "page_s")}
    return report | _former_way(counts[branch.wnid])


def _former_way(in_branch: int) -> dict[str, float]:
    """Naming photos anew, as each change of the tree had it done before: the rate, and what it makes of all photos."""
    Edition.begin(is_named_anew=True)
    look_again()
    began = time.perf_counter()
    named = rename_stale(at_most_s=NAMED_ANEW_S)
    rate = named / (time.perf_counter() - began)
    everything = Photo.objects.classified().count()
    return {
        "renamed_per_s": round(rate, 1),
        "branch_renamed_s": round(in_branch / rate),
        "all_renamed_s": round(everything / rate),
    }


def _round(moderator: User, branch: Category, gone: Collection[str], addresses: Sequence[str]) -> dict[str, float]:
    """Block a branch and take it back while another process looks; how long pages say the former after each."""
    with _somebody_looks(addresses, gone) as look:
        began = time.monotonic()
        override = change(moderator, Wanted(branch.wnid, Kind.BLOCK), "measuring")
        blocked = time.monotonic()
        look.wait()
        unblocking = time.monotonic()
        take_back(moderator, override)
        look.wait()
    seen = look.seen
    telling = {page.address for page in seen if page.began < began and page.says}
    during = [page for page in seen if began < page.began < unblocking and page.says]
    after = [page for page in seen if page.began > unblocking and page.address in telling and not page.says]
    return {
        "change_s": blocked - began,
        "gone_s": max((page.ended - began for page in during), default=0.0),
        "back_s": max((page.ended - unblocking for page in after), default=0.0),
        "page_s": max(page.ended - page.began for page in seen),
    }


def _addresses(branch: Category) -> list[str]:
    """A page of each kind that says what photos are called."""
    person = publishers()[0]
    page = prediction_store().photos_in(NETWORK, Listing(branch.wnid, calibration().default), limit=1)
    photo = page.members[0].photo_id
    return [
        reverse("explore"),
        reverse("network_category", args=[branch]),
        reverse("network_library"),
        reverse("network_pictograph"),
        reverse("network_map"),
        reverse("person", args=[person.handle]),
        reverse("people"),
        reverse("compare", args=[person.handle, EVERYONE]),
        reverse("photo", args=[photo]),
        reverse("similar", args=[photo]),
        f"{reverse('search')}?{urlencode({'of': EVERYONE, 'q': branch.name})}",
        f"{reverse('search_complete')}?{urlencode({'of': EVERYONE, 'q': branch.name[:3]})}",
    ]


class _Look:
    """What another process has seen, once it is through; `turns` is how often it has asked for every page."""

    def __init__(self, turns: "Synchronized[int]") -> None:
        self._turns = turns
        self.seen: list[_Seen] = []

    def wait(self) -> None:
        """Wait until it has asked for every page again a few times. Raises RuntimeError where it does not."""
        began, wanted = time.monotonic(), self._turns.value + 1 + WATCHED_TURNS
        while self._turns.value < wanted or time.monotonic() - began < WATCHED_S:
            if time.monotonic() - began > TURN_WITHIN_S:
                raise RuntimeError("the pages were not asked for again in minutes")
            time.sleep(0.05)


@contextmanager
def _somebody_looks(addresses: Sequence[str], gone: Collection[str]) -> Iterator[_Look]:
    """Another process that asks for one page after the other."""
    connections.close_all()
    if hasattr(connection, "close_pool"):  # whose threads are not there in the other process
        connection.close_pool()
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    turns = context.Value("i", 0)
    process = context.Process(target=_look, args=(theirs, turns, list(addresses), frozenset(gone)), daemon=True)
    process.start()
    theirs.close()  # so that a process that ends early is noticed
    ours.recv()  # it has seen every page once
    look = _Look(turns)
    try:
        yield look
    finally:
        ours.send("enough")
        look.seen += ours.recv()
        process.join()


def _look(parent: Connection, turns: "Synchronized[int]", addresses: Sequence[str], gone: Collection[str]) -> None:
    client, seen = Client(), list[_Seen]()
    look_again()
    _ = catalogue()
    seen += [_page(client, address, gone) for address in addresses]
    parent.send("looking")
    while not parent.poll():
        seen += [_page(client, address, gone) for address in addresses]
        turns.value += 1
    parent.send(seen)
    connections.close_all()


def _page(client: Client, address: str, gone: Collection[str]) -> _Seen:
    began = time.monotonic()
    response = client.get(address)
    if response.status_code >= 500:
        raise RuntimeError(f"{address} answered {response.status_code}")
    body = b"" if response.status_code == 404 else response.getvalue()
    says = any(wnid.decode() in gone for wnid in WNID.findall(body))
    return _Seen(began, time.monotonic(), address, says)
