"""The book of a simulated market: who stands where in the queue, who is served, and what the venue refuses."""

from __future__ import annotations

from attrs import define, evolve, field

from actors.messages import LevelChange, MarketEvent, Print, TickChange
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import SHARE, Price, Size
from adapters.matching import Fill, Order
from adapters.simulated.family import FAMILIES
from adapters.simulated.market import OWN, SimulatedMarket
from adapters.simulated.path import Informed, Noise, Outage, Path
from adapters.simulated.quotes import Quoted

FAMILY = evolve(FAMILIES["calm"], depth=100.0)
EVEN = ((1.0,) * 10, (1.0,) * 10)


@define
class Stage:
    """A market that is played by hand: 100 shares at the touch of 0.49/0.51, 180 on each level behind."""

    market: SimulatedMarket
    said: list[MarketEvent] = field(factory=list)
    fills: list[Fill] = field(factory=list)

    @classmethod
    def set(cls, rivals: float = 0.0) -> Stage:
        life = Path(evolve(FAMILY, rivals=rivals), 0, (), (EVEN,) * 3, (), 0)
        listed = Market("m", "0x01", "yes", "no", Price(100), Size(5 * SHARE))
        stage = cls(SimulatedMarket(life, listed))
        stage.market.tell, stage.market.filled = stage.said.extend, stage.fills.append
        stage.quote(0, 4900, 5100)
        return stage

    def quote(self, at: float, bid: int, ask: int, tick: int = 100) -> None:
        self.market.play(Quoted(float(at), bid, ask, tick, (bid + ask) / 2))

    def buy(self, price: int, shares: int = 20, number: int = 1) -> None:
        self.market.submit(Order(f"o{number}", OWN, Outcome.YES, Side.BUY, price, shares * SHARE, post_only=True))

    def sell_noise(self, shares: int, luck: float = 0.9, reach: int = 0) -> None:
        self.market.play(Noise(1.0, False, shares * SHARE, reach, luck))

    def size(self, price: int, *, bid: bool) -> int:
        return (self.market.book.bids if bid else self.market.book.asks).size_at(price) // SHARE


def test_an_own_order_waits_behind_what_was_displayed() -> None:
    stage = Stage.set()
    stage.buy(4900)
    stage.sell_noise(100)
    assert stage.fills == []
    stage.sell_noise(15)
    assert [fill.size for fill in stage.fills] == [15 * SHARE]


def test_a_level_that_shrinks_moves_nobody_forward() -> None:
    stage = Stage.set()
    stage.buy(4900)
    stage.market.crowd._shrink((True, 4900), 60 * SHARE)
    stage.sell_noise(60)
    assert stage.fills == []


def test_what_joins_a_level_later_stands_behind() -> None:
    stage = Stage.set()
    stage.sell_noise(80)
    stage.buy(4900)
    for second in range(1, 60):
        stage.quote(second, 4900, 5100)
    assert stage.size(4900, bid=True) > 80
    stage.sell_noise(30)
    assert sum(fill.size for fill in stage.fills) == 10 * SHARE


def test_half_of_what_was_eaten_is_back_after_twenty_seconds() -> None:
    stage = Stage.set()
    stage.sell_noise(80)
    assert stage.size(4900, bid=True) == 20
    for second in range(1, 21):
        stage.quote(second, 4900, 5100)
    assert 50 <= stage.size(4900, bid=True) <= 62


def test_a_rival_serves_noise_that_an_inside_quote_was_there_for_but_never_the_informed() -> None:
    stage = Stage.set(rivals=0.5)
    stage.buy(5000)
    stage.sell_noise(10, luck=0.4)
    assert stage.fills == []
    assert stage.said[-1] == Print("yes", Side.SELL, 5000, 10 * SHARE)
    stage.sell_noise(10, luck=0.6)
    assert len(stage.fills) == 1
    stage.market.play(Informed(2.0, 3000.0, 10 * SHARE, 20.0))
    assert len(stage.fills) == 2


def test_no_rival_stands_in_the_way_of_a_quote_at_the_touch() -> None:
    stage = Stage.set(rivals=1.0)
    stage.buy(4900)
    stage.sell_noise(110, luck=0.0)
    assert len(stage.fills) == 1


def test_the_informed_take_until_their_edge_is_gone_and_not_a_tick_further() -> None:
    stage = Stage.set()
    stage.market.play(Informed(1.0, 5320.0, 10_000 * SHARE, 10.0))
    assert stage.market.book.asks.best == 5400
    stage.market.play(Informed(2.0, 5405.0, 10_000 * SHARE, 10.0))
    assert stage.market.book.asks.best == 5400


def test_background_makers_never_take_an_own_order_in_their_way() -> None:
    stage = Stage.set()
    stage.buy(5000)
    stage.quote(1, 4700, 4900)
    assert stage.fills == []
    assert stage.market.book.asks.best == 5100
    stage.market.cancel("o1")
    stage.quote(2, 4700, 4900)
    assert stage.market.book.asks.best == 4900


def test_a_finer_tick_is_told_with_new_snapshots_and_old_orders_stay() -> None:
    stage = Stage.set()
    stage.buy(4900)
    stage.said.clear()
    stage.quote(1, 9700, 9710, tick=10)
    assert [e.tick for e in stage.said if isinstance(e, TickChange)] == [10, 10]
    assert stage.market.listed.tick == 10
    assert "o1" in stage.market.book.orders


def test_every_change_is_told_for_both_tokens() -> None:
    stage = Stage.set()
    stage.said.clear()
    stage.buy(5000)
    assert stage.said == [
        LevelChange("yes", True, 5000, 20 * SHARE),
        LevelChange("no", False, 5000, 20 * SHARE),
    ]


def test_while_the_engine_restarts_nobody_trades_and_the_crowd_is_gone() -> None:
    stage = Stage.set()
    stage.buy(4900)
    stage.market.play(Outage(1.0, 60.0))
    stage.sell_noise(10)
    assert stage.fills == []
    assert stage.market.book.asks.best is None
    stage.quote(61, 4900, 5100)
    assert stage.market.book.asks.best == 5100
