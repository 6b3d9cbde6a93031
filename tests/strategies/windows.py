"""What `value` sees in these tests: a 15-minute window, its stream of prices, a book; and settings that let it bet."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from actors.model.book import EMPTY, Book, Depth, Level, OwnLevel
from actors.model.breaker import Caught
from actors.model.ledger import Holding, Position
from actors.model.market import FeeSchedule, Market
from actors.model.numbers import PRICE_ONE, PUSD, SHARE, Cash, Price, Size
from actors.model.purse import Bet, Purse
from actors.model.quote import Decision, Quote, View
from actors.model.spot import USD
from actors.model.stream import Stream
from actors.model.take import Take, Takes
from actors.model.tape import PublicTrade
from actors.model.value_settings import ValueParameters
from actors.strategies.value import Value, ValueState

OPENS = 1_763_627_400  # epoch s, on a 900 s boundary
ENDS = OPENS + 900
STRIKE = 65_000
SIGMA = 0.9e-4
NOW = 1_000.0  # monotonic s
CRYPTO = FeeSchedule(rate=700, rebate=2_000)
MARKET = Market(
    f"btc-updown-15m-{OPENS}",
    "0xw",
    "up",
    "down",
    Price(100),
    Size(5 * SHARE),
    fees=CRYPTO,
    ends_at=float(ENDS),
    averaging=60,
)
IDLE = Takes(next=1, busy=False)
OWN = ValueParameters(edge_for=0.0)  # a single look is enough


def stream(spot: float, left: float, *, strike: float = STRIKE, late: float = 1.0, sigma: float = SIGMA) -> Stream:
    """`strike` until the window opens, `spot` from then until `late` seconds ago; as a stream of one price a second."""
    last = int(ENDS - left - late)
    seconds = range(OPENS - 120, last + 1)
    return Stream(
        "btc",
        tuple(second * 1000 for second in seconds),
        tuple(round((strike if second <= OPENS else spot) * USD) for second in seconds),
        variance=sigma * sigma,
        returns=500.0,
        since=NOW - (ENDS - left - last),
    )


def side(*levels: tuple[int, int]) -> tuple[Level, ...]:
    """(price, shares), best first."""
    return tuple(Level(Price(price), Size(shares * SHARE)) for price, shares in levels)


def book(bid: int = 6_000, ask: int = 6_200, shares: int = 400) -> Book:
    depth = Depth(side((bid, shares), (bid - 100, shares)), side((ask, shares), (ask + 100, shares)))
    return Book(MARKET.slug, depth, EMPTY, Price(100), 1, NOW - 0.5, live=True)


def view(spot: float = 65_050, left: float = 300, **changes: Any) -> View:  # noqa: ANN401 - whatever a view is made of
    """By default Up is worth about 0.70 and offered at 0.62: a bet."""
    seen = View(
        market=MARKET,
        book=book(),
        position=Position(MARKET.slug),
        now=NOW,
        ends_in=float(left),
        free=Cash(1_000 * PUSD),
        takes=IDLE,
        stream=stream(spot, left),
    )
    return evolve(seen, **changes)


def later(second: float, **changes: Any) -> View:  # noqa: ANN401 - whatever a view is made of
    """The same view so much later, with book and price as fresh."""
    seen = view(**changes)
    assert seen.stream is not None
    return evolve(
        seen,
        now=NOW + second,
        book=evolve(seen.book, confirmed_at=seen.book.confirmed_at + second),
        stream=evolve(seen.stream, since=seen.stream.since + second),
    )


def decided(seen: View, parameters: ValueParameters = OWN, state: ValueState | None = None) -> Decision:
    strategy = Value(parameters)
    return strategy.step(state or strategy.start(), seen)[1]


def wanted(decision: Decision) -> tuple[Quote | Take, ...]:
    return (*decision.quotes, *decision.takes)


def code(seen: View, parameters: ValueParameters = OWN, state: ValueState | None = None) -> str | None:
    """Why nothing is bet; None where something is."""
    refusal = decided(seen, parameters, state).refusal
    return None if refusal is None else refusal.code


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Any levels at all: empty, crossed, wide, at the edge, of any age."""
    tick = draw(st.sampled_from([10, 100]))
    price = st.integers(1, PRICE_ONE // tick - 1).map(lambda n: n * tick)
    sizes = st.integers(1, 2_000_000_000)
    levels = st.lists(st.tuples(price, sizes), max_size=6, unique_by=lambda level: level[0])
    bids, asks = draw(levels), draw(levels)
    depth = Depth(
        tuple(Level(Price(p), Size(s)) for p, s in sorted(bids, reverse=True)),
        tuple(Level(Price(p), Size(s)) for p, s in sorted(asks)),
    )
    return Book(MARKET.slug, depth, EMPTY, Price(tick), 1, NOW - draw(st.floats(0, 5)), live=True)


@st.composite
def streams(draw: st.DrawFn) -> Stream | None:
    """From nothing to a whole window, with gaps, of any age and volatility."""
    left = draw(st.floats(-100, 1_000))
    whole = stream(draw(st.floats(1, 1e6)), left, late=draw(st.floats(0, 20)), sigma=draw(st.floats(0, 1e-2)))
    gap = draw(st.integers(0, 200))
    keep = [n for n in range(len(whole.times)) if not (gap and n % 300 < gap)]
    cut = evolve(
        whole,
        times=tuple(whole.times[n] for n in keep),
        prices=tuple(whole.prices[n] for n in keep),
        returns=draw(st.sampled_from([0.0, 59.0, 500.0])),
        ahead=draw(st.sampled_from([0.0, 0.3])),
    )
    return draw(st.sampled_from([cut, cut, cut, None, Stream("btc")]))


@st.composite
def views(draw: st.DrawFn) -> View:
    """Anything that a strategy might be shown of this window, however wild."""
    shown, size, price = draw(books()), st.integers(1, 100 * SHARE), st.integers(1, 9_999)
    trades = draw(st.lists(st.tuples(st.booleans(), price, st.integers(1, 10**12)), max_size=5))
    fills = draw(st.lists(st.tuples(st.booleans(), price, size, st.floats(0, 900)), max_size=4))
    held = [Holding(Size(n), n) for n in (draw(st.just(0) | size), draw(st.just(0) | size))]
    bets = draw(st.lists(st.tuples(st.sampled_from(["btc", "eth"]), st.integers(-1, 1), streams()), max_size=2))
    return View(
        market=evolve(MARKET, averaging=draw(st.sampled_from([None, 0, 30, 60])), tick=shown.tick),
        book=evolve(
            shown, tape=tuple(PublicTrade(n, b, Price(p), Size(s), NOW) for n, (b, p, s) in enumerate(trades, 1))
        ),
        position=Position(MARKET.slug, yes=held[0], no=held[1]),
        now=NOW,
        own=tuple(
            OwnLevel(b, Price(p), Size(s))
            for b, p, s in draw(st.lists(st.tuples(st.booleans(), price, size), max_size=2))
        ),
        ends_in=draw(st.none() | st.floats(-100, 1_000)),
        fills=tuple(Caught(str(n), b, p, s, NOW - age) for n, (b, p, s, age) in enumerate(fills)),
        free=draw(st.none() | st.integers(0, 10**13).map(Cash)),
        stream=draw(streams()),
        purse=Purse(
            tuple(Bet(f"{asset}-updown-5m-0", asset, Cash(PUSD), way, one) for asset, way, one in bets),
            Cash(draw(st.integers(0, 10**9))),
            draw(st.integers(0, 9)),
        ),
        takes=Takes(next=draw(st.integers(0, 3)), busy=draw(st.booleans())),
    )
