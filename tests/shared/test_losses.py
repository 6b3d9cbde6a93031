"""The day's loss as risk reads it: warned of once, killed once, unknown while nothing has a price."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import trio
from attrs import evolve
from loguru import logger

from actors.kernel.mailbox import Mailbox
from actors.messages import Inventory
from actors.model.book import Book, Depth, Level
from actors.model.day import Day
from actors.model.ledger import Holding, Position
from actors.model.market import Outcome
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.shared.board import Board
from actors.shared.losses import Losses
from tests.venue import wall
from tests.wiring.world import ALPHA

LIMIT = Cash(10 * PUSD)
HELD = Inventory("alpha", Position("alpha", yes=Holding(100 * SHARE, 100 * SHARE, Cash(50 * PUSD))))


def losses(day: Day | None = None) -> Losses:
    return Losses(LIMIT, frozenset({"alpha"}), Board(), Mailbox("journal"), wall, day or Day())


def mark(of: Losses, mid: int) -> None:
    bids, asks = (Level(Price(mid - 100), Size(SHARE)),), (Level(Price(mid + 100), Size(SHARE)),)
    of.board.put(Book("alpha", Depth(bids, asks), Depth(), Price(100), 1, 0.0, live=True), about="alpha")


def kept(of: Losses) -> Day | None:
    """What the journal was last given, if anything new."""
    return next((row for row in of.journal.read_nowait() if isinstance(row, Day)), None)


@pytest.fixture
def said() -> Iterator[list[str]]:
    lines: list[str] = []
    logger.enable("actors")
    sink = logger.add(lambda line: lines.append(str(line)), level="WARNING", format="{message}")
    yield lines
    logger.remove(sink)


async def test_four_fifths_of_the_limit_are_warned_of_once_also_over_a_restart(
    autojump_clock: object, said: list[str]
) -> None:
    first = losses()
    first.hear(HELD)
    for mid in (5000, 4200, 4150, 4200):
        mark(first, mid)
        assert first.look(trio.current_time()) == []
    second = losses(kept(first))
    second.hear(HELD)
    mark(second, 4150)
    assert second.look(trio.current_time()) == []
    assert said == ["today's PnL is -8 pUSD: everything is killed at -10\n"]


async def test_the_limit_gives_its_reason_once_until_it_is_acknowledged(autojump_clock: object) -> None:
    of = losses()
    of.hear(HELD)
    reasons: list[str] = []
    for mid in (5000, 4000, 3900, 4100):
        mark(of, mid)
        reasons += [trip.why for trip in of.look(trio.current_time())]
    assert reasons == ["the day's loss of 10 pUSD has reached risk.max_daily_loss (10)"]
    of.forgive()
    mark(of, 3200)
    assert of.look(trio.current_time()) == []
    mark(of, 3100)
    assert of.look(trio.current_time())


async def test_a_position_without_any_price_says_nothing(autojump_clock: object) -> None:
    of = losses()
    assert of.hear(HELD)
    assert of.look(trio.current_time()) == []
    assert of.day.results == {}
    mark(of, 5000)
    of.look(trio.current_time())
    assert not of.hear(HELD)


@pytest.mark.parametrize(("won", "pnl"), [(Outcome.YES, 50), (Outcome.NO, -50), (None, -50)])
async def test_what_is_held_of_a_resolved_market_counts_as_it_pays_and_as_lost_while_that_is_not_known(
    won: Outcome | None, pnl: int, autojump_clock: object
) -> None:
    of = losses()
    of.hear(HELD)
    mark(of, 5000)
    of.look(trio.current_time())
    of.board.put(evolve(ALPHA, accepting=False, standing="resolved", won=won), about="alpha")
    assert bool(of.look(trio.current_time())) == (pnl < 0)
    assert of.day.pnl == pnl * PUSD


async def test_a_pair_of_a_resolved_market_is_worth_1_whoever_has_won(autojump_clock: object) -> None:
    of = losses()
    pair = Holding(100 * SHARE, 100 * SHARE, Cash(50 * PUSD))
    of.hear(Inventory("alpha", Position("alpha", yes=pair, no=pair)))
    mark(of, 5000)
    of.look(trio.current_time())
    of.board.put(evolve(ALPHA, accepting=False, standing="resolved"), about="alpha")
    assert of.look(trio.current_time()) == []
    assert of.day.pnl == 0


async def test_a_start_of_the_day_is_kept_at_once_and_newer_results_now_and_then(autojump_clock: object) -> None:
    of = losses()
    of.hear(HELD)
    mark(of, 5000)
    of.look(trio.current_time())
    assert kept(of) == of.day
    await trio.sleep(1.0)
    mark(of, 4900)
    of.look(trio.current_time())
    assert kept(of) is None
    await trio.sleep(20.0)
    of.look(trio.current_time())
    assert kept(of) == of.day


async def test_an_acknowledged_kill_that_was_not_for_loss_grants_nothing(autojump_clock: object) -> None:
    of = losses()
    of.hear(HELD)
    for mid in (5000, 4500):
        mark(of, mid)
        of.look(trio.current_time())
    of.forgive()
    assert of.day.floor(LIMIT) == -LIMIT
