"""The purse of a betting strategy, as the board's last states tell it: bets elsewhere, the fall from the peak, lost windows."""

from __future__ import annotations

from attrs import evolve

from actors.market.purse import purse
from actors.market.report import MarketReport
from actors.model.day import Day, Result
from actors.model.ledger import Holding, Position
from actors.model.numbers import PUSD, SHARE, Cash, Size
from actors.model.stream import Stream
from actors.model.tally import Tally
from actors.model.trading import Trading
from actors.shared.board import Board

T = 1_763_627_400
HERE, THERE, ETH = f"btc-updown-5m-{T}", f"btc-updown-15m-{T}", f"eth-updown-5m-{T}"


def report(slug: str, position: Position, exposure: int) -> MarketReport:
    return MarketReport(
        market=slug,
        trading=Trading.RUNNING,
        ordered="",
        custody=False,
        reconciling=False,
        resting=(),
        orders=(),
        unknown=0,
        foreign=(),
        position=position,
        exposure=Cash(exposure),
        refusal=None,
        holding=False,
        known=True,
        generation=1,
    )


def holding(slug: str, *, yes: int = 0, no: int = 0) -> MarketReport:
    held = [Holding(Size(n * SHARE), n * SHARE, cost=Cash(n * PUSD // 2)) for n in (yes, no)]
    return report(slug, Position(slug, yes=held[0], no=held[1]), (yes + no) * PUSD // 2)


def test_bets_of_other_windows_are_seen_with_their_way_and_stream_and_this_ones_is_not() -> None:
    board = Board()
    for one in (holding(HERE, yes=10), holding(THERE, no=20), holding(ETH), holding("will-it-rain", yes=10)):
        board.put(one, about=one.market)
    board.put(Stream("btc"), about="btc")
    (bet,) = purse(board, HERE, T).bets
    assert (bet.market, bet.asset, bet.cost, bet.way, bet.stream) == (THERE, "btc", 10 * PUSD, -1, Stream("btc"))


def test_an_order_that_rests_elsewhere_is_a_bet_of_no_way_yet() -> None:
    board = Board()
    resting = report(THERE, Position(THERE), 7 * PUSD)
    board.put(resting, about=THERE)
    (bet,) = purse(board, HERE, T).bets
    assert (bet.cost, bet.way) == (7 * PUSD, 0)


def test_the_fall_from_the_peak_and_windows_lost_in_a_row_come_from_what_risk_has_counted() -> None:
    board = Board()
    assert purse(board, HERE, T) == purse(Board(), THERE, T)
    lost = {f"btc-updown-5m-{T - 600}": Result(Cash(0), Cash(-3 * PUSD)), ETH: Result(Cash(0), Cash(-PUSD))}
    board.put(Day(number=3, results=lost))
    board.put(evolve(Tally(), number=3, carried=Cash(5 * PUSD), peak=Cash(6 * PUSD)))
    seen = purse(board, HERE, float(T))
    assert (seen.drawdown, seen.losses) == (5 * PUSD, 1)
    assert purse(board, HERE, T + 300.0).losses == 2
