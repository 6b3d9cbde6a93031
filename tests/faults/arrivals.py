"""The rules for an order of the bot at the moment the exchange takes it."""

from __future__ import annotations

from collections.abc import Iterator

from actors.model.numbers import PRICE_ONE, format_price
from tests.emulator.ledger_reader import Open
from tests.faults.breach import shares, short
from tests.faults.case import Case
from tests.faults.markets import Listed
from tests.faults.orders import Arrived
from tests.faults.posts import Post


def judge_arrival(case: Case, arrived: Arrived, post: Post | None) -> None:
    """`post` is what crossed the wire, None if nothing did."""
    order, market = arrived.order, case.markets.by_id[arrived.order.market]
    found = [*_regular(arrived, market, post), *_crossing(case, arrived, market), *_reducing(case, arrived)]
    for invariant, text in found:
        what = (
            f"{order.side} {shares(arrived.size)} of {case.markets.label(order.token)} at {format_price(order.price)}"
        )
        case.evidence.tell(invariant, f"an order of the bot, {what}, {text}", order.id)


def _regular(arrived: Arrived, market: Listed, post: Post | None) -> Iterator[tuple[str, str]]:
    """I16 and I17. The tick may change while an order is on its way: the one it was sent under counts as well."""
    price, ticks = arrived.order.price, {market.tick, post.tick if post is not None and post.tick else market.tick}
    if not 0 < price < PRICE_ONE or all(price % tick for tick in ticks):
        yield "I16", f"is off the market's tick of {format_price(market.tick)}"
    if arrived.size < market.min_size:
        yield "I16", f"is smaller than the market's minimum of {shares(market.min_size)}"
    if market.closed_at is not None:
        yield "I17", f"was taken after the market had closed at {market.closed_at:.3f} s"


def _crossing(case: Case, arrived: Arrived, market: Listed) -> Iterator[tuple[str, str]]:
    """I9: no two of the bot's own could trade with each other, on one token or across the pair."""
    bids, price = _on_yes(arrived.order, market)
    for other in case.orders.own_in(market.id):
        other_bids, other_price = _on_yes(other.order, market)
        if bids != other_bids and ((price >= other_price) if bids else (other_price >= price)):
            label, at = case.markets.label(other.order.token), format_price(other.order.price)
            yield "I9", f"could trade with its own order {short(other.order.id)}, {other.order.side} {label} at {at}"


def _on_yes(order: Open, market: Listed) -> tuple[bool, int]:
    """(does it bid, its price) in terms of YES: buying NO at q is selling YES at 1 - q."""
    yes = order.token == market.tokens[0]
    return (order.side == "BUY") is yes, order.price if yes else PRICE_ONE - order.price


def _reducing(case: Case, arrived: Arrived) -> Iterator[tuple[str, str]]:
    """I1: sells are backed by confirmed shares; I15: what takes only makes a position smaller, but where that is the strategy."""
    token = arrived.order.token
    if arrived.immediate and arrived.buys and not case.markets.takes(token):
        yield "I15", f"is a {arrived.life} buy: it would take, and make a position larger"
    if arrived.buys:
        return
    there, confirmed = case.holdings.there(token), case.holdings.confirmed[token]
    if arrived.immediate and arrived.size > there:
        yield "I15", f"sells more than the {shares(there)} that are there"
    sells = [one for one in case.orders.own_in(arrived.order.market) if one.order.token == token and not one.buys]
    offered = sum(one.order.remaining for one in sells)
    if offered > confirmed:
        yield "I1", f"makes {shares(offered)} on offer, of which only {shares(confirmed)} are confirmed"
