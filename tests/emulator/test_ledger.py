"""The ledger alone tells what the exchange holds: orders, positions, cash and fees, at every instant."""

from __future__ import annotations

from pathlib import Path

import trio
from trio.testing import MockClock

from actors.model.numbers import PUSD, SHARE
from adapters.emulator.ledger import Ledger
from tests.emulator.harness import Venue, open_venue, virtual_wall
from tests.emulator.ledger_reader import Book, exposure_over_time, final, open_orders, positions, read_ledger


async def session(venue: Venue) -> None:
    """Two clients place, trade, cancel, are refused and prevented from trading with themselves, amid the flow."""
    ann, bob, (first, second, *_) = await venue.trader(0), await venue.trader(1), venue.listings
    yes = first.market.yes
    await ann.place(first, yes, "BUY", "0.6", "50")
    await ann.place(first, yes, "BUY", "0.5", "20", life="FAK", amounts=(12_000_000, 20_000_000))
    _, placed = await ann.place(first, yes, "BUY", "0.4", "30")
    await ann.place(first, yes, "BUY", "0.45", "30")
    await bob.place(second, second.market.no, "BUY", "0.6", "25")
    await bob.place(second, second.market.no, "BUY", "0.605", "25")
    await trio.sleep(20)
    await ann.place(first, yes, "SELL", "0.5", "12.34")
    await ann.cancel(placed["orderID"])
    await bob.call("POST", "/v1/heartbeats", {"heartbeat_id": ""})
    await bob.place(second, second.market.no, "BUY", "0.2", "25")
    await trio.sleep(30)


def of(venue: Venue, number: int) -> str:
    return list(venue.emulator.exchange.accounts.by_address.values())[number].address


async def test_replaying_the_ledger_gives_the_exchanges_own_state(tmp_path: Path, autojump_clock: MockClock) -> None:
    path = tmp_path / "ledger.jsonl"
    async with open_venue(flow=True, ledger=Ledger.to(path, virtual_wall())) as venue:
        await session(venue)
        events = read_ledger(path)
        exchange = venue.emulator.exchange
        book = final(events)
        resting = {r.order.id: r.remaining for each in venue.listings for r in each.book.orders.values()}
        assert {order.id: order.remaining for order in book.orders.values()} == resting
        for address, account in exchange.accounts.by_address.items():
            pending = [t for t in exchange.settlement.trades.get(account.address, []) if t.status == "MATCHED"]
            moving = sum(leg.cash for t in pending for leg in t.legs if leg.ticket.account is account)
            if not account.internal:
                assert book.cash[address] == account.cash + moving
                assert pending or positions(events, address) == {t: n for t, n in account.shares.items() if n}
        assert [event.id for event in events] == list(range(1, len(events) + 1))


async def test_a_client_sees_its_open_orders_in_the_ledger(tmp_path: Path, autojump_clock: MockClock) -> None:
    path = tmp_path / "ledger.jsonl"
    async with open_venue(flow=True, ledger=Ledger.to(path, virtual_wall())) as venue:
        await session(venue)
        for number in (0, 1):
            address = of(venue, number)
            held = venue.emulator.exchange.tickets.open_of(venue.emulator.exchange.accounts.open(address))
            assert [order.id for order in open_orders(read_ledger(path), address)] == [t.order.id for t in held]


async def test_reasons_and_refusals_are_written_down(tmp_path: Path, autojump_clock: MockClock) -> None:
    path = tmp_path / "ledger.jsonl"
    async with open_venue(flow=True, ledger=Ledger.to(path, virtual_wall())) as venue:
        await session(venue)
        events = read_ledger(path)
    kinds = {event.kind for event in events}
    assert kinds >= {"market", "balance", "order", "trade", "settle", "cancel", "reject", "heartbeat"}
    reasons = {event.line["reason"] for event in events if event.kind == "cancel"}
    assert reasons >= {"cancelled by the client", "requote", "heartbeat expired"}
    rejects = [event.line["reason"] for event in events if event.kind == "reject"]
    assert any("breaks minimum tick size rule" in reason for reason in rejects)


async def test_what_is_killed_on_arrival_leaves_a_line_with_its_id_and_no_order(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    path = tmp_path / "ledger.jsonl"
    async with open_venue(ledger=Ledger.to(path, virtual_wall())) as venue:
        ann, listing = await venue.trader(0), venue.listings[0]
        status, _ = await ann.place(listing, listing.market.yes, "BUY", "0.5", "20", life="FAK")
        events = read_ledger(path)
    (line,) = [event.line for event in events if event.kind == "kill"]
    assert (status, line["address"], line["reason"][:20]) == (400, ann.address, "no orders found to m")
    assert line["order"].startswith("0x")
    assert "order" not in {event.kind for event in events}


async def test_exposure_is_open_buys_plus_the_cost_of_what_is_held(tmp_path: Path, autojump_clock: MockClock) -> None:
    path = tmp_path / "ledger.jsonl"
    async with open_venue(ledger=Ledger.to(path, virtual_wall())) as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        _, first = await ann.place(listing, listing.market.yes, "BUY", "0.4", "10")
        await ann.place(listing, listing.market.yes, "BUY", "0.5", "10")
        await bob.place(listing, listing.market.no, "BUY", "0.5", "6")
        await ann.cancel(first["orderID"])
        series = exposure_over_time(read_ledger(path), ann.address, listing.market.condition_id)
        assert [units for _, units in series] == [0, 4 * PUSD, 9 * PUSD, 5 * PUSD]
        theirs = exposure_over_time(read_ledger(path), bob.address, listing.market.condition_id)
        fee = listing.market.fees.taker_fee(5000, 6 * SHARE)
        assert [units for _, units in theirs] == [0, 3 * PUSD, 3 * PUSD + fee]


def test_a_half_written_last_line_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"id":1,"t":0.0,"kind":"settle"}\n{"id":2,"t":0')
    assert [event.id for event in read_ledger(path)] == [1]
    assert final([]) == Book()
