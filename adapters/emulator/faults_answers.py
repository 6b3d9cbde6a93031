"""Faults of the exchange's own answers: duplicated, half right, with stale balances or a wrong flag (F4, F5, F17, F19)."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from attrs import evolve, frozen

from adapters.emulator.faults_call import Call, Go, parsed
from adapters.emulator.faults_engine import POSTS, orders_of, without_legs
from adapters.emulator.faults_keys import checked, choice, flag, string, whole
from adapters.emulator.faults_where import Subject, meets, of_request
from adapters.emulator.http import Request, Response, answer
from adapters.emulator.wire_orders import failed_leg

_NEG_RISK = ("neg_risk", "negRisk", "nr")
_READS = ("/neg-risk", "/market", "/book", "/clob-market", "/sampling", "/simplified", "/event")


@frozen
class Duplicate:
    """Something on the way sends the order twice; the client gets the second answer: `Duplicated` (F4).

    `style` v2 is the 400 of polymarket.md §3.7, v1 the older success with the code as error text.
    """

    KIND: ClassVar[str] = "duplicate_order"
    style: str = choice(("v2", "v1"), "v2")

    def concerns(self, call: Call) -> bool:
        return _placing(call)

    async def answer(self, call: Call, go: Go) -> Response | None:
        first = await go(call.request)
        if first is None or first.status != 200:
            return first
        second = await go(call.request)
        return second if self.style == "v2" or second is None else _renamed(call.request)


@frozen
class OddAnswer:
    """Success with an error text and no order id (F5); of a batch the legs numbered in `legs` (`0,2`; empty means all).

    With `after_accept` the order is at the exchange all the same. An empty `text` leaves neither id nor reason.
    """

    KIND: ClassVar[str] = "odd_answer"
    text: str = string("could not insert order")
    legs: str = checked(lambda value: _is_legs(value), "numbers from 0 with commas between, as text", "")
    after_accept: bool = flag()

    def concerns(self, call: Call) -> bool:
        return _placing(call)

    async def answer(self, call: Call, go: Go) -> Response | None:
        chosen = {int(part) for part in self.legs.split(",") if part} or set(range(len(orders_of(call.request))))
        if not self.after_accept:
            if call.request.path == "/order":
                return answer(failed_leg(self.text))
            return await without_legs(call, go, dict.fromkeys(chosen, self.text))
        response = await go(call.request)
        if response is None or response.status != 200:
            return response
        legs = parsed(response)
        if not isinstance(legs, list):
            return answer(failed_leg(self.text))
        return answer([failed_leg(self.text) if number in chosen else leg for number, leg in enumerate(legs)])


@frozen
class StaleBalance:
    """The exchange's balance cache lags: orders are refused for want of funds they have (F17, polymarket.md §14 trap 5).

    `spent` is the share of the balance, in 1/100, that the cache takes for promised to matched orders.
    """

    KIND: ClassVar[str] = "stale_balance"
    LASTING: ClassVar[bool] = True
    spent: int = whole(1, 100, 100)

    def concerns(self, call: Call) -> bool:
        return _placing(call) and bool(self._refused(call))

    async def answer(self, call: Call, go: Go) -> Response | None:
        refused = self._refused(call)
        if call.request.path == "/order":
            return answer({"error": refused[0]}, 400)
        return await without_legs(call, go, refused)

    def _refused(self, call: Call) -> dict[int, str]:
        """The text of each leg that the filter lets through and the stale balance does not cover."""
        every = enumerate(orders_of(call.request))
        return {n: text for n, body in every if _of_leg(call, body) and (text := self._short(call, body))}

    def _short(self, call: Call, body: Any) -> str:  # noqa: ANN401 - JSON
        order = body.get("order") or {}
        account = call.desk.exchange.accounts.get(str(order.get("maker")))
        amount = str(order.get("makerAmount"))
        if account is None or not amount.isdecimal():
            return ""
        buys = order.get("side") == "BUY"
        balance = account.cash if buys else account.shares.get(str(order.get("tokenId")), 0)
        matched = balance * self.spent // 100
        if int(amount) <= balance - matched:
            return ""
        parts = f"balance: {balance}, sum of matched orders: {matched}, order amount: {amount}"
        return f"not enough balance / allowance: the balance is not enough -> {parts}"


@frozen
class WrongNegRisk:
    """Every answer to a read tells the opposite of the market's neg-risk flag (F19)."""

    KIND: ClassVar[str] = "wrong_neg_risk"
    LASTING: ClassVar[bool] = True
    INSIDE: ClassVar[tuple[str, ...]] = ("market",)

    def concerns(self, call: Call) -> bool:
        return call.request.path.startswith(_READS)

    async def answer(self, call: Call, go: Go) -> Response | None:
        response = await go(call.request)
        if response is None or response.status != 200:
            return response
        told = parsed(response)
        flipped = _flipped(told, call, call.where.market is None or _asks(call))
        return response if flipped == told else evolve(response, body=answer(flipped).body)


def _is_legs(value: object) -> bool:
    return isinstance(value, str) and (not value or all(part.strip().isdecimal() for part in value.split(",")))


def _flipped(value: Any, call: Call, ours: bool) -> Any:  # noqa: ANN401 - JSON
    """The same with the flags turned, of the filter's market only unless it is `ours` already."""
    if isinstance(value, list):
        return [_flipped(entry, call, ours) for entry in value]
    if not isinstance(value, dict):
        return value
    ours = ours or _names(value, call)
    return {
        key: not entry if ours and key in _NEG_RISK and isinstance(entry, bool) else _flipped(entry, call, ours)
        for key, entry in value.items()
    }


def _names(entry: dict[str, Any], call: Call) -> bool:
    """Is the object about the filter's market? By its slug or one of the ids the venue's services use."""
    ids = {str(entry.get(key)) for key in ("condition_id", "conditionId", "market", "slug", "c")}
    every = ({known.market.slug, known.market.condition_id} for known in call.desk.exchange.listings.all)
    return any(meets(call.where.market or "", words) for words in every if ids & words)


def _asks(call: Call) -> bool:
    """Does the request itself name the filter's market?"""
    exchange = call.desk.exchange
    facts = of_request(call.service, call.request, exchange.listings, exchange.tickets).facts
    return meets(call.where.market or "", facts["market"])


def _of_leg(call: Call, body: object) -> bool:
    """Does the filter let this one leg through?"""
    return call.where.matches(_leg(call, body))


def _leg(call: Call, body: object) -> Subject:
    exchange = call.desk.exchange
    request = evolve(call.request, body=json.dumps(body).encode())
    return of_request(call.service, request, exchange.listings, exchange.tickets)


def _placing(call: Call) -> bool:
    return (
        call.service == "clob" and (call.request.method, call.request.path) in POSTS and bool(orders_of(call.request))
    )


def _renamed(request: Request) -> Response:
    leg = failed_leg("INVALID_ORDER_DUPLICATED")
    return answer(leg if request.path == "/order" else [leg] * len(orders_of(request)))


ANSWERS = (Duplicate, OddAnswer, StaleBalance, WrongNegRisk)
