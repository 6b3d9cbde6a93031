"""The caps on a single order and on a market: pure verdicts, judged before any money is reserved."""

from __future__ import annotations

from attrs import frozen

from actors.model.market import Side
from actors.model.numbers import Cash, Size, cost, format_cash, format_size
from actors.model.quote import Quote
from actors.model.reason import Hint, Reason, Refusal


@frozen
class Caps:
    """Limits of the `risk` section: sizes in size units, notional in cash units."""

    max_order_size: Size
    max_order_notional: Cash
    max_position: Size
    max_orders_per_market: int


@frozen
class Exposure:
    """A market as the order would meet it: shares of its outcome held and still being bought, and open orders."""

    shares: int
    orders: int


def judge(quote: Quote, exposure: Exposure, caps: Caps) -> Refusal | None:
    """The first cap the order would break, or None. Sells are not judged by size: they only reduce."""
    if quote.side is Side.BUY:
        notional = cost(quote.price, quote.size)
        if quote.size > caps.max_order_size:
            return _over(Reason.RISK_ORDER_SIZE, "risk.max_order_size", format_size(quote.size), caps.max_order_size)
        if notional > caps.max_order_notional:
            return _refusal(
                Reason.RISK_ORDER_NOTIONAL,
                "risk.max_order_notional",
                format_cash(notional),
                format_cash(caps.max_order_notional),
            )
        if exposure.shares + quote.size > caps.max_position:
            shares = format_size(exposure.shares + quote.size)
            return _over(Reason.RISK_POSITION, "risk.max_position", shares, caps.max_position)
    if exposure.orders >= caps.max_orders_per_market:
        needed = str(exposure.orders + 1)
        return _refusal(Reason.RISK_ORDER_COUNT, "risk.max_orders_per_market", needed, str(caps.max_orders_per_market))
    return None


def _over(reason: Reason, key: str, needed: str, cap: int) -> Refusal:
    return _refusal(reason, key, needed, format_size(cap))


def _refusal(reason: Reason, key: str, needed: str, cap: str) -> Refusal:
    return Refusal(reason, (("needed", needed), (key, cap)), Hint(key, needed))
