"""The caps on an order, a market, an event and all of it: pure verdicts, judged before any money is reserved."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from actors.model.market import Side
from actors.model.numbers import Cash, Price, Size, cost, format_cash, format_size
from actors.model.quote import Quote
from actors.model.reason import Hint, Reason, Refusal
from actors.model.risk_settings import RiskSettings


@frozen
class Caps:
    """Limits of the `risk` section: sizes in size units, amounts in cash units, the share in %; None = no limit."""

    max_order_size: Size
    max_order_notional: Cash
    max_position: Size
    max_orders_per_market: int
    max_order_share: int | None = None
    max_event_loss: Cash | None = None
    max_strategy_notional: Cash | None = None
    max_total_notional: Cash | None = None

    @classmethod
    def of(cls, limits: RiskSettings) -> Caps:
        return cls(
            max_order_size=limits.max_order_size,
            max_order_notional=limits.max_order_notional,
            max_position=limits.max_position,
            max_orders_per_market=limits.max_orders_per_market,
            max_order_share=limits.max_order_share,
            max_event_loss=limits.max_event_loss,
            max_strategy_notional=limits.max_strategy_notional,
            max_total_notional=limits.max_total_notional,
        )


@frozen
class Exposure:
    """A market as the order would meet it: shares of its outcome held and still being bought, and open orders."""

    shares: int
    orders: int


@frozen
class Whole:
    """Everything beyond the market as a buy would leave it; `balance` is free collateral, None while it is not known.

    `event` is the most its event may then lose, `event_now` without it; `strategy` and `total` are worths.
    """

    balance: Cash | None
    event: Cash
    event_now: Cash
    strategy: Cash
    total: Cash


def judge(quote: Quote, exposure: Exposure, caps: Caps) -> Refusal | None:
    """The first cap of order and market it would break, or None. Sells are not judged by size: they only reduce."""
    if quote.side is Side.BUY:
        if refusal := too_large(quote.price, quote.size, caps):
            return refusal
        if exposure.shares + quote.size > caps.max_position:
            shares = format_size(exposure.shares + quote.size)
            return _over(Reason.RISK_POSITION, "risk.max_position", shares, caps.max_position)
    if exposure.orders >= caps.max_orders_per_market:
        needed = str(exposure.orders + 1)
        return _refusal(Reason.RISK_ORDER_COUNT, "risk.max_orders_per_market", needed, str(caps.max_orders_per_market))
    return None


def too_large(price: Price, size: Size, caps: Caps) -> Refusal | None:
    """The cap on its size or notional that a buy breaks by itself, or None."""
    notional = cost(price, size)
    if size > caps.max_order_size:
        return _over(Reason.RISK_ORDER_SIZE, "risk.max_order_size", format_size(size), caps.max_order_size)
    if notional > caps.max_order_notional:
        return _beyond(Reason.RISK_ORDER_NOTIONAL, "risk.max_order_notional", notional, caps.max_order_notional)
    return None


def judge_whole(quote: Quote, whole: Whole, caps: Caps) -> Refusal | None:
    """The first cap beyond its market that a buy would break, or None; what makes an event safer always may."""
    notional = cost(quote.price, quote.size)
    if caps.max_order_share is not None and notional * 100 > (whole.balance or 0) * caps.max_order_share:
        return _share(notional, whole.balance, caps.max_order_share)
    return next((_beyond(*row) for row in _sums(whole, caps) if row[2] > row[3]), None)


def _sums(whole: Whole, caps: Caps) -> Iterator[tuple[Reason, str, Cash, Cash]]:
    if caps.max_event_loss is not None and whole.event > whole.event_now:
        yield Reason.RISK_EVENT, "risk.max_event_loss", whole.event, caps.max_event_loss
    if caps.max_strategy_notional is not None:
        yield Reason.RISK_STRATEGY, "risk.max_strategy_notional", whole.strategy, caps.max_strategy_notional
    if caps.max_total_notional is not None:
        yield Reason.RISK_TOTAL, "risk.max_total_notional", whole.total, caps.max_total_notional


def _share(notional: Cash, balance: Cash | None, cap: int) -> Refusal:
    free = "not read yet" if balance is None else format_cash(balance)
    inputs = (("notional", format_cash(notional)), ("balance", free), ("risk.max_order_share", f"{cap} %"))
    needed = -(-notional * 100 // balance) if balance else 101
    return Refusal(
        Reason.RISK_ORDER_SHARE, inputs, Hint("risk.max_order_share", str(needed)) if needed <= 100 else None
    )


def _over(reason: Reason, key: str, needed: str, cap: int) -> Refusal:
    return _refusal(reason, key, needed, format_size(cap))


def _beyond(reason: Reason, key: str, needed: Cash, cap: Cash) -> Refusal:
    return _refusal(reason, key, format_cash(needed), format_cash(cap))


def _refusal(reason: Reason, key: str, needed: str, cap: str) -> Refusal:
    return Refusal(reason, (("needed", needed), (key, cap)), Hint(key, needed))
