"""The taker delay: who waits, what cannot be done meanwhile, and how it ends."""

from __future__ import annotations

import json
from io import StringIO

import pytest
import trio
from trio.testing import MockClock

from actors.model.numbers import PUSD, SHARE
from adapters.emulator import signatures
from adapters.emulator.events import OrderMoved
from adapters.emulator.ledger import Ledger
from adapters.emulator.lifecycle import YES_WINS
from adapters.emulator.refusal import Refused
from adapters.emulator.tickets import Ticket
from tests.emulator.floor import BUY, CENT, NO, SELL, YES, Floor, listing, open_floor, with_terms
from tests.emulator.harness import frames_until_quiet, open_venue, virtual_wall
from tests.emulator.test_sockets import user_socket

HALF = 0.5


def slow(**order: object) -> tuple[Floor, Ticket]:
    """Bob's bid of 10 NO at 0.50 rests; Ann's BUY of 10 YES at 0.50 (or what `order` says) has just come."""
    floor = open_floor([with_terms(listing(), delay=HALF)])
    ann, bob = floor.account("ann", 100 * PUSD), floor.account("bob")
    floor.place(bob, NO, BUY, 50 * CENT, 10 * SHARE)
    wanted = {"price": 50 * CENT, "size": 10 * SHARE, **order}
    ticket = floor.place(ann, YES, BUY, wanted.pop("price"), wanted.pop("size"), **wanted)
    return floor, ticket


def told(floor: Floor, ticket: Ticket) -> list[tuple[str, str]]:
    return [(e.type, e.status or e.ticket.status) for e in floor.events(OrderMoved) if e.ticket is ticket]


def test_a_marketable_order_waits_and_then_matches() -> None:
    floor, ticket = slow()
    assert (ticket.status, ticket.matched) == ("DELAYED", 0)
    floor.pass_time(0.49)
    assert ticket.status == "DELAYED"
    floor.pass_time(0.02)
    assert (ticket.status, ticket.matched) == ("MATCHED", 10 * SHARE)


def test_what_is_left_after_the_delay_rests() -> None:
    floor, ticket = slow(size=30 * SHARE)
    floor.pass_time(1)
    assert (ticket.status, ticket.matched) == ("LIVE", 10 * SHARE)
    assert floor.listings[0].book.orders[ticket.order.id].remaining == 20 * SHARE


def test_nobody_left_to_meet_means_it_rests_or_is_killed() -> None:
    for life, status, end in (
        ("GTC", "LIVE", ("UPDATE", "LIVE")),
        ("FAK", "CANCELED", None),
        ("FOK", "CANCELED", None),
    ):
        floor, ticket = slow(life=life)
        (maker,) = floor.exchange.tickets.open_of(floor.exchange.accounts.by_address["0xbob"])
        assert floor.exchange.cancel(maker, "resting orders may be cancelled meanwhile")
        floor.pass_time(1)
        assert ticket.status == status
        last = told(floor, ticket)[-1]
        assert last == end if end else last[0] == "CANCELLATION"
        assert end or last[1].startswith(f"CANCELED_{'no orders' if life == 'FAK' else 'order could'}")


@pytest.mark.parametrize("order", [{"post_only": True, "price": 49 * CENT}, {"price": 49 * CENT}])
def test_orders_that_meet_nobody_and_post_only_ones_do_not_wait(order: dict[str, object]) -> None:
    assert slow(**order)[1].status == "LIVE"


def test_a_crossing_post_only_order_and_a_hopeless_fok_are_refused_at_once() -> None:
    with pytest.raises(Refused, match="crosses"):
        slow(post_only=True)
    with pytest.raises(Refused, match="unfilled"):
        slow(price=49 * CENT, life="FOK")


def test_a_delayed_order_cannot_be_cancelled() -> None:
    floor, ticket = slow()
    assert not floor.exchange.cancel(ticket, "test")
    assert floor.exchange.cancel_all(ticket.account, "test") == []
    floor.pass_time(1)
    assert ticket.status == "MATCHED"


def test_a_delayed_order_counts_against_the_balance() -> None:
    floor, ticket = slow(life="FAK", budget=60_900_000, size=120 * SHARE)  # 0.5075 a share, limit 0.50
    assert ticket.status == "DELAYED"
    with pytest.raises(Refused, match="sum of active orders: 60900000, order amount: 50000000"):
        floor.place(ticket.account, YES, BUY, 10 * CENT, 500 * SHARE)


def test_money_that_is_gone_when_the_delay_ends_kills_the_order() -> None:
    floor, ticket = slow()
    floor.chain.split(ticket.account, floor.listings[0], 96 * PUSD)
    floor.pass_time(1)
    assert (ticket.status, ticket.matched) == ("CANCELED_NOT_ENOUGH_BALANCE", 0)
    assert told(floor, ticket)[-1] == ("CANCELLATION", "CANCELED_NOT_ENOUGH_BALANCE")
    floor, ticket = slow()
    floor.chain.approve(ticket.account, signatures.EXCHANGE, 1)
    floor.pass_time(1)
    assert ticket.status == "CANCELED_NOT_ENOUGH_BALANCE"


