"""Whatever bytes arrive, the exchange lives; whatever orders arrive, nobody is overdrawn."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from actors.model.market import Side
from actors.model.numbers import PRICE_ONE, PUSD, format_price, format_size
from tests.depth import examples
from tests.emulator.harness import Trader, Venue, open_venue
from tests.emulator.test_sockets import market_socket

GARBAGE = [
    b"",
    b"\x00\xff" * 100,
    b"GET / HTTP/1.1\r\n",
    b"GET //[ HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET /ws/market HTTP/1.1\r\nhost: x\r\n\r\n",
    b"GET /ws/elsewhere HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n",
    b"GET /ws/market HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n" + b"\xff" * 64,
    b"POST /order HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n12",
    b"POST /books HTTP/1.1\r\nhost: x\r\ncontent-length: 9000\r\n\r\n" + b"[" * 9000,
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize("port", ["rest", "socket"])
async def test_garbage_harms_nobody(port: str, garbage: bytes, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        await send_and_leave(venue, port, garbage)
        assert await venue.rest().call("GET", "/ok") == (200, "OK")
        socket = await market_socket(venue, venue.listings[0].market.yes)
        assert json.loads(await socket.get_message())[0]["event_type"] == "book"


@settings(max_examples=examples(50), deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from(["rest", "socket"]), st.sampled_from([GARBAGE[6][:-64], GARBAGE[7], b""])
)
def test_any_bytes_harm_nobody(noise: bytes, port: str, head: bytes) -> None:
    async def main() -> None:
        async with open_venue() as venue:
            await send_and_leave(venue, port, head + noise)
            assert await venue.rest().call("GET", "/ok") == (200, "OK")

    trio.run(main, clock=MockClock(autojump_threshold=0))


async def send_and_leave(venue: Venue, port: str, data: bytes) -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    serve = venue.emulator.serve_rest if port == "rest" else venue.emulator.serve_socket
    venue.nursery.start_soon(serve, theirs)
    with trio.move_on_after(20):
        await ours.send_all(data)
        await ours.send_eof()
        while await ours.receive_some():
            pass
    await ours.aclose()


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/book", b""),
        ("GET", "/book?token_id=", b""),
        ("GET", "/markets?next_cursor=%%%", b""),
        ("GET", "/markets?next_cursor=LTU=", b""),
        ("GET", "/price?token_id=1&side=UP", b""),
        ("POST", "/books", b'[{"token_id":{}}]'),
        ("POST", "/books", b"7"),
        ("GET", "/nowhere", b""),
        ("PUT", "/order", b"{}"),
        ("POST", "/auth/api-key", b""),
    ],
)
async def test_odd_requests_get_an_answer(method: str, target: str, body: bytes, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        status, answer = await venue.rest().call(method, target, body)
        assert status in (200, 400, 401, 404)
        assert status == 200 or "error" in answer


ORDERS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1]),
        st.integers(0, 1),
        st.sampled_from(["BUY", "BUY", "SELL"]),
        st.integers(47, 53).map(lambda cents: cents * 100),
        st.integers(5_00, 100_00).map(lambda hundredths: hundredths * 10_000),
        st.sampled_from(["GTC", "GTC", "FOK", "FAK"]),
        st.booleans(),
    ),
    min_size=8,
    max_size=25,
)
POOR = 50 * PUSD


@settings(max_examples=examples(50), deadline=None)
@given(ORDERS)
def test_no_stream_of_orders_overdraws_an_account(orders: list[tuple[Any, ...]]) -> None:
    """A poor client meets a rich one: what matched trades and open orders promise is always there, to the unit."""

    async def main() -> None:
        async with open_venue() as venue:
            traders = [await venue.trader(0), await venue.trader(1)]
            poor = venue.emulator.exchange.accounts.get(traders[0].address)
            assert poor is not None
            poor.cash = POOR
            total = venue.emulator.exchange.accounts.total
            for token, price in ((0, 4800), (1, 5000)):  # the rich client stands ready on both sides
                await order(traders[1], token, "BUY", price, 500_000_000, "GTC")
            for who, token, side, price, size, life, pause in orders:
                await order(traders[who], token, side, price, size, life)
                await trio.sleep(2.5 if pause else 0)
                check(venue, total)
            await trio.sleep(10)
            check(venue, total)

    trio.run(main, clock=MockClock(autojump_threshold=0))


async def order(trader: Trader, token: int, side: str, price: int, size: int, life: str) -> None:
    listing = trader.venue.listings[0]
    text = (format_price(price), format_size(size))
    immediate_buy = life != "GTC" and side == "BUY"
    amounts = (price * size // PRICE_ONE // 10_000 * 10_000, size) if immediate_buy else None
    await trader.place(listing, listing.market.tokens[token], side, *text, life=life, amounts=amounts)


def check(venue: Venue, total: int) -> None:
    accounts, tickets = venue.emulator.exchange.accounts, venue.emulator.exchange.tickets
    for account in accounts.by_address.values():
        buys = sum(t.notional for t in tickets.open_of(account) if t.order.side is Side.BUY)
        assert account.held_cash + buys <= account.cash
        for token in venue.listings[0].market.tokens:
            sells = [t for t in tickets.open_of(account) if t.order.side is Side.SELL and t.token == token]
            assert account.held_shares[token] + sum(t.remaining for t in sells) <= account.shares[token]
    every = accounts.by_address.values()
    assert sum(a.cash for a in every) + accounts.fees + accounts.minted == total
    for token in venue.listings[0].market.tokens:
        assert sum(a.shares[token] for a in every) == accounts.minted
