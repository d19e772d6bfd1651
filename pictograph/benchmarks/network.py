"""The server time of the pages that show what everyone has published, at sizes of the network far apart."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils.http import urlencode

from pictograph.catalogue.snapshot import browsing, calibration
from pictograph.gate.room import with_room
from pictograph.pages.faces import EVERYONE
from pictograph.people.models import User
from pictograph.photos.library import PAGE
from pictograph.photos.models import Photo
from pictograph.places.gazetteer import gazetteer
from pictograph.search.words import PhotoWord
from pictograph.similar.refreshing import refresh_public
from pictograph.store import prediction_store
from pictograph.store.interface import ALL_PHOTOS
from pictograph.store.scope import NETWORK

REQUESTS = 40  # of each page, by turns of nobody in particular and of somebody who has signed in
LARGE = 100_000  # photos of a category that counts as a large one; where none has as many, the fullest
SMALL = 50
ROUNDS = 2  # of the sizes by turns
EACH_KIND = 20  # of queries
SEVERAL = 8  # categories of about that size
# People have as many photos each whatever the network's size, so that what grows is the network and not the people.
PHOTOS_EACH = 500
LEAST_PEOPLE = 20
MOST_PEOPLE = 500  # of whom those are drawn whose pages are asked for

Addresses = Sequence[str]


def measure_sizes(sizes: Sequence[int], keep: Path | None) -> dict[str, Any]:
    """Make up a network of each size on a site of its own, time its pages, and say how much slower larger ones are.

    Sites are kept in the folder and found there again the next time. Raises RuntimeError where one cannot be made.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        rounds = [
            {str(size): _measure_apart(size, (keep or Path(scratch)) / str(size)) for size in sizes}
            for _ in range(ROUNDS)
        ]
    measured = {str(size): _quickest([one[str(size)] for one in rounds]) for size in sizes}
    least, most = (measured[str(size)] for size in (min(sizes), max(sizes)))
    growth = {page: round(most[page]["p50_ms"] / least[page]["p50_ms"], 2) for page in least if page in most}
    return {"sizes": measured, "growth": growth}


