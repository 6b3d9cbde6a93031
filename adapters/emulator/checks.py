"""Whether the exchange takes an order: the check sequence of polymarket.md §15, each with the venue's own text."""

from __future__ import annotations

from attrs import frozen

from actors.model.market import Market, Side, tradable_price
from actors.model.numbers import PRICE_ONE, PUSD, cost, format_cash, format_price, format_size
from adapters.emulator.accounts import Account
from adapters.emulator.authority import authorise, claimed
from adapters.emulator.exchange import Exchange
from adapters.emulator.funds import short
from adapters.emulator.keys import Credential
from adapters.emulator.listings import Listing
from adapters.emulator.refusal import Refused
from adapters.emulator.signed_order import SignedOrder
from adapters.emulator.tickets import Ticket
from adapters.matching import Order

_IMMEDIATE = ("FOK", "FAK")
_MARKETABLE_MINIMUM = PUSD
_CENT = 10_000  # base units of 0.01, of a share as of a pUSD
# The venue wants 3 minutes ahead; ten seconds of grace for the way here are an emulator choice (§3.8).
_GTD_AHEAD = 170


@frozen
class Checks:
    """Judges one order after another; changes nothing."""

    exchange: Exchange

    def ticket(self, signed: SignedOrder, credential: Credential) -> Ticket:
        """The order as the exchange will run it. Raises Refused with the first check that fails."""
        claimed(signed, credential)
        listing = self.exchange.listings.by_token.get(signed.token)
        if listing is None:
            raise Refused(404, "No orderbook exists for the requested token id")
        market = listing.market
        order_id, maker = authorise(signed, credential, market)
        account = self.exchange.accounts.get(maker)
        if account is None:
            raise Refused(400, "maker address not allowed, please use the deposit wallet flow")
        _ready(listing)
        order = _order(signed, listing, order_id, account, _price(signed, market, order_id))
        ticket = Ticket(order, account, signed.owner, listing, self.exchange.wall(), signed.expiration)
        self.judge(ticket)
        return ticket

    def judge(self, ticket: Ticket) -> None:
        """Every rule that needs no signature, for orders from wherever. Raises Refused with the first that is broken."""
        order, listing = ticket.order, ticket.listing
        _ready(listing)
        if not tradable_price(order.price, listing.market.tick):
            raise _off_grid(order.id, format_price(order.price), listing.market)
        self._size(order, listing.market, listing)
        self._expiration(ticket)
        if order.id in self.exchange.tickets.by_id:
            raise Refused(400, f"order {order.id} is invalid. Duplicated.")
        text = short(order, ticket.account, listing, self.exchange.tickets)
        if text:
            raise Refused(400, text)

    def _size(self, order: Order, market: Market, listing: Listing) -> None:
        """Resting orders have a minimum in shares, marketable buys one of 1 pUSD (§3.5)."""
        if order.rests and order.size < market.min_size:
            sizes = f"Size ({format_size(order.size)}) lower than the minimum: {format_size(market.min_size)}"
            raise Refused(400, f"order {order.id} is invalid. {sizes}")
        marketable = not order.post_only and (not order.rests or listing.book.crosses(order))
        amount = order.budget or cost(order.price, order.size)
        if marketable and order.side is Side.BUY and amount < _MARKETABLE_MINIMUM:
            text = f"invalid amount for a marketable BUY order (${format_cash(amount)}), min size: $1"
            raise Refused(400, text)

    def _expiration(self, ticket: Ticket) -> None:
        earliest = self.exchange.wall() + _GTD_AHEAD
        if (ticket.expiration < earliest) if ticket.order.life == "GTD" else (ticket.expiration != 0):
            raise Refused(400, "invalid expiration")


def _ready(listing: Listing) -> None:
    if not listing.accepting:
        raise Refused(400, "the market is not yet ready to process new orders")


def _price(signed: SignedOrder, market: Market, order_id: str) -> int:
    """The limit price. FOK and FAK amounts need not be on the grid: the nearest price inside their limit counts."""
    price, tick = signed.exact_price, market.tick
    _accuracy(signed)
    if signed.life in _IMMEDIATE:
        if signed.side is Side.BUY:
            price = signed.cash * PRICE_ONE // signed.shares // tick * tick
        else:
            price = -(-signed.cash * PRICE_ONE // (signed.shares * tick)) * tick
    if price is None:
        raise _off_grid(order_id, f"{signed.cash / signed.shares:.6f}", market)
    return price


def _off_grid(order_id: str, price: str, market: Market) -> Refused:
    rule = f"Price ({price}) breaks minimum tick size rule: {format_price(market.tick)}"
    return Refused(400, f"order {order_id} is invalid. {rule}")


def _accuracy(signed: SignedOrder) -> None:
    """Resting orders have 2 decimals of a share on every tick; market buys the cap of §3.5, in the venue's words.

    Market sells are not judged: the venue's text speaks of buys only, and on fine ticks polymarket-client itself asks
    five or six decimals of pUSD for them.
    """
    if signed.life not in _IMMEDIATE:
        if signed.shares % _CENT:
            part = "buy orders taker" if signed.side is Side.BUY else "sell orders maker"
            raise Refused(400, f"invalid amounts, the limit {part} amount supports a max accuracy of 2 decimals")
    elif signed.side is Side.BUY and (signed.maker_amount % _CENT or signed.taker_amount % 100):
        raise Refused(
            400,
            "invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, "
            "taker amount a max of 4 decimals",
        )


def _order(signed: SignedOrder, listing: Listing, order_id: str, account: Account, price: int) -> Order:
    immediate_buy = signed.life in _IMMEDIATE and signed.side is Side.BUY
    return Order(
        id=order_id,
        owner=account.address.lower(),
        outcome=listing.market.outcome(signed.token),
        side=signed.side,
        price=price,
        size=signed.shares,
        life=signed.life,
        post_only=signed.post_only,
        budget=signed.maker_amount if immediate_buy else None,
    )
