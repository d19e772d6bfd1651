"""Requests come to their threads in turn: few at once, every address fairly, none for ever."""

import asyncio
import random

import pytest

from pictograph.gate.lanes import Lane, LaneFull
from tests.pictograph.held import Held, quick


async def let_others_run() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def begun(began: list[str], count: int) -> None:
    while len(began) < count:
        await asyncio.sleep(0.005)


async def test_no_more_pages_are_computed_at_once_than_the_lane_has_threads() -> None:
    began: list[str] = []
    lane, pages = Lane("test", 2), [Held(str(n), began) for n in range(3)]
    asked = [asyncio.create_task(lane.compute(f"address {n}", page)) for n, page in enumerate(pages)]
    await begun(began, 2)
    await let_others_run()
    assert began == ["0", "1"]
    pages[0].may_end.set()
    await begun(began, 3)
    for page in pages:
        page.may_end.set()
    assert await asyncio.gather(*asked) == ["0", "1", "2"]


async def test_an_address_that_asks_for_much_lets_others_pass() -> None:
    began: list[str] = []
    lane, first = Lane("test", 1), Held("first", began)
    holding = asyncio.create_task(lane.compute("much", first))
    await begun(began, 1)
    asked = [asyncio.create_task(lane.compute("much", quick(f"much {n}", began))) for n in range(3)]
    await let_others_run()
    asked.append(asyncio.create_task(lane.compute("little", quick("little", began))))
    await let_others_run()
    first.may_end.set()
    await asyncio.gather(holding, *asked)
    assert began == ["first", "much 0", "little", "much 1", "much 2"]


async def test_an_address_that_has_too_many_waiting_is_refused_and_others_are_not() -> None:
    began: list[str] = []
    lane, first = Lane("test", 1, waiting=10, waiting_of_one=2), Held("first", began)
    asked = [asyncio.create_task(lane.compute("much", first))]
    await begun(began, 1)
    asked += [asyncio.create_task(lane.compute("much", quick("more", began))) for _ in range(2)]
    await let_others_run()
    with pytest.raises(LaneFull):
        await lane.compute("much", quick("too much", began))
    asked.append(asyncio.create_task(lane.compute("little", quick("little", began))))
    await let_others_run()
    first.may_end.set()
    await asyncio.gather(*asked)
    assert sorted(began) == ["first", "little", "more", "more"]


async def test_many_addresses_together_do_not_wait_without_bound() -> None:
    began: list[str] = []
    lane, first = Lane("test", 1, waiting=3), Held("first", began)
    asked = [asyncio.create_task(lane.compute("0", first))]
    await begun(began, 1)
    asked += [asyncio.create_task(lane.compute(str(n), quick(str(n), began))) for n in range(1, 4)]
    await let_others_run()
    with pytest.raises(LaneFull):
        await lane.compute("4", quick("4", began))
    first.may_end.set()
    await asyncio.gather(*asked)


async def test_a_request_that_is_given_up_while_it_waits_is_not_computed_and_takes_no_turn() -> None:
    began: list[str] = []
    lane, first = Lane("test", 1), Held("first", began)
    holding = asyncio.create_task(lane.compute("here", first))
    await begun(began, 1)
    gone = asyncio.create_task(lane.compute("here", quick("gone", began)))
    stays = asyncio.create_task(lane.compute("here", quick("stays", began)))
    await let_others_run()
    gone.cancel()
    await let_others_run()
    first.may_end.set()
    await asyncio.gather(holding, stays)
    assert began == ["first", "stays"]
    assert await lane.compute("here", quick("after", began)) == "after"


async def test_a_request_that_is_given_up_keeps_its_thread_until_its_page_is_computed() -> None:
    began: list[str] = []
    lane, first = Lane("test", 1), Held("first", began)
    gone = asyncio.create_task(lane.compute("here", first))
    await begun(began, 1)
    gone.cancel()
    following = asyncio.create_task(lane.compute("here", quick("following", began)))
    await let_others_run()
    assert began == ["first"]
    assert not gone.done(), "what the thread reads would be closed"
    first.may_end.set()
    assert await following == "following"
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_page_that_fails_gives_its_thread_back() -> None:
    lane = Lane("test", 1)

    def fails() -> str:
        raise ValueError("no such page")

    for _ in range(3):
        with pytest.raises(ValueError, match="no such page"):
            await lane.compute("here", fails)
    assert await lane.compute("here", quick("fine", [])) == "fine"


async def test_one_address_never_has_the_last_thread() -> None:
    began: list[str] = []
    lane, slow = Lane("test", 3), [Held(f"slow {n}", began) for n in range(3)]
    asked = [asyncio.create_task(lane.compute("much", page)) for page in slow]
    await begun(began, 2)
    assert await lane.compute("little", quick("little", began)) == "little"
    assert began == ["slow 0", "slow 1", "little"]
    for page in slow:
        page.may_end.set()
    await asyncio.gather(*asked)


async def test_requests_that_are_given_up_at_whatever_moment_take_no_thread_with_them() -> None:
    lane, chance = Lane("test", 3), random.Random(7)
    for _ in range(1500):
        asked = [asyncio.create_task(lane.compute(f"address {n}", lambda: None)) for n in range(chance.randrange(1, 6))]
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        for task in asked:
            task.cancel()
    began: list[str] = []
    pages = [Held(str(n), began) for n in range(3)]
    computing = [asyncio.create_task(lane.compute(page.name, page)) for page in pages]
    await asyncio.wait_for(begun(began, 3), 10)
    for page in pages:
        page.may_end.set()
    await asyncio.gather(*computing)


async def test_where_the_lane_is_full_the_greediest_makes_room_for_who_has_nothing_waiting() -> None:
    began: list[str] = []
    lane, first = Lane("test", 1, waiting=3), Held("first", began)
    holding = asyncio.create_task(lane.compute("much", first))
    await begun(began, 1)
    much = [asyncio.create_task(lane.compute("much", quick(f"much {n}", began))) for n in range(3)]
    await let_others_run()
    little = asyncio.create_task(lane.compute("little", quick("little", began)))
    await let_others_run()
    first.may_end.set()
    assert await little == "little"
    assert [type(one) for one in await asyncio.gather(*much, return_exceptions=True)] == [str, str, LaneFull]
    await holding
    assert began == ["first", "much 0", "little", "much 1"]
