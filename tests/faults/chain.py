"""The account's money and shares as the ledger's own lines add up, against the balances it states (I11, I19)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field

from actors.model.numbers import parse_cash, parse_size
from tests.emulator.ledger_reader import signed
from tests.faults.breach import pusd, shares
from tests.faults.holdings import Fill


@define(eq=False)
class Chain:
    """`cash` is None until the account is funded."""

    cash: int | None = None
    shares: defaultdict[str, int] = field(factory=lambda: defaultdict(int))

    def settle(self, fills: list[Fill]) -> None:
        """A trade was mined."""
        for fill in fills:
            self.shares[fill.token] += fill.change
            self.pay(-fill.paid)

    def move(self, line: Mapping[str, Any]) -> dict[str, int]:
        """Cash and shares that came (signed) without a trade; the shares by token."""
        self.pay(signed(line["cash"]))
        changes = {token: signed(text) for token, text in line.get("shares", {}).items()}
        for token, change in changes.items():
            self.shares[token] += change
        return changes

    def pay(self, cash: int) -> None:
        self.cash = (self.cash or 0) + cash

    def differences(self, line: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """(invariant, sentence) for everything in which a balance line differs from the sum of all lines before it."""
        stated = parse_cash(line["cash"])
        if self.cash is None:
            self.cash = stated
        if stated != self.cash:
            summed = f"what it was funded with and all trades and transfers since add up to {pusd(self.cash)}"
            yield "I19", f"the account has {pusd(stated)} on the chain, but {summed}"
        held = {token: parse_size(text) for token, text in line["shares"].items()}
        for token in self.shares.keys() | held.keys():
            if held.get(token, 0) != self.shares[token]:
                yield "I11", _shares(token, held.get(token, 0), self.shares[token])


def _shares(token: str, stated: int, summed: int) -> str:
    each = "all trades, each counted once and failed ones not at all,"
    return f"the account holds {shares(stated)} of token {token[:10]}…, but {each} add up to {shares(summed)}"
