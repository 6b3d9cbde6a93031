"""What a strategy sees in these tests: books of one level a side, holdings, settings; and its quotes in YES terms."""

from __future__ import annotations

from attrs import evolve
from hypothesis import assume
from hypothesis import strategies as st

from actors.model.book import EMPTY, Book, Depth, Level, OwnLevel
from actors.model.ledger import Holding, Position
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import PRICE_ONE, SHARE, Price, Size
from actors.model.plan import yes_terms
from actors.model.quote import Decision, View
from actors.model.simple_settings import SimpleParameters
from actors.strategies.simple import Simple, SimpleState

YES, NO, BUY, SELL = Outcome.YES, Outcome.NO, Side.BUY, Side.SELL
MARKET = Market("m", "0xm", "yes", "no", Price(100), Size(5 * SHARE))
TABLE = SimpleParameters(size=Size(20 * SHARE), limit=Size(50 * SHARE))  # half_spread and skew_max 0.02


def level(price: int, size: int = 100 * SHARE) -> tuple[Level, ...]:
    return (Level(Price(price), Size(size)),)


def view(
    bid: int | None = 4_900,
    ask: int | None = 5_100,
    *,
    yes: int = 0,
    no: int = 0,
    tick: int = 100,
    confirmed: bool = True,
    own: tuple[OwnLevel, ...] = (),
) -> View:
    """What the strategy sees: one level a side, shares held (in shares)."""
    depth = Depth(EMPTY.bids if bid is None else level(bid), EMPTY.asks if ask is None else level(ask))
    book = Book("m", depth, EMPTY, Price(tick), 1, 0.0, live=True)
    held = [Holding(Size(n * SHARE), n * SHARE if confirmed else 0) for n in (yes, no)]
    return View(evolve(MARKET, tick=Price(tick)), book, Position("m", yes=held[0], no=held[1]), 0.0, own)


def decided(seen: View, parameters: SimpleParameters = TABLE, state: SimpleState | None = None) -> Decision:
    strategy = Simple(parameters)
    return strategy.step(state or strategy.start(), seen)[1]


def sides(decision: Decision) -> tuple[dict[int, int], dict[int, int]]:
    """Bids and asks in YES terms: size by price."""
    found: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for quote in decision.quotes:
        bid, price = yes_terms(quote.outcome, quote.side, quote.price)
        side = found[0 if bid else 1]
        side[price] = side.get(price, 0) + quote.size
    return found


def prices(decision: Decision) -> tuple[list[int], list[int]]:
    bids, asks = sides(decision)
    return sorted(bids, reverse=True), sorted(asks)


TICKS = st.sampled_from([10, 100])


@st.composite
def parameters(draw: st.DrawFn) -> SimpleParameters:
    low = draw(st.one_of(st.just(1), st.integers(1, 4_000)))
    return SimpleParameters(
        half_spread=Price(draw(st.integers(1, 900))),
        skew_max=Price(draw(st.integers(0, 900))),
        size=Size(draw(st.integers(3, 90)) * SHARE),
        limit=Size(draw(st.integers(1, 200)) * SHARE),
        max_spread=Price(draw(st.one_of(st.just(9_999), st.integers(50, 3_000)))),
        min_price=Price(low),
        max_price=Price(draw(st.one_of(st.just(9_999), st.integers(low + 1_000, 9_999)))),
        requote=Price(draw(st.integers(1, 900))) if draw(st.booleans()) else None,
        levels=draw(st.integers(1, 3)),
    )


@st.composite
def views(draw: st.DrawFn, *, two_sided: bool = False) -> View:
    """Any book of one level a side: empty, crossed, wide, at the edge; any holdings, settled or not."""
    tick = draw(TICKS)
    slots = st.one_of(st.integers(1, PRICE_ONE // tick - 1), st.integers(40 * 100 // tick, 60 * 100 // tick))
    bid, ask = draw(slots) * tick, draw(slots) * tick
    best: tuple[int | None, int | None] = (min(bid, ask), max(bid, ask))
    if two_sided:
        assume(bid != ask)
    else:
        best = draw(st.sampled_from([best, best, (bid, ask), (None, ask), (bid, None), (None, None)]))
    yes, no = draw(st.one_of(st.just(0), st.integers(0, 150))), draw(st.sampled_from([0, 0, 3, 20, 100]))
    seen = view(*best, tick=tick, yes=yes, no=no, confirmed=draw(st.booleans()))
    trades = draw(st.integers(0, 1))
    return evolve(seen, position=evolve(seen.position, trades=trades))
