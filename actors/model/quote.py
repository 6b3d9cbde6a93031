"""What a strategy sees and what it wants: `View` in, `Targets` out. Absolute values, never increments."""

from __future__ import annotations

from attrs import frozen

from actors.model.book import Book
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
    """Everything a strategy may look at: the market, its book, our position, and the instant (monotonic seconds)."""

    market: Market
    book: Book
    position: Position
    now: float


@frozen
class Targets:
    """Every order the market should have. Past `valid_until` (monotonic) the tracker pulls them all.

    `refusal` says why nothing (or only one side) is quoted; it is None while both sides are.
    """

    market: str
    quotes: tuple[Quote, ...]
    valid_until: float
    refusal: Refusal | None = None
    epoch: int = 0
