"""`manage.py bench network`: the time of the network's pages, at sizes far apart, in the form it promises."""

import json
import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from pictograph.benchmarks import network
from pictograph.benchmarks.network import measure_here, measure_sizes, network_addresses, publishers
from tests.fathom.explore.publishing import make_network


def test_the_pages_that_are_there_are_timed(db: None) -> None:
    make_network()
    measured = measure_here(requests=2)
    assert {"explore", "category_large", "category_small", "person", "categories"} <= measured.keys()
    for cost in measured.values():
        assert cost.keys() == {"p50_ms", "p95_ms", "queries"}
        assert 0 < cost["p50_ms"] <= cost["p95_ms"]
        assert cost["queries"] > 0


def test_each_request_is_for_something_else(db: None) -> None:
    make_network()
    addresses = network_addresses(publishers(), random.Random(0))
    assert len(set(addresses["person"])) == 2, "as many people as have published"
    assert len(set(addresses["category_small"])) > 2


def test_searches_are_of_every_kind_and_find_what_there_is(client: Client, db: None) -> None:
    call_command("seed_network", photos=400, people=10, pictures=0, stdout=StringIO(), stderr=StringIO())
    addresses = network_addresses(publishers(), random.Random(0))
    kinds = {f"search_{kind}" for kind in ("word", "year", "place", "two", "person", "caption")}
    assert kinds | {"search", "complete", "similar", "map", "category_map"} <= addresses.keys()
    assert set(addresses["search"][:6]) == {addresses[kind][0] for kind in kinds}, "by turns of each kind"
    assert len(set(addresses["search"])) > 60
    assert all("of=everyone" in address for address in addresses["search"])
    assert all("data-id=" in client.get(address).content.decode() for address in set(addresses["search_year"]))


def test_where_nobody_has_published_there_is_nothing_to_time(db: None) -> None:
    with pytest.raises(CommandError, match="nobody has published"):
        call_command("bench", "network", "--here", stdout=StringIO(), stderr=StringIO())


def test_growth_is_the_ratio_of_the_largest_to_the_smallest(monkeypatch: pytest.MonkeyPatch) -> None:
    costs: dict[int, dict[str, Any]] = {
        10: {"explore": {"p50_ms": 20.0, "p95_ms": 30.0, "queries": 5}},
        1000: {"explore": {"p50_ms": 25.0, "p95_ms": 35.0, "queries": 5}},
    }
    monkeypatch.setattr(network, "_measure_apart", lambda size, folder: costs[size])
    report = measure_sizes([10, 1000], None)
    assert report == {"sizes": {"10": costs[10], "1000": costs[1000]}, "growth": {"explore": 1.25}}


def test_what_another_load_of_the_machine_adds_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([20.0, 90.0, 80.0, 22.0])
    monkeypatch.setattr(
        network,
        "_measure_apart",
        lambda size, folder: {"explore": {"p50_ms": next(times), "p95_ms": 99.0, "queries": 5}},
    )
    report = measure_sizes([10, 1000], None)
    assert [cost["explore"]["p50_ms"] for cost in report["sizes"].values()] == [20.0, 22.0]


def test_a_site_is_made_up_once_and_kept(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def run(arguments: list[str], environment: dict[str, str]) -> str:
        assert environment["DATA_DIR"] == str(tmp_path / "sites" / "200")
        ran.append(arguments[0])
        return json.dumps({"explore": {"p50_ms": 20.0, "p95_ms": 30.0, "queries": 9}})

    monkeypatch.setattr(network, "_run", run)
    out = StringIO()
    options = ("--sizes", "200", "--keep", str(tmp_path / "sites"), "--json")
    call_command("bench", "network", *options, stdout=out, stderr=StringIO())
    report = json.loads(out.getvalue())
    assert report == {
        "sizes": {"200": {"explore": {"p50_ms": 20.0, "p95_ms": 30.0, "queries": 9}}},
        "growth": {"explore": 1.0},
    }
    assert ran == ["seed_network", *["bench"] * network.ROUNDS]
    measure_sizes([200], tmp_path / "sites")
    assert ran.count("seed_network") == 1
