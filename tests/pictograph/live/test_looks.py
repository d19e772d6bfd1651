"""Open pages look one after the other, those of one person together, and leave most of the processor to others."""

import asyncio
import time

import pytest

from pictograph.live.looks import Looks
from tests.pictograph.held import Held, quick


def itself(seen: str) -> str:
    return seen


async def begun(began: list[str]) -> None:
    while not began:
        await asyncio.sleep(0.005)


async def test_pages_look_in_the_order_they_come_in_and_one_at_a_time(db: None) -> None:
    began: list[str] = []
    looks, first = Looks(), Held("first", began)
    looking = [asyncio.create_task(looks.take(0, "page", first, itself))]
    await begun(began)
    looking += [asyncio.create_task(looks.take(n, "page", quick(str(n), began), itself)) for n in (1, 2, 3)]
    await asyncio.sleep(0.05)
    assert began == ["first"]
    first.may_end.set()
    assert await asyncio.gather(*looking) == ["first", "1", "2", "3"]
    assert began == ["first", "1", "2", "3"]


async def test_pages_that_wait_to_see_the_same_are_served_by_one_look(db: None) -> None:
    began: list[str] = []
    looks, first = Looks(), Held("first", began)
    looking = [asyncio.create_task(looks.take(7, "mine", first, itself))]
    await begun(began)  # what changes from here on, it may have missed
    looking += [asyncio.create_task(looks.take(7, "mine", quick(f"later {n}", began), itself)) for n in range(3)]
    await asyncio.sleep(0.05)
    first.may_end.set()
    assert await asyncio.gather(*looking) == ["first", "later 0", "later 0", "later 0"]
    assert began == ["first", "later 0"]


async def test_of_a_look_that_is_shared_each_page_makes_its_own(db: None) -> None:
    began: list[str] = []
    looks, first = Looks(), Held("first", began)
    holding = asyncio.create_task(looks.take(7, "first", first, itself))
    await begun(began)
    owns = [lambda seen, n=n: f"{seen} of {n}" for n in range(3)]
    looking = [asyncio.create_task(looks.take(7, "mine", quick("look", began), own)) for own in owns]
    await asyncio.sleep(0.05)
    first.may_end.set()
    assert await asyncio.gather(*looking) == ["look of 0", "look of 1", "look of 2"]
    assert await holding == "first"
    assert began == ["first", "look"]


async def test_a_page_that_goes_takes_the_look_of_no_other_with_it(db: None) -> None:
    began: list[str] = []
    looks, first = Looks(), Held("first", began)
    holding = asyncio.create_task(looks.take(7, "first", first, itself))
    await begun(began)
    gone = asyncio.create_task(looks.take(7, "mine", quick("look", began), itself))
    stays = asyncio.create_task(looks.take(7, "mine", quick("never", began), itself))
    await asyncio.sleep(0.05)
    gone.cancel()
    first.may_end.set()
    assert (await holding, await stays) == ("first", "look")


async def test_a_look_that_fails_fails_for_its_page_alone(db: None) -> None:
    looks = Looks()

    def fails() -> str:
        raise ValueError("no such page")

    with pytest.raises(ValueError, match="no such page"):
        await looks.take(7, "mine", fails, itself)
    assert await looks.take(7, "mine", quick("fine", []), itself) == "fine"


async def test_after_a_look_comes_a_rest_by_the_work_it_was(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    work = iter([0.0, 0.3, 0.3, 0.3])
    monkeypatch.setattr(time, "thread_time", lambda: next(work))
    monkeypatch.setattr("pictograph.live.looks.time.sleep", rests.append)
    looks = Looks()
    await looks.take(1, "page", quick("one", []), itself)
    await looks.take(2, "page", quick("two", []), itself)
    assert rests[0] == 0.0
    assert 0.5 < rests[1] <= 1.0


async def test_a_person_with_many_pages_lets_others_look_in_between(db: None) -> None:
    began: list[str] = []
    looks, first = Looks(), Held("first", began)
    looking = [asyncio.create_task(looks.take(1, "first", first, itself))]
    await begun(began)
    looking += [asyncio.create_task(looks.take(1, n, quick(f"many {n}", began), itself)) for n in range(3)]
    await asyncio.sleep(0.05)
    looking.append(asyncio.create_task(looks.take(2, "page", quick("few", began), itself)))
    await asyncio.sleep(0.05)
    first.may_end.set()
    await asyncio.gather(*looking)
    assert began == ["first", "many 0", "few", "many 1", "many 2"]
