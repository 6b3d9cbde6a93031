"""Bands (strategies.md §4): which resting orders stay, and what is missing. Integers only; the rules of poly-market-maker.

An outcome's book of bands holds what bids for it: its buys at q, and sales of the other outcome at 1 - q. Other than in the
original, amounts leave out what is about to be cancelled, all collateral in use counts, and no band is ever changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import define, evolve, frozen

from actors.model.bands_settings import Band, BandsParameters
from actors.model.market import Outcome, Side, ceil_tick, floor_tick, tradable_price
from actors.model.numbers import CENTISHARE, PRICE_ONE, Price, Size, complement, cost
from actors.model.quote import Quote

PLENTY = 10**15  # pUSD and shares where nothing limits them: in any unit more than there is


@frozen
class Grid:
    """The venue's: prices on the tick, no order below the smallest size."""

    tick: int
    min_size: int


@define
class Means:
    """What new orders may use of cash and of shares, and what time limits let be placed; each order takes its part."""

    cash: int
    shares: dict[Outcome, int]
    placeable: dict[Side, int]

    def take(self, quote: Quote) -> Quote:
        self.placeable[quote.side] -= quote.size
        if quote.side is Side.BUY:
            self.cash -= cost(quote.price, quote.size)
        else:
            self.shares[quote.outcome] -= quote.size
        return quote

    def sized(self, quote: Quote, most: int, grid: Grid) -> Quote | None:
        """The quote with as much as there is for it, of two decimals; None if that is below the smallest order."""
        if quote.side is Side.BUY:
            most = min(most, self.cash * PRICE_ONE // quote.price)
        else:
            most = min(most, self.shares[quote.outcome])
        size = max(0, min(most, self.placeable[quote.side])) // CENTISHARE * CENTISHARE
        return evolve(quote, size=Size(size)) if size and size >= grid.min_size else None


@frozen
class Shelf:
    """One outcome's book: its target price, the bands that count at it, and its orders that stay."""

    outcome: Outcome
    target: int
    bands: tuple[Band, ...]
    orders: tuple[Quote, ...]

    @property
    def tied_up(self) -> int:
        return sum(cost(order.price, order.size) for order in self.orders if order.side is Side.BUY)

    @property
    def on_sale(self) -> int:
        return sum(order.size for order in self.orders if order.side is Side.SELL)

    def amount(self, band: Band) -> int:
        return sum(order.size for order in self.orders if includes(band, self.target, bid_of(order)))


def book_of(quote: Quote) -> Outcome:
    """The outcome in whose book of bands an order stands."""
    return quote.outcome if quote.side is Side.BUY else quote.outcome.other


def bid_of(quote: Quote) -> Price:
    """What it bids for that outcome."""
    return quote.price if quote.side is Side.BUY else complement(quote.price)


def includes(band: Band, target: int, bid: int) -> bool:
    return target - band.max_margin < bid <= target - band.min_margin


def virtual(bands: Sequence[Band], target: int) -> tuple[Band, ...]:
    """The bands that reach above 0 at this target, nearest first."""
    return tuple(sorted((band for band in bands if target > band.min_margin), key=lambda band: band.min_margin))


def bid_price(band: Band, target: int, tick: int) -> Price | None:
    """Where the band's new orders bid: at its average margin, or at one tick where that is not above 0.

    Rounded down to the tick, else up, so that what is placed belongs to the band; None where it has no price.
    """
    wanted = target - band.avg_margin if target > band.avg_margin else tick
    for price in (floor_tick(wanted, tick), ceil_tick(wanted, tick)):
        if tradable_price(price, tick) and includes(band, target, price):
            return price
    return None


def staying(bands: Sequence[Band], target: int, orders: Sequence[Quote]) -> Iterator[Quote]:
    """The orders of one book that stay: those in a band, less what takes it over its largest amount.

    The first band gives up the nearest to the target first, the last one the farthest, any between the largest (as the
    original does; its comment says the smallest).
    """
    for number, band in enumerate(bands):
        inside = [order for order in orders if includes(band, target, bid_of(order))]
        if number == 0:
            inside.sort(key=bid_of)
        elif number == len(bands) - 1:
            inside.sort(key=bid_of, reverse=True)
        else:
            inside.sort(key=lambda order: order.size)
        while sum(order.size for order in inside) > band.max_amount:
            inside.pop()
        yield from inside


def shelves(bands: Sequence[Band], target: Price, orders: Sequence[Quote]) -> tuple[Shelf, Shelf]:
    """Both outcomes' books with what of the resting orders stays; YES is at `target`."""
    return _shelf(Outcome.YES, bands, target, orders), _shelf(Outcome.NO, bands, complement(target), orders)


def _shelf(outcome: Outcome, bands: Sequence[Band], target: int, orders: Sequence[Quote]) -> Shelf:
    inside = virtual(bands, target)
    mine = [order for order in orders if book_of(order) is outcome]
    return Shelf(outcome, target, inside, tuple(staying(inside, target, mine)))


def refills(own: BandsParameters, shelf: Shelf, grid: Grid, means: Means) -> Iterator[Quote]:
    """What one book's bands lack: sales of the other outcome first, for they free capital, then buys.

    A band is refilled once it holds less than its smallest amount, then up to its average.
    """
    cash = PLENTY if own.book_collateral is None else own.book_collateral - shelf.tied_up
    shares = PLENTY if own.book_tokens is None else own.book_tokens - shelf.on_sale
    for band in shelf.bands:
        missing, bid = band.avg_amount - shelf.amount(band), bid_price(band, shelf.target, grid.tick)
        if bid is None or shelf.amount(band) >= band.min_amount:
            continue
        sale = Quote(shelf.outcome.other, Side.SELL, complement(bid), Size(0))
        if sold := means.sized(sale, min(missing, shares), grid):
            yield means.take(sold)
            missing, shares = missing - sold.size, shares - sold.size
        buy = Quote(shelf.outcome, Side.BUY, bid, Size(0))
        if bought := means.sized(buy, min(missing, cash * PRICE_ONE // bid), grid):
            yield means.take(bought)
            cash -= cost(bought.price, bought.size)
