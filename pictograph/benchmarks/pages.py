"""The server time of the pages of one library, each asked for alone."""

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from pictograph.catalogue.snapshot import browsing, calibration
from pictograph.people.models import User
from pictograph.store import prediction_store
from pictograph.store.scope import library_of

ROUNDS = 15


@dataclass(frozen=True)
class PageCost:
    """What a page takes of the server, in milliseconds, and what it asks of the database."""

    address: str
    median_ms: float
    slowest_ms: float
    queries: int
    kilobytes: float


def page_costs(user: User) -> dict[str, PageCost]:
    """Time the pages of someone's library. Raises ValueError for one that does not answer."""
    client = Client()
    client.force_login(user)
    with override_settings(ALLOWED_HOSTS=["*"]):
        return {page: _cost(client, address) for page, address in addresses(user).items()}


def addresses(user: User) -> Mapping[str, str]:
    """The pages to time, those of categories for the fullest one."""
    counts = prediction_store().counts(library_of(user.pk), calibration().default)
    categories = browsing().categories
    fullest = max((wnid for wnid in counts if wnid in categories), key=lambda wnid: counts[wnid])
    named = categories[fullest]
    return {
        "library": reverse("library"),
        "categories": reverse("categories"),
        "category": reverse("category", args=[named]),
        "category_by_date": reverse("category", args=[named]) + "?order=newest",
        "pictograph": reverse("pictograph"),
        "pictograph_of": reverse("pictograph_of", args=[named]),
        "import": reverse("import"),
    }


def _cost(client: Client, address: str) -> PageCost:
    times = []
    client.get(address)
    for _ in range(ROUNDS):
        start = time.perf_counter()
        response = client.get(address)
        times.append((time.perf_counter() - start) * 1000)
    if response.status_code != 200:
        raise ValueError(f"{address} answered {response.status_code}")
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    kilobytes = round(len(response.content) / 1000, 1)
    return PageCost(address, round(statistics.median(times), 1), round(max(times), 1), len(queries), kilobytes)
