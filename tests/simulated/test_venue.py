"""The simulated venue behind the ports: what it refuses, how late it is, and what it tells."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio
from attrs import evolve

from actors.messages import Draft, Fill
from actors.model.market import Side
from actors.model.numbers import PUSD, SHARE
from actors.model.order import Settlement
from actors.model.outcome import Accepted, Cancelled, Fault, Placed, Rejected, Unknown, Unread
from adapters.simulated.delays import Delays
from adapters.simulated.family import FAMILIES
from adapters.simulated.path import Outage, Path, path
from adapters.simulated.timer import Timer
from adapters.simulated.venue import SimulatedVenue
from tests.simulated.timed import timed


def _opened(timer: Timer, life: Path | None = None) -> SimulatedVenue:
    life = life or path(FAMILIES["calm"], 2)
    quiet = evolve(Delays.of(life.seed, 3600), spikes=())
    venue = SimulatedVenue(life, quiet, timer)
    venue.open()
    return venue


def _best(venue: SimulatedVenue) -> tuple[int, int]:
    book = venue.market.book
    assert book.bids.best is not None
    assert book.asks.best is not None
    return book.bids.best, book.asks.best


def _draft(price: int, shares: int = 20, side: Side = Side.BUY, kind: str = "GTC") -> Draft:
    return Draft("1", False, side, price, shares * SHARE, kind, post_only=kind == "GTC", tick=100)


def _placed(draft: Callable[[SimulatedVenue], Draft]) -> tuple[Placed, SimulatedVenue]:
    async def main(timer: Timer) -> tuple[Placed, SimulatedVenue]:
        venue = _opened(timer)
        return await venue.place(venue.sign(draft(venue))), venue

    return timed(main)


def _fault(result: Placed) -> Fault:
    assert isinstance(result, Rejected)
    return result.fault


def test_an_order_is_live_once_its_latency_is_over() -> None:
    async def main(timer: Timer) -> None:
        venue = _opened(timer)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(venue.place, venue.sign(_draft(_best(venue)[0])))
            await trio.sleep(venue.delays.order(0.0) - 0.001)
            assert not list(venue.market.own())
            await trio.sleep(0.002)
            assert len(list(venue.market.own())) == 1

    timed(main)


def test_a_post_only_order_that_would_take_is_refused() -> None:
    assert _fault(_placed(lambda venue: _draft(_best(venue)[1]))[0]) is Fault.CROSSES


def test_what_is_off_the_grid_below_the_minimum_or_not_owned_is_refused() -> None:
    assert _fault(_placed(lambda venue: _draft(_best(venue)[0] - 50))[0]) is Fault.GRID
    assert _fault(_placed(lambda venue: _draft(_best(venue)[0], shares=4))[0]) is Fault.GRID
    assert _fault(_placed(lambda venue: _draft(_best(venue)[1], side=Side.SELL))[0]) is Fault.BALANCE
    assert _fault(_placed(lambda venue: _draft(_best(venue)[0], shares=5_000))[0]) is Fault.BALANCE


def test_a_fok_fills_whole_or_not_at_all_and_a_fak_what_there_is() -> None:
    too_much, venue = _placed(lambda venue: _draft(_best(venue)[1], shares=_there(venue) + 1, kind="FOK"))
    assert _fault(too_much) is Fault.KILLED
    assert not venue.account.trades
    some, venue = _placed(lambda venue: _draft(_best(venue)[1], shares=_there(venue) + 1, kind="FAK"))
    assert isinstance(some, Accepted)
    assert sum(trade.size for trade in venue.account.trades) == _there(_opened_again(venue)) * SHARE
    assert venue.account.fees > 0
    assert venue.account.cash < 1_000 * PUSD


def _there(venue: SimulatedVenue) -> int:
    """Shares at the best ask."""
    return venue.market.book.asks.size_at(_best(venue)[1]) // SHARE


def _opened_again(venue: SimulatedVenue) -> SimulatedVenue:
    return timed(_fresh(venue.path))


def _fresh(life: Path) -> Callable[[Timer], Awaitable[SimulatedVenue]]:
    async def main(timer: Timer) -> SimulatedVenue:
        return _opened(timer, life)

    return main


def test_while_the_engine_restarts_an_order_is_unknown_and_a_cancel_unread() -> None:
    async def main(timer: Timer) -> None:
        life = path(FAMILIES["calm"], 2)
        venue = _opened(timer, evolve(life, events=(life.events[0], Outage(0.5, 60.0))))
        venue.market.play(venue.path.events[1])
        result = await venue.place(venue.sign(_draft(4000)))
        assert isinstance(result, Unknown)
        assert result.engine_down
        assert isinstance(await venue.cancel(["0x01"]), Unread)

    timed(main)


def test_a_cancelled_order_is_gone_and_one_that_is_gone_is_refused() -> None:
    async def main(timer: Timer) -> None:
        venue = _opened(timer)
        signed = venue.sign(_draft(_best(venue)[0]))
        await venue.place(signed)
        assert await venue.cancel([signed.order_id]) == Cancelled((signed.order_id,))
        again = await venue.cancel([signed.order_id])
        assert isinstance(again, Cancelled)
        assert again.done == ()

    timed(main)


def test_a_trade_is_told_when_matched_and_again_when_confirmed() -> None:
    async def main(timer: Timer) -> None:
        venue, told = _opened(timer), list[Fill]()
        async with venue.own_channel.connect() as events:
            await venue.place(venue.sign(_draft(_best(venue)[1], kind="FAK")))
            with trio.move_on_after(10):
                async for batch in events:
                    told += [event for event in batch if isinstance(event, Fill)]
        assert {fill.settlement for fill in told} == {Settlement.MATCHED, Settlement.CONFIRMED}
        assert len({fill.trade_id for fill in told}) == 1

    timed(main)
