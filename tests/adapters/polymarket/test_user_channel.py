"""The user channel against a small scripted server over memory streams."""

from __future__ import annotations

import json
from random import Random

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st
from trio_websocket import WebSocketConnection

from actors.messages import Fill, LevelChange, OrderUpdate
from actors.model.numbers import PRICE_ONE
from actors.ports import Disconnected
from adapters.polymarket.sockets import Dial, dialler
from adapters.polymarket.user_channel import PolymarketUserChannel
from adapters.polymarket.user_frames import user_frame
from tests.adapters.polymarket.samples import CREDENTIALS, OWNER, order, trade
from tests.adapters.polymarket.scripted import US, heard, venue
from tests.adapters.polymarket.test_frames import YES_CHANGE, change, price_change
from tests.adapters.polymarket.wild import RAW, bent


def event(kind: str, whole: dict[str, object]) -> str:
    return json.dumps({"event_type": kind, **whole})


def user(dial: Dial) -> PolymarketUserChannel:
    return PolymarketUserChannel("ws://venue/ws/user", CREDENTIALS, US, dial)


async def test_our_orders_and_fills_arrive_in_order() -> None:
    frames: list[dict[str, object]] = []

    async def script(connection: WebSocketConnection) -> None:
        frames.append(await heard(connection))
        await connection.send_message(event("order", order(type="PLACEMENT")))
        await connection.send_message("PONG")
        await connection.send_message(json.dumps({"event_type": "surprise"}))
        await connection.send_message(event("trade", trade(owner="x", maker_address="0x9", trader_side="MAKER")))
        await connection.send_message(
            "[" + event("trade", trade(status="MATCHED")) + "," + event("order", order(type="UPDATE")) + "]"
        )

    async with venue(script) as dial:
        channel = user(dial)
        async with channel.connect() as events:
            seen = [[type(e) for e in (await anext(events))] for _ in range(2)]
            with pytest.raises(Disconnected, match="closed"):
                await anext(events)
    assert seen == [[OrderUpdate], [Fill, OrderUpdate]]
    assert channel.oddities == {"surprise": 1}
    keys = {"apiKey": OWNER, "secret": CREDENTIALS.secret, "passphrase": CREDENTIALS.passphrase}
    assert frames == [{"type": "user", "auth": keys}]


@pytest.mark.parametrize(
    "lost", [event("trade", trade(status="DREAMED")), event("order", order(price="x")), "not json at all"]
)
async def test_an_event_of_ours_that_cannot_be_read_ends_the_link_after_what_could(lost: str) -> None:
    async def script(connection: WebSocketConnection) -> None:
        await heard(connection)
        await connection.send_message("[" + event("order", order()) + "," + lost + "]" if lost[0] == "{" else lost)
        await trio.sleep_forever()

    async with venue(script) as dial:
        channel = user(dial)
        async with channel.connect() as events:
            if lost[0] == "{":
                assert len(await anext(events)) == 1
            with pytest.raises(Disconnected, match="could not be read"):
                await anext(events)
        assert sum(channel.oddities.values()) == 1


async def test_no_failure_of_the_user_channel_shows_the_secret(autojump_clock: trio.testing.MockClock) -> None:
    async def refuse(connection: WebSocketConnection) -> None:
        await heard(connection)

    async def full(host: str, port: int, tls: bool) -> trio.abc.Stream:
        raise OSError("no route")

    shown: list[str] = []
    async with venue(refuse) as dial:
        for door in (dial, dialler(full)):
            channel = user(door)
            try:
                async with channel.connect() as events:
                    shown.append(repr(events))
                    await anext(events)
            except Disconnected as lost:
                shown += [repr(lost), repr(lost.__cause__), repr(lost.__context__), repr(channel)]
    text = " ".join(shown)
    assert "closed" in text
    assert "no route" in text
    for part in (CREDENTIALS.secret, CREDENTIALS.passphrase, CREDENTIALS.api_key):
        assert part not in text


def test_events_without_an_event_type_are_told_apart_by_their_type() -> None:
    seen = user_frame(json.dumps([order(type="CANCELLATION"), trade(type="TRADE"), {"type": "?"}, 7]), US)
    assert [type(e) for e in seen.events] == [OrderUpdate, Fill]
    assert len(seen.ignored) == 1
    assert len(seen.lost) == 1


def test_a_level_change_is_no_user_event() -> None:
    seen = user_frame(json.dumps(price_change(change())), US)
    assert seen.events == ()
    assert seen.ignored == ("price_change",)
    assert not isinstance(YES_CHANGE, OrderUpdate)
    assert isinstance(YES_CHANGE, LevelChange)


@given(st.integers(0, 2**32 - 1))
def test_no_frame_raises_and_what_it_tells_of_us_is_within_bounds(seed: int) -> None:
    rng = Random(seed)
    for _ in range(20):
        right = rng.choice([{"event_type": "order", **order(type="UPDATE")}, {"event_type": "trade", **trade()}])
        frame = json.dumps(bent(rng, rng.choice([right, [right, right]]), rng.choice((0, 1, 2, 4))))
        frame = rng.choice(RAW).decode(errors="replace") if rng.random() < 0.1 else frame
        read = user_frame(frame, US)
        assert all(text and len(text) < 400 for text in (*read.lost, *read.ignored))
        for told in read.events:
            assert 0 <= told.price <= PRICE_ONE
            assert told.size >= 0
            assert isinstance(told, Fill) or told.matched >= 0
