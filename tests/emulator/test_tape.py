"""The tape of public prints: their transactions as they come, and nothing of a trade kept beyond them."""

from __future__ import annotations

import gc
from weakref import ref

from actors.model.numbers import SHARE
from adapters.emulator.events import BookTraded, Event
from adapters.emulator.settlement import Fate
from adapters.emulator.tape import Tape
from adapters.emulator.trades import Trade
from tests.emulator.floor import BUY, CENT, NO, YES, Floor, open_floor


def traded() -> tuple[Floor, Tape]:
    """A trade of two flow accounts that is tried twice before it is mined."""
    floor = open_floor()
    tape = Tape(floor.exchange.wall)
    floor.exchange.listeners.append(tape.hear)
    floor.exchange.settlement.fate = lambda trade: Fate(retries=1)
    maker, taker = floor.account("maker", internal=True), floor.account("taker", internal=True)
    floor.place(maker, NO, BUY, 60 * CENT, 10 * SHARE)
    floor.place(taker, YES, BUY, 40 * CENT, 10 * SHARE, life="FAK")
    return floor, tape


def test_a_print_names_its_taker_and_the_transaction_of_the_last_attempt() -> None:
    floor, tape = traded()
    (condition,) = tape.prints
    (one,) = tape.of(condition)
    assert (one.taker, one.price, one.size, one.hash) == ("0xtaker", 40 * CENT, 10 * SHARE, "")
    seen = set()
    for _ in range(10):
        floor.pass_time(1)
        seen.add(one.hash)
    assert len(seen) == 3  # none, that of the first attempt, that of the second
    assert len(one.hash) == 66


def test_a_settled_trade_of_the_flow_is_forgotten_but_for_its_print() -> None:
    trades: list[ref[Trade]] = []

    def note(event: Event) -> None:
        if isinstance(event, BookTraded):
            trades.extend(ref(trade) for trade in event.trades)

    floor, tape = traded()
    floor.exchange.listeners = [tape.hear, note]
    floor.place(floor.account("maker", internal=True), NO, BUY, 60 * CENT, 10 * SHARE)
    floor.place(floor.account("taker", internal=True), YES, BUY, 40 * CENT, 10 * SHARE, life="FAK")
    assert trades[0]() is not None
    floor.told.clear()
    floor.pass_time(20)
    gc.collect()
    assert trades[0]() is None
    assert [len(one.hash) for one in tape.of(floor.listings[0].market.condition_id)] == [66, 66]
