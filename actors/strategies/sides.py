"""Quotes in YES terms as orders on both tokens: what stays post-only, what is sold, and what is bought instead. Integers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve

from actors.model.book import Depth
from actors.model.market import Outcome, Side
from actors.model.numbers import CENTISHARE, PRICE_ONE, Price, Size
from actors.model.plan import yes_terms
from actors.model.quote import Quote


def whole(size: int) -> Size:
    """A size rounded down to what an order can say; never below 0."""
    return Size(max(0, size) // CENTISHARE * CENTISHARE)


def inside(depth: Depth, bid: Price, ask: Price, tick: int) -> tuple[Price, Price]:
    """Post-only: the bid stays a tick below the best ask, the ask a tick above the best bid."""
    if depth.best_ask is not None:
        bid = Price(min(bid, depth.best_ask - tick))
    if depth.best_bid is not None:
        ask = Price(max(ask, depth.best_bid + tick))
    return bid, ask


def post_only(quotes: Iterable[Quote], depth: Depth, tick: int) -> bool:
    """Whether none of these could trade with the best price others show."""
    terms = [yes_terms(quote.outcome, quote.side, quote.price) for quote in quotes]
    return all(inside(depth, price, price, tick)[0 if bid else 1] == price for bid, price in terms)


def two_tokens(is_bid: bool, price: Price, size: Size, held: int, minimum: int) -> list[Quote]:
    """One YES-terms quote as orders: sell what is `held` and confirmed, buy the complement for the rest.

    A sell of YES at a and a buy of NO at 1 - a are the same quote; there are no naked sells (strategies.md §0).
    """
    buys, sells = (Outcome.YES, Outcome.NO) if is_bid else (Outcome.NO, Outcome.YES)
    own_price = {Outcome.YES: price, Outcome.NO: Price(PRICE_ONE - price)}
    covered = min(whole(held), size)
    sells_size = Size(covered if covered >= minimum else 0)
    buys_size = Size(size - sells_size)
    quotes = [Quote(sells, Side.SELL, own_price[sells], sells_size)] if sells_size else []
    if buys_size >= minimum:
        quotes.append(Quote(buys, Side.BUY, own_price[buys], buys_size))
    return quotes


def sold(quotes: Iterable[Quote]) -> int:
    """Shares that these would sell."""
    return sum(quote.size for quote in quotes if quote.side is Side.SELL)


def merged(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Quotes of several levels that ended at one price, as one."""
    found: dict[tuple[Outcome, Side, Price], Quote] = {}
    for quote in quotes:
        place = (quote.outcome, quote.side, quote.price)
        known = found.get(place)
        found[place] = evolve(quote, size=Size(known.size + quote.size)) if known else quote
    return tuple(found.values())
