from __future__ import annotations

import asyncio

import pytest

from egostream.slots import AsyncDropOldest, Closed, DropOldest


def test_a_full_queue_hands_back_its_oldest() -> None:
    queue: DropOldest[int] = DropOldest(3)
    assert [queue.put(i) for i in range(5)] == [None, None, None, 0, 1]
    assert len(queue) == queue.capacity == 3
    assert queue.pop() == 2


def test_take_gives_the_newest_in_order_and_leaves_nothing() -> None:
    queue: DropOldest[int] = DropOldest(4)
    for i in range(4):
        queue.put(i)
    assert queue.take(2) == [2, 3]
    assert len(queue) == 0
    with pytest.raises(ValueError):
        queue.take(1)


def test_capacity_is_positive() -> None:
    with pytest.raises(ValueError):
        DropOldest(0)


async def test_a_reader_waits_and_sees_only_the_latest() -> None:
    slot: AsyncDropOldest[int] = AsyncDropOldest(1)
    reader = asyncio.create_task(slot.get())
    await asyncio.sleep(0)
    assert not reader.done()
    assert slot.put(1) is None
    assert slot.put(2) == 1
    assert await reader == 2


async def test_closing_lets_the_rest_out_then_ends() -> None:
    slot: AsyncDropOldest[int] = AsyncDropOldest(2)
    slot.put(1)
    slot.close()
    assert await slot.get() == 1
    with pytest.raises(Closed):
        await slot.get()


async def test_closing_wakes_a_reader() -> None:
    slot: AsyncDropOldest[int] = AsyncDropOldest(2)
    reader = asyncio.create_task(slot.get())
    await asyncio.sleep(0)
    slot.close()
    with pytest.raises(Closed):
        await reader
