"""Reads an exchange's ledger back: open orders, positions, cash and exposure at every instant, from the lines alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from actors.model.numbers import PRICE_ONE, parse_cash, parse_price, parse_size


@frozen
class Event:
    """One line: `kind` and `t` (wall seconds), the rest in `line`."""

    id: int
    t: float
    kind: str
    line: dict[str, Any]


@define
class Open:
    """An order that may still trade; sizes and prices in the model's units."""

    id: str
    address: str
    market: str
    token: str
    side: str
    price: int
    remaining: int

    @property
    def notional(self) -> int:
        return -(-self.price * self.remaining // PRICE_ONE)


@define
class Holding:
    """Shares of a token by matched trades, with what they cost (fees included), at average price."""

    size: int = 0
    cost: int = 0

    def apply(self, side: str, size: int, cash: int) -> None:
        if side == "BUY":
            self.size, self.cost = self.size + size, self.cost - cash
        elif self.size:
            self.cost -= self.cost * min(size, self.size) // self.size
            self.size -= size


@define
class Book:
    """Everything the lines read so far say."""

    orders: dict[str, Open] = field(factory=dict)
    holdings: dict[tuple[str, str], Holding] = field(factory=dict)
    cash: dict[str, int] = field(factory=dict)
    markets: dict[str, list[str]] = field(factory=dict)
    fees: dict[str, int] = field(factory=dict)

    def apply(self, event: Event) -> None:
        line = event.line
        if event.kind == "market":
            self.markets[line["market"]] = line["tokens"]
        elif event.kind == "balance" and line["why"] == "funded":
            self.cash[line["address"].lower()] = _signed(line["cash"])
        elif event.kind == "order":
            self.orders[line["order"]] = _opened(line)
        elif event.kind in ("cancel", "expire"):
            self.orders.pop(line["order"], None)
        elif event.kind == "trade":
            for leg in (line["taker"], *line["makers"]):
                self._leg(leg)

    def exposure(self, address: str, condition_id: str) -> int:
        """Cash units: what open buys would still cost, plus what the shares held did cost."""
        owner, tokens = address.lower(), self.markets.get(condition_id, [])
        open_buys = (
            o.notional
            for o in self.orders.values()
            if o.address == owner and o.market == condition_id and o.side == "BUY"
        )
        held = (h.cost for (who, token), h in self.holdings.items() if who == owner and token in tokens)
        return sum(open_buys) + sum(held)

    def _leg(self, leg: dict[str, str]) -> None:
        owner, size, cash = leg["address"].lower(), parse_size(leg["size"]), _signed(leg["cash"])
        order = self.orders[leg["order"]]
        order.remaining -= size
        if order.remaining <= 0:
            del self.orders[leg["order"]]
        self.holdings.setdefault((owner, leg["token"]), Holding()).apply(leg["side"], size, cash)
        self.cash[owner] = self.cash.get(owner, 0) + cash
        self.fees[owner] = self.fees.get(owner, 0) + parse_cash(leg["fee"])


def read_ledger(path: Path) -> list[Event]:
    """Every whole line. A last line without its end (the exchange is still writing) is left out."""
    text = path.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
    return [Event(line["id"], line["t"], line["kind"], line) for line in lines]


def replay(events: Iterable[Event]) -> Iterator[tuple[Event, Book]]:
    """Each event with the state after it; the same `Book` object every time."""
    book = Book()
    for event in events:
        book.apply(event)
        yield event, book


def final(events: Iterable[Event]) -> Book:
    book = Book()
    for event in events:
        book.apply(event)
    return book


def open_orders(events: Iterable[Event], address: str) -> list[Open]:
    """What of the address is open after the last event, oldest first."""
    return [order for order in final(events).orders.values() if order.address == address.lower()]


def positions(events: Iterable[Event], address: str) -> dict[str, int]:
    """Size units by token after the last event, by matched trades; zero holdings are left out."""
    holdings = final(events).holdings
    return {token: held.size for (who, token), held in holdings.items() if who == address.lower() and held.size}


def exposure_over_time(events: Iterable[Event], address: str, condition_id: str) -> list[tuple[float, int]]:
    """(t, cash units) after every event that changed it."""
    series: list[tuple[float, int]] = []
    for event, book in replay(events):
        now = book.exposure(address, condition_id)
        if not series or series[-1][1] != now:
            series.append((event.t, now))
    return series


def _opened(line: dict[str, Any]) -> Open:
    return Open(
        line["order"],
        line["address"].lower(),
        line["market"],
        line["token"],
        line["side"],
        parse_price(line["price"]),
        parse_size(line["size"]),
    )


def _signed(text: str) -> int:
    return -parse_cash(text[1:]) if text.startswith("-") else parse_cash(text)