def _quickest(rounds: Sequence[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Of several measurements of pages the quickest of each: what else the machine does only makes them slower."""
    return {page: min((one[page] for one in rounds), key=itemgetter("p50_ms")) for page in rounds[0]}


def measure_here(requests: int = REQUESTS) -> dict[str, dict[str, float]]:
    """Time the pages of this site's network. Raises ValueError where nobody has published, or a page fails."""
    people = publishers()
    if not people:
        raise ValueError("nobody has published anything here; make a network with: manage.py seed_network")
    refresh_public()  # without the files of similar photos that page would only say that they are being made
    somebody = Client()
    somebody.force_login(people[0])
    with override_settings(ALLOWED_HOSTS=["*"]):
        return {
            page: _cost(addresses, [somebody] if page == "categories" else [Client(), somebody], requests)
            for page, addresses in network_addresses(people, random.Random(0)).items()
        }


def publishers() -> list[User]:
    """The people who have published most, as far as others may see them."""
    owners = [one.owner for one in prediction_store().people_in(ALL_PHOTOS, calibration().default, MOST_PEOPLE)]
    return list(User.objects.public().filter(pk__in=owners).order_by("pk"))


def network_addresses(people: Sequence[User], chance: random.Random) -> dict[str, Addresses]:
    """Addresses of each kind of page, of many different objects; kinds that there is nothing of are left out."""
    large, small = _categories()
    some = chance.sample(people, min(len(people), REQUESTS))
    pairs = [(one.handle, other.handle) for one, other in zip(some, [*some[1:], some[0]], strict=True)]
    seen = Photo.objects.in_scope(NETWORK).classified().filter(network__is_current=True).order_by("-pk")
    newest = seen.values_list("pk", flat=True).first()
    numbers = [chance.randint(1, newest) for _ in range(REQUESTS)] if newest else []
    ids = [seen.filter(pk__lte=number).values_list("pk", flat=True).first() or newest for number in numbers]
    queries = _queries(people, chance)
    kinds: dict[str, Callable[[], Addresses]] = {
        "explore": lambda: [reverse("explore")],
        "category_large": lambda: _in_both_orders([reverse("network_category", args=[one]) for one in large]),
        "category_small": lambda: _in_both_orders([reverse("network_category", args=[one]) for one in small]),
        "person": lambda: [reverse("person", args=[one.handle]) for one in some],
        "comparison": lambda: [reverse("compare", args=pair) for pair in pairs],
        "search": lambda: [_search(text) for texts in zip(*queries.values(), strict=False) for text in texts],
        **{f"search_{kind}": partial(list, map(_search, texts)) for kind, texts in queries.items()},
        "complete": lambda: [_asking("search_complete", text) for text in _beginnings(chance)],
        "similar": lambda: [reverse("similar", args=[photo]) for photo in ids],
        "map": lambda: [reverse("network_map")],
        "category_map": lambda: [reverse("network_category_map", args=[one]) for one in (*large, *small)],
        "categories": lambda: [reverse("categories")],
        "pictograph": lambda: [reverse("network_pictograph_of", args=[one]) for one in large],
        "people": lambda: [reverse("people")],
        "photos": lambda: [reverse("network_library")],
    }
    return {page: addresses for page, make in kinds.items() if (addresses := make())}


def _queries(people: Sequence[User], chance: random.Random) -> dict[str, list[str]]:
    """What people may type, by kind, as many of each: of what there are many photos, which is what fills pages."""
    counts = prediction_store().counts(NETWORK, calibration().default)
    filled = [wnid for wnid in browsing().order if counts.get(wnid)]
    names = [browsing().categories[wnid].name for wnid in filled]
    words = chance.choices(names, [counts[wnid] for wnid in filled], k=2 * EACH_KIND)
    captions = sorted(
        set(PhotoWord.objects.filter(is_shared=True).order_by("-pk").values_list("word", flat=True)[:500])
    )
    queries = {
        "word": words[:EACH_KIND],
        "year": _of_years(chance),
        "place": [f"{word} in {place}" for word, place in zip(words, _places(chance), strict=False)],
        "two": [f"{one} {other}" for one, other in zip(words[:EACH_KIND], words[EACH_KIND:], strict=True)],
        "person": [
            f"{word} by @{one.handle}" for word, one in zip(words, chance.choices(people, k=EACH_KIND), strict=False)
        ],
        "caption": chance.choices(captions, k=EACH_KIND) if captions else [],
    }
    return {kind: texts for kind, texts in queries.items() if texts}


def _of_years(chance: random.Random) -> list[str]:
    """Categories with a year that has as many photos of them as a page shows, at whatever size; else the fullest."""
    store, known = prediction_store(), browsing().categories
    counted = {
        f"{known[wnid].name} {year}": photos
        for year in store.years(NETWORK)
        for wnid, photos in store.counts(NETWORK, calibration().default, year).items()
        if wnid in known
    }
    fullest = sorted(counted.items(), key=itemgetter(1), reverse=True)
    texts = dict([one for one in fullest if one[1] >= PAGE] or fullest[:EACH_KIND])
    return chance.choices(list(texts), list(texts.values()), k=EACH_KIND) if texts else []


def _places(chance: random.Random) -> list[str]:
    """Towns where others may know that photos were taken, those with many of them more often."""
    rows = Photo.objects.showing_places().filter(near_town__isnull=False).order_by("-pk")
    towns = [town or 0 for town in rows.values_list("near_town", flat=True)[:2000]]
    known = [gazetteer().town(number) for number in (chance.choices(towns, k=EACH_KIND) if towns else [])]
    return [town.name for town in known if town]


def _beginnings(chance: random.Random) -> list[str]:
    """What is typed when proposals are made: two letters of a word, or more."""
    names = [browsing().categories[wnid].name for wnid in chance.sample(browsing().order, REQUESTS)]
    return [name[: chance.randint(2, 5)].strip() for name in names]


def _search(text: str) -> str:
    return _asking("search", text)


def _asking(page: str, text: str) -> str:
    return f"{reverse(page)}?{urlencode({'q': text, 'of': EVERYONE})}"


def _categories() -> tuple[list[Any], list[Any]]:
    """Several categories as large as LARGE, and several of about SMALL photos."""
    counts = prediction_store().counts(NETWORK, calibration().default)
    known = [(counts[wnid], category) for wnid, category in browsing().categories.items() if counts.get(wnid)]
    known.sort(key=lambda one: -one[0])
    large = [category for count, category in known if count >= LARGE] or [category for _, category in known[:1]]
    small = sorted(known, key=lambda one: abs(one[0] - SMALL))
    return large[:SEVERAL], [category for _, category in small[:SEVERAL]]


def _in_both_orders(addresses: Addresses) -> Addresses:
    return [f"{address}{order}" for order in ("", "?order=newest") for address in addresses]


def _cost(addresses: Addresses, clients: Sequence[Client], requests: int) -> dict[str, float]:
    """Ask for a page so often, each time another address and in turn as somebody else; the first ones warm up."""
    for client in clients:
        client.get(addresses[-1])
    asked = list(islice(zip(cycle(addresses), cycle(clients), strict=False), requests))
    if len(addresses) % len(clients) == 0:  # else each address would always be asked for by the same one
        asked = [(address, clients[(n + n // len(addresses)) % len(clients)]) for n, (address, _) in enumerate(asked)]
    times, queries = [], 0
    for address, client in asked:
        start = time.perf_counter()
        response = with_room(partial(client.get, address))
        times.append((time.perf_counter() - start) * 1000)
        if response.status_code != 200:
            raise ValueError(f"{address} answered {response.status_code}")
    for address, client in asked[: 2 * len(clients)]:
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        queries = max(queries, len(captured))
    p50, p95 = (round(float(np.percentile(times, at)), 1) for at in (50, 95))
    return {"p50_ms": p50, "p95_ms": p95, "queries": queries}


def _measure_apart(size: int, folder: Path) -> dict[str, dict[str, float]]:
    """Measure in a process that has this folder for its site; the network is made up where it is not there yet."""
    people = max(LEAST_PEOPLE, size // PHOTOS_EACH)
    environment = os.environ | {"DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}"}
    done = folder / "seeded"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        seed = ["seed_network", "--photos", str(size), "--people", str(people), "--pictures", "0"]
        _run(seed, environment)
        done.touch()
    return dict(json.loads(_run(["bench", "network", "--here", "--json"], environment)))


def _run(arguments: Sequence[str], environment: dict[str, str]) -> str:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {ran.returncode}")
    return ran.stdout
