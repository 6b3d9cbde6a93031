"""What a strategy sees and what it wants: `View` in, `Decision` out, published as `Targets`. Absolute values only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

from attrs import evolve, field, frozen

from actors.model.book import Book, OwnLevel
from actors.model.breaker import Caught
from actors.model.ledger import Position
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import CENTISHARE, Cash, Price, Size
from actors.model.order import Order
from actors.model.purse import Purse
from actors.model.reason import Refusal
from actors.model.spot import Mark
from actors.model.stream import Stream
from actors.model.take import Take, Takes


@frozen
class Quote:
    """One order a market should have resting: `size` of an outcome's token at `price`."""

    outcome: Outcome
    side: Side
    price: Price
    size: Size


@frozen
class View:
    """Everything a strategy may look at; `own` are our resting orders in YES terms, `now` is monotonic seconds.

    `orders` are the same as the tracker has them: not proven dead, not all seen to rest. `takes` say what became of its
    takes, and whether anything of ours may still trade unseen. `ends_in` is how long (s) the market still trades, None
    where nobody says; `fills` are our latest trades as they were heard, newest last; `free` is the account's free money as
    last read; `spot` the price of what the market resolves on.
    `stream` is the last half hour of that price, None for other markets and where nobody serves it.
    `purse` is how all bets stand, for those who bet on what it resolves on.
    """

    market: Market
    book: Book
    position: Position
    now: float
    own: tuple[OwnLevel, ...] = ()
    takes: Takes = Takes()
    orders: tuple[Order, ...] = ()
    ends_in: float | None = None
    fills: tuple[Caught, ...] = ()
    free: Cash | None = None
    spot: Mark | None = None
    stream: Stream | None = None
    purse: Purse = Purse()


Grounds = Callable[[], tuple[tuple[str, str], ...]]  # names and values in words, worked out only where somebody asks


def groundless() -> tuple[tuple[str, str], ...]:
    """Nothing to say."""
    return ()


@frozen
class Decision:
    """What a strategy wants now: quotes that rest, orders that trade at once, in turn, and why a side or all of it is
    missing (None while nothing is). It is asked again at `look_at` (monotonic) at the latest, if that lies ahead.

    `told` is what the strategy has to say of what it did, for the log and the audit: once, whenever it says something new.
    `grounds` are what set the prices, for whoever asks why they are where they are.
    """

    quotes: tuple[Quote, ...] = ()
    refusal: Refusal | None = None
    takes: tuple[Take, ...] = ()
    look_at: float = inf
    told: str = ""
    grounds: Grounds = field(default=groundless, eq=False)


@frozen
class Targets:
    """Every order the market should have: a decision with a lease. Past `valid_until` (monotonic) all are pulled.

    `tuned` numbers the settings by which it was decided, `trades` how many of ours it knew of: what a fill has taken is not
    replaced before it has been decided anew.
    """

    market: str
    quotes: tuple[Quote, ...]
    valid_until: float
    refusal: Refusal | None = None
    epoch: int = 0
    tuned: int = 0
    takes: tuple[Take, ...] = ()
    trades: int = 0
    grounds: Grounds = field(default=groundless, eq=False)


def only_reducing(quotes: Sequence[Quote], position: Position) -> tuple[Quote, ...]:
    """What of these quotes brings the net position nearer to zero by selling what is held.

    Never a buy: that of the complement nets as well, but it opens a second holding and needs money.
    """
    held = Outcome.YES if position.net > 0 else Outcome.NO
    room = abs(position.net) // CENTISHARE * CENTISHARE
    kept: list[Quote] = []
    for quote in quotes:
        size = Size(min(quote.size, room))
        if size and (quote.outcome, quote.side) == (held, Side.SELL):
            kept.append(evolve(quote, size=size))
            room -= size
    return tuple(kept)


def reduces(take: Take, position: Position) -> bool:
    """Whether a take does no more than sell what is held of the larger side, bringing the net nearer to zero."""
    held = Outcome.YES if position.net > 0 else Outcome.NO
    return (take.outcome, take.side) == (held, Side.SELL) and take.size <= abs(position.net)
