from __future__ import annotations

import json

import httpx
import trio

from actors.model.outcome import Rearmed, Unread
from tests.adapters.polymarket.samples import (
    trading,
)


class Switch:
    """The venue's side of the heartbeat chain (§3.9)."""

    def __init__(self, expected: str = "") -> None:
        self.expected, self.heard, self.down = expected, list[str](), False
        self.down_from = 1_000  # beats from this one on are not served

    def __call__(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)["heartbeat_id"]
        self.heard.append(said)
        if self.down or len(self.heard) >= self.down_from:
            return httpx.Response(500, json={"error": "Internal server error"})
        if said != self.expected:
            wrong = {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": self.expected}
            return httpx.Response(400, json=wrong)
        self.expected = f"id-{len(self.heard)}"
        return httpx.Response(200, json={"heartbeat_id": self.expected})


async def test_beats_form_a_chain() -> None:
    venue = Switch()
    account = await trading(venue)
    assert [await account.beat() for _ in range(3)] == [None, None, None]
    assert venue.heard == ["", "id-1", "id-2"]


async def test_a_broken_chain_adopts_the_expected_id_and_beats_again_at_once() -> None:
    venue = Switch("somebody-elses")
    account = await trading(venue)
    assert await account.beat() == Rearmed()
    assert await account.beat() is None
    assert venue.heard == ["", "somebody-elses", "id-2"]


async def test_a_broken_chain_is_told_also_where_the_beat_that_mends_it_fails() -> None:
    venue = Switch("somebody-elses")
    account = await trading(venue)
    venue.down_from = 2
    assert isinstance(await account.beat(), Unread)
    venue.down_from = 1_000
    assert await account.beat() == Rearmed()
    assert await account.beat() is None
    assert venue.heard == ["", "somebody-elses", "somebody-elses", "id-3"]


async def test_a_refused_beat_is_sent_again_only_once() -> None:
    calls = 0

    def venue(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        return httpx.Response(400, json={"error_msg": "Invalid Heartbeat ID", "heartbeat_id": f"id-{calls}"})

    assert isinstance(await (await trading(venue)).beat(), Unread)
    assert calls == 2


async def test_a_failed_beat_keeps_the_last_known_id() -> None:
    venue = Switch()
    account = await trading(venue)
    await account.beat()
    venue.down = True
    assert isinstance(await account.beat(), Unread)
    venue.down = False
    assert await account.beat() is None
    assert venue.heard == ["", "id-1", "id-1"]


async def test_two_beats_at_once_stay_in_line(autojump_clock: object) -> None:
    switch = Switch()

    async def venue(request: httpx.Request) -> httpx.Response:
        answer = switch(request)
        await trio.sleep(1)
        return answer

    account = await trading(venue)  # type: ignore[arg-type]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(account.beat)
        nursery.start_soon(account.beat)
    assert switch.heard == ["", "id-1"]
