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


@frozen
class Booked:
    """What one leg of a trade did to its owner, to be taken back should the trade fail."""

    owner: str
    token: str
    size: int
    cost: int
    cash: int
    fee: int


@define
class Book:
    """Everything the lines read so far say."""

    orders: dict[str, Open] = field(factory=dict)
    holdings: dict[tuple[str, str], Holding] = field(factory=dict)
    cash: dict[str, int] = field(factory=dict)
    markets: dict[str, list[str]] = field(factory=dict)
    fees: dict[str, int] = field(factory=dict)
    booked: dict[str, list[Booked]] = field(factory=dict)

    def apply(self, event: Event) -> None:
        line = event.line
        if event.kind == "market":
            self.markets[line["market"]] = line["tokens"]
        elif event.kind == "balance" and line["why"] == "funded":
            self.cash[line["address"].lower()] = signed(line["cash"])
        elif event.kind == "order":
            self.orders[line["order"]] = opened(line)
        elif event.kind in ("cancel", "expire"):
            self.orders.pop(line["order"], None)
        elif event.kind == "trade":
            self.booked[line["trade"]] = [self._leg(leg) for leg in (line["taker"], *line["makers"])]
        elif event.kind == "settle" and line["status"] == "FAILED":
            self._take_back(self.booked.pop(line["trade"]))
        elif event.kind in ("split", "merge", "convert", "redeem", "reward", "rebate"):
            self._received(line)
        elif event.kind == "transfer":
            for who, sign in ((line["address"], -1), (line["recipient"], 1)):
                self.cash[who.lower()] = self.cash.get(who.lower(), 0) + sign * parse_cash(line["cash"])

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

    def open_of(self, address: str) -> list[Open]:
        """What of the address is open, oldest first."""
        return [order for order in self.orders.values() if order.address == address.lower()]

    def held_by(self, address: str) -> dict[str, int]:
        """Size units by token, by matched trades; zero holdings are left out."""
        owner = address.lower()
        return {token: held.size for (who, token), held in self.holdings.items() if who == owner and held.size}

    def _leg(self, leg: dict[str, str]) -> Booked:
        owner, size, cash = leg["address"].lower(), parse_size(leg["size"]), signed(leg["cash"])
        order = self.orders.get(leg["order"])  # None: a market BUY got more shares than it named, cheaper ones (§3.7)
        if order is not None:
            order.remaining -= size
            if order.remaining <= 0:
                del self.orders[leg["order"]]
        holding = self.holdings.setdefault((owner, leg["token"]), Holding())
        before = (holding.size, holding.cost)
        holding.apply(leg["side"], size, cash)
        fee = parse_cash(leg["fee"])
        self.cash[owner] = self.cash.get(owner, 0) + cash
        self.fees[owner] = self.fees.get(owner, 0) + fee
        return Booked(owner, leg["token"], holding.size - before[0], holding.cost - before[1], cash, fee)

    def _take_back(self, legs: list[Booked]) -> None:
        """Nothing of the trade settled; what its orders lost they do not get back."""
        for leg in legs:
            holding = self.holdings[leg.owner, leg.token]
            holding.size, holding.cost = holding.size - leg.size, holding.cost - leg.cost
            self.cash[leg.owner] -= leg.cash
            self.fees[leg.owner] -= leg.fee

    def _received(self, line: dict[str, Any]) -> None:
        """Cash and shares that came (signed) without a trade; a share of a pair costs half a pUSD."""
        owner = line["address"].lower()
        self.cash[owner] = self.cash.get(owner, 0) + signed(line["cash"])
        for token, text in line.get("shares", {}).items():
            size = signed(text)
            holding = self.holdings.setdefault((owner, token), Holding())
            holding.apply("BUY" if size > 0 else "SELL", abs(size), -abs(size) // 2)


def read_ledger(path: Path) -> list[Event]:
    """Every whole line. A last line without its end (the exchange is still writing) is left out."""
    return parse_ledger(path.read_text(encoding="utf-8"))


def parse_ledger(text: str) -> list[Event]:
    return [_event(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def stream_ledger(path: Path) -> Iterator[Event]:
    """As `read_ledger`, line by line: hours of an exchange do not fit into memory."""
    with path.open(encoding="utf-8") as file:
        yield from (_event(line) for line in file if line.endswith("\n"))


def _event(text: str) -> Event:
    line = json.loads(text)
    return Event(line["id"], line["t"], line["kind"], line)


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
    return final(events).open_of(address)


def positions(events: Iterable[Event], address: str) -> dict[str, int]:
    """Size units by token after the last event, by matched trades; zero holdings are left out."""
    return final(events).held_by(address)


def exposure_over_time(events: Iterable[Event], address: str, condition_id: str) -> list[tuple[float, int]]:
    """(t, cash units) after every event that changed it."""
    series: list[tuple[float, int]] = []
    for event, book in replay(events):
        now = book.exposure(address, condition_id)
        if not series or series[-1][1] != now:
            series.append((event.t, now))
    return series


def opened(line: dict[str, Any]) -> Open:
    return Open(
        line["order"],
        line["address"].lower(),
        line["market"],
        line["token"],
        line["side"],
        parse_price(line["price"]),
        parse_size(line["size"]),
    )


def signed(text: str) -> int:
    return -parse_cash(text[1:]) if text.startswith("-") else parse_cash(text)
