"""What befalls orders, cancels and trades, as the account's owner sees it (F15, F16, F21, F22, F32)."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from adapters.emulator.faults_orders import UI_KEY
from tests.emulator.faulty import Entry, faults, heard, open_ids, user_socket, with_and_without
from tests.emulator.harness import Trader, Venue, open_venue


async def place(ann: Trader, price: str = "0.3", side: str = "BUY", size: str = "10") -> str:
    listing = ann.venue.listings[0]
    _, placed = await ann.place(listing, listing.market.yes, side, price, size)
    return str(placed["orderID"])


async def make_shares(ann: Trader, shares: int = 100) -> None:
    exchange = ann.venue.emulator.exchange
    ann.venue.emulator.desk.chain.split(exchange.accounts.open(ann.address), ann.venue.listings[0], shares * 1_000_000)
    await trio.lowlevel.checkpoint()


def trades(frames: list[Any]) -> list[dict[str, Any]]:
    return [frame for frame in frames if isinstance(frame, dict) and frame["event_type"] == "trade"]


@pytest.mark.parametrize("reason", ["order can't be canceled", "Order already matched", "Order not found"])
async def test_a_cancel_is_refused_for_good_with_any_reason(reason: str, autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[object]:
        seen: list[object] = []
        ann = await venue.trader()
        order_id = await place(ann)
        for _ in range(2):
            seen.append((await ann.cancel(order_id))[1]["not_canceled"].get(order_id))
            await trio.sleep(30)
        return [*seen, order_id in open_ids(venue, ann)]

    seen, plain = await with_and_without(scenario, {"kind": "refuse_cancel", "reason": reason})
    assert seen == [reason, reason, True]
    assert plain == [None, "already canceled or matched", False]


async def test_a_lock_after_a_trade_refuses_cancels_for_a_quarter_of_a_second(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[str | None]:
        ann, bob, listing, seen = await venue.trader(), await venue.trader(1), venue.listings[0], []
        order_id = await place(ann)
        await bob.place(listing, listing.market.no, "BUY", "0.7", "5")
        for _ in range(2):
            seen.append((await ann.cancel(order_id))[1]["not_canceled"].get(order_id))
            await trio.sleep(0.3)
        assert not listing.book.pinned
        return seen

    lock: Entry = {"kind": "refuse_cancel", "on": "trade", "for": 0.25, "account": "first", "reason": "locked"}
    seen, plain = await with_and_without(scenario, lock)
    assert seen == ["locked", None]
    assert plain == [None, "already canceled or matched"]


async def test_a_cancel_may_come_too_late_for_a_fill(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[list[str], str, str]:
        ann = await venue.trader()
        order_id = await place(ann)
        _, answer = await ann.cancel(order_id)
        _, order = await ann.call("GET", f"/data/order/{order_id}")
        return list(answer["not_canceled"].values()), order["status"], order["size_matched"]

    seen, plain = await with_and_without(scenario, {"kind": "fill_on_cancel"})
    assert seen == (["already canceled or matched"], "MATCHED", "10")
    assert plain == ([], "CANCELED", "0")


async def test_a_fill_may_be_told_after_the_cancel_was_acknowledged(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[list[str], str]:
        ann = await venue.trader()
        socket, order_id = await user_socket(ann), await place(ann)
        await heard(socket, 0.1)
        _, answer = await ann.cancel(order_id)
        order = ["acknowledged"] if answer["canceled"] == [order_id] else []
        early = await heard(socket, 0.9)
        late = await heard(socket, 1.5)
        assert not trades(early)
        order += sorted({trade["status"] for trade in trades(late)})
        _, read = await ann.call("GET", f"/data/order/{order_id}")
        return order, read["size_matched"]

    entry: Entry = {"kind": "fill_on_cancel", "reply": "canceled", "percent": 40, "seconds": 1}
    seen, plain = await with_and_without(scenario, entry)
    assert seen == (["acknowledged", "MATCHED", "MINED"], "4")
    assert plain == (["acknowledged"], "0")


async def test_an_order_that_is_over_may_be_overfilled_by_dust(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[str, str]:
        ann, bob, listing = await venue.trader(), await venue.trader(1), venue.listings[0]
        order_id = await place(ann)
        await bob.place(listing, listing.market.no, "BUY", "0.7", "10")
        await trio.sleep(20)
        _, order = await ann.call("GET", f"/data/order/{order_id}")
        return order["size_matched"], str(await ann.balance(listing.market.yes))

    entry: Entry = {"kind": "overfill", "on": "trade", "account": "first", "after": 1}
    assert await with_and_without(scenario, entry) == (("10.005", "10005000"), ("10", "10000000"))


@pytest.mark.parametrize("via", ["complement", "same"])
async def test_an_order_is_filled_through_its_own_token_or_its_complement(via: str, autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[tuple[str, bool, bool, str, str]]:
        ann, listing = await venue.trader(), venue.listings[0]
        socket, order_id = await user_socket(ann), await place(ann)
        made = [trade for trade in trades(await heard(socket, 1.5)) if trade["status"] == "MATCHED"]
        rows = []
        for trade in made:
            (mine,) = [entry for entry in trade["maker_orders"] if entry["order_id"] == order_id]
            ours, theirs = mine["asset_id"] == listing.market.yes, trade["asset_id"] == listing.market.no
            rows.append((trade["trader_side"], ours, theirs, mine["matched_amount"], mine["price"]))
        return rows

    entry: Entry = {"kind": "take", "via": via, "percent": 50, "on": "order", "after": 0.5}
    seen, plain = await with_and_without(scenario, entry)
    assert seen == [("MAKER", True, via == "complement", "5", "0.3")]
    assert plain == []


async def test_a_take_respects_who_stands_before_us(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[str]:
        bob, ann = await venue.trader(1), await venue.trader()
        ids = [await place(bob, "0.31"), await place(bob, "0.3"), await place(ann)]
        await trio.sleep(1)
        _, page = await bob.call("GET", "/data/orders")
        _, order = await ann.call("GET", f"/data/order/{ids[2]}")
        return [str(len(page["data"])), order["size_matched"]]

    entry: Entry = {"kind": "take", "account": "first", "on": "order", "after": 0.5}
    assert await with_and_without(scenario, entry) == (["0", "10"], ["2", "0"])


async def test_an_order_from_the_browser_appears_on_the_account(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[tuple[str, str, str, str]]:
        ann = await venue.trader()
        await trio.sleep(3)
        _, page = await ann.call("GET", "/data/orders")
        return [(o["side"], o["price"], o["original_size"], o["owner"]) for o in page["data"]]

    entry: Entry = {"kind": "external_order", "at": 2, "market": "demo-cup", "price": "0.12", "size": "25"}
    assert await with_and_without(scenario, entry) == ([("BUY", "0.12", "25", UI_KEY)], [])


async def test_an_order_from_the_browser_outlives_our_heartbeat(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> int:
        ann = await venue.trader()
        await ann.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})
        await trio.sleep(30)
        return len(open_ids(venue, ann))

    assert await with_and_without(scenario, {"kind": "external_order"}) == (1, 0)


async def test_a_trade_from_the_browser_moves_the_position(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[int, list[str]]:
        ann, bob, listing = await venue.trader(), await venue.trader(1), venue.listings[0]
        await bob.place(listing, listing.market.no, "BUY", "0.6", "10")
        socket = await user_socket(ann)
        frames = await heard(socket, 10)
        return await ann.balance(listing.market.yes), [trade["trader_side"] for trade in trades(frames)][:1]

    entry: Entry = {"kind": "external_trade", "at": 2, "market": "demo-election", "size": "7"}
    assert await with_and_without(scenario, entry) == ((7_000_000, ["TAKER"]), (0, []))


@pytest.mark.parametrize(("way", "shares"), [("split", 110_000_000), ("merge", 90_000_000)])
async def test_a_split_or_merge_in_the_browser_moves_the_position(
    way: str, shares: int, autojump_clock: MockClock
) -> None:
    async def scenario(venue: Venue) -> int:
        ann = await venue.trader()
        await make_shares(ann)
        await trio.sleep(3)
        return await ann.balance(venue.listings[0].market.no)

    entry: Entry = {"kind": "external_move", "way": way, "at": 2, "market": "demo-election"}
    assert await with_and_without(scenario, entry) == (shares, 100_000_000)


async def fill_one(venue: Venue) -> tuple[list[tuple[str, float]], int]:
    """The statuses of one trade of ours with their times, and what it left on the chain."""
    ann, bob, listing = await venue.trader(), await venue.trader(1), venue.listings[0]
    socket, _ = await user_socket(ann), await place(ann)
    await bob.place(listing, listing.market.no, "BUY", "0.7", "10")
    began, seen = int(venue.wall()), []
    for trade in trades(await heard(socket, 60)):
        seen.append((trade["status"], int(trade["timestamp"]) / 1000 - began))
    return seen, await ann.balance(listing.market.yes)


NORMAL = ([("MATCHED", 0.0), ("MINED", 2.0), ("CONFIRMED", 5.0)], 10_000_000)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"kind": "fail_trade", "retries": 0}, ([("MATCHED", 0.0), ("FAILED", 2.0)], 0)),
        ({"kind": "fail_trade"}, ([("MATCHED", 0.0), ("RETRYING", 2.0), ("FAILED", 4.0)], 0)),
        (
            {"kind": "retry_trade", "times": 2},
            (
                [("MATCHED", 0.0), ("RETRYING", 2.0), ("RETRYING", 4.0), ("MINED", 6.0), ("CONFIRMED", 9.0)],
                10_000_000,
            ),
        ),
        (
            {"kind": "late_trade", "seconds": 45, "confirmed": 5},
            ([("MATCHED", 0.0), ("MINED", 45.0), ("CONFIRMED", 50.0)], 10_000_000),
        ),
    ],
)
async def test_settlement_may_fail_retry_or_drag_on(entry: Entry, expected: object, autojump_clock: MockClock) -> None:
    seen, plain = await with_and_without(fill_one, entry)
    assert seen == expected
    assert plain == NORMAL


@pytest.mark.parametrize(
    ("where", "fails"), [({"side": "BUY"}, True), ({"side": "SELL"}, False), ({"account": "second"}, True)]
)
async def test_a_trade_is_known_by_its_clients_legs(where: Entry, fails: bool, autojump_clock: MockClock) -> None:
    async with open_venue(faults=faults({"kind": "fail_trade", **where})) as venue:
        seen, _ = await fill_one(venue)
        assert (seen[-1][0] == "FAILED") is fails


async def test_a_sale_is_known_as_one(autojump_clock: MockClock) -> None:
    async with open_venue(faults=faults({"kind": "fail_trade", "side": "SELL"})) as venue:
        ann, bob = await venue.trader(), await venue.trader(1)
        await make_shares(bob)
        await place(ann)
        await place(bob, side="SELL")
        await trio.sleep(20)
        _, page = await ann.call("GET", "/data/trades")
        assert [trade["status"] for trade in page["data"]] == ["TRADE_STATUS_FAILED"]
