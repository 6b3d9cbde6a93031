"""What a strategy sees and what it wants: `View` in, `Decision` out, published as `Targets`. Absolute values only."""

from __future__ import annotations

from attrs import frozen

from actors.model.book import Book, OwnLevel
from actors.model.ledger import Position
from actors.model.market import Market, Outcome, Side
from actors.model.numbers import Price, Size
from actors.model.reason import Refusal


@frozen
class Quote:
    """One order a market should have resting: `size` of an outcome's token at `price`."""

    outcome: Outcome
    side: Side
    price: Price
    size: Size


@frozen
class View:
    """Everything a strategy may look at; `own` are our resting orders in YES terms, `now` is monotonic seconds."""

    market: Market
    book: Book
    position: Position
    now: float
    own: tuple[OwnLevel, ...] = ()


@frozen
class Decision:
    """What a strategy wants now: quotes, and why a side or all of them are missing (None while nothing is)."""

    quotes: tuple[Quote, ...] = ()
    refusal: Refusal | None = None


@frozen
class Targets:
    """Every order the market should have: a decision with a lease. Past `valid_until` (monotonic) all are pulled."""

    market: str
    quotes: tuple[Quote, ...]
    valid_until: float
    refusal: Refusal | None = None
    epoch: int = 0