def test_a_market_that_closes_during_the_delay_kills_the_order() -> None:
    floor, ticket = slow()
    floor.lifecycle.close(floor.listings[0])
    assert ticket.status == "DELAYED"
    floor.pass_time(1)
    assert (ticket.status, floor.trades(ticket.account)) == ("CANCELED", [])


def test_a_resolution_ends_what_waits() -> None:
    floor, ticket = slow()
    floor.lifecycle.resolve(floor.listings[0], YES_WINS)
    assert ticket.status == "CANCELED_MARKET_RESOLVED"
    floor.pass_time(1)
    assert (ticket.status, floor.exchange.delays.held) == ("CANCELED_MARKET_RESOLVED", {})


def test_two_delayed_orders_match_in_the_order_they_came() -> None:
    floor, first = slow()
    cid = floor.account("cid")
    second = floor.place(cid, YES, BUY, 50 * CENT, 10 * SHARE)
    floor.pass_time(1)
    assert (first.matched, second.matched) == (10 * SHARE, 0)
    assert second.status == "LIVE"


def test_a_delayed_sale_keeps_its_shares_from_being_sold_twice() -> None:
    floor = open_floor([with_terms(listing(), delay=HALF)])
    ann, bob = floor.account("ann"), floor.account("bob")
    floor.chain.split(ann, floor.listings[0], 10 * PUSD)
    floor.place(bob, YES, BUY, 40 * CENT, 10 * SHARE)
    assert floor.place(ann, YES, SELL, 40 * CENT, 10 * SHARE).status == "DELAYED"
    with pytest.raises(Refused, match="sum of active orders: 10000000"):
        floor.place(ann, YES, SELL, 60 * CENT, 5 * SHARE)


async def test_a_client_reads_delayed_from_the_answer_to_the_end(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), with_terms(venue.listings[0], delay=0.25)
        await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
        status, answer = await ann.place(listing, listing.market.yes, "BUY", "0.5", "10")
        assert (status, answer["success"], answer["status"], answer["tradeIDs"]) == (200, True, "delayed", [])
        _, order = await ann.call("GET", f"/data/order/{answer['orderID']}")
        assert order["status"] == "DELAYED"
        assert await ann.open_ids() == [answer["orderID"]]
        _, cancelled = await ann.cancel(answer["orderID"])
        assert (cancelled["canceled"], list(cancelled["not_canceled"])) == ([], [answer["orderID"]])
        await trio.sleep(0.3)
        _, order = await ann.call("GET", f"/data/order/{answer['orderID']}")
        assert (order["status"], order["size_matched"]) == ("MATCHED", "10")


@pytest.mark.parametrize(
    ("size", "life", "expected"),
    [
        ("10", "GTC", ["PLACEMENT DELAYED 0", "UPDATE MATCHED 10"]),
        ("30", "GTC", ["PLACEMENT DELAYED 0", "UPDATE LIVE 10"]),
        (
            "30",
            "FOK",
            ["CANCELLATION CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed. 0"],
        ),
    ],
)
async def test_the_user_channel_tells_how_a_delay_ended(
    autojump_clock: MockClock, size: str, life: str, expected: list[str]
) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), with_terms(venue.listings[0], delay=0.25)
        await bob.place(listing, listing.market.no, "BUY", "0.5", "40")
        socket = await user_socket(ann)
        await ann.place(listing, listing.market.yes, "BUY", "0.5", size, life=life)
        if life == "FOK" or size == "30":
            await bob.call("DELETE", "/cancel-all")
            await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
        frames = await frames_until_quiet(socket)
        await trio.sleep(0.3)
        frames += await frames_until_quiet(socket)
        orders = [frame for frame in frames if frame["event_type"] == "order"]
        assert [f"{frame['type']} {frame['status']} {frame['size_matched']}" for frame in orders] == expected


async def test_a_missed_heartbeat_ends_what_waits_when_its_delay_does(autojump_clock: MockClock) -> None:
    """Armed at 0 s the switch goes off at its check at 10 s, in the middle of the delay."""
    diary = StringIO()
    async with open_venue(ledger=Ledger(virtual_wall(), diary)) as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), with_terms(venue.listings[0], delay=3.0)
        await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
        await ann.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})
        await trio.sleep(8.5)
        _, answer = await ann.place(listing, listing.market.yes, "BUY", "0.5", "30")
        await trio.sleep(2)
        assert not venue.emulator.desk.heartbeats.beats
        assert await ann.open_ids() == [answer["orderID"]]
        await ann.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})
        _, later = await ann.place(listing, listing.market.yes, "BUY", "0.5", "20")
        await trio.sleep(4)
        _, order = await ann.call("GET", f"/data/order/{answer['orderID']}")
        assert (order["status"], order["size_matched"]) == ("CANCELED", "0")
        assert await ann.open_ids() == [later["orderID"]]  # sent after the expiry: nothing of its business
        assert len(await bob.open_ids()) == 0
        (line,) = [json.loads(text) for text in diary.getvalue().splitlines() if '"kind":"cancel"' in text]
        assert (line["order"], line["reason"]) == (answer["orderID"], "heartbeat expired")
