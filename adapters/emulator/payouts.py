"""What the venue pays out per UTC day: rebates and rewards. Moves the cash, writes it down, tells the account.

Payouts below 1 pUSD a day are not made (polymarket.md §11.2, §11.4); the emulator does not carry them over. The
exchange's own flow earns like anybody else but is never paid: its part stays with the venue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Literal

from attrs import define, field, frozen

from actors.model.numbers import PUSD, format_cash
from adapters.emulator.events import Paid
from adapters.emulator.exchange import Exchange

DAY = 86_400
MINIMUM = PUSD

Kind = Literal["reward", "rebate"]
Earned = Mapping[str, Mapping[str, int]]  # cash units by lower-case address and condition id


def day_of(at: float) -> int:
    """The UTC day (days since 1970) of wall seconds."""
    return int(at // DAY)


@frozen
class Earning:
    """What an account earned in one market on one day in cash units, and whether it was paid."""

    day: int
    address: str
    condition_id: str
    cash: int
    paid: bool


@define(eq=False)
class Payouts:
    """`history` of one kind of payout, oldest first. Rebates come out of the fees, rewards out of the treasury."""

    exchange: Exchange
    kind: Kind
    rng: Random
    history: list[Earning] = field(factory=list)

    def pay(self, day: int | None, earned: Earned) -> int:
        """Pay what was `earned` on `day` (None: today). Returns the sum of cash units paid."""
        day, paid = self._today() if day is None else day, 0
        for address, markets in earned.items():
            account, amount = self.exchange.accounts.by_address[address], sum(markets.values())
            enough = amount >= MINIMUM and not account.internal
            if enough:
                self._pay(day, address, amount, markets)
                paid += amount
            rows = [Earning(day, address, market, cash, enough) for market, cash in markets.items()]
            self.history += [] if account.internal else rows
        return paid

    def of(self, address: str, day: int, running: Callable[[], Earned]) -> dict[str, int]:
        """Cash units by condition id: earned on a day that is over, paid or too little to be, and today's `running`."""
        owner = address.lower()
        rows = [(one.condition_id, one.cash) for one in self.history if one.day == day and one.address == owner]
        rows += running().get(owner, {}).items() if day == self._today() else ()
        earned: dict[str, int] = {}
        for market, cash in rows:
            earned[market] = earned.get(market, 0) + cash
        return earned

    def _today(self) -> int:
        return day_of(self.exchange.wall())

    def _pay(self, day: int, address: str, amount: int, markets: Mapping[str, int]) -> None:
        accounts, ledger = self.exchange.accounts, self.exchange.ledger
        account, transaction = accounts.by_address[address], f"0x{self.rng.getrandbits(256):064x}"
        account.cash += amount
        if self.kind == "rebate":
            accounts.fees -= amount
        else:
            accounts.treasury -= amount
        ledger.write(
            self.kind,
            account=account.name,
            address=account.address,
            day=day,
            cash=format_cash(amount),
            markets={market: format_cash(cash) for market, cash in markets.items()},
            hash=transaction,
        )
        ledger.balance(account, f"{self.kind} {transaction}")
        self.exchange.emit(Paid(account, self.kind, amount, day, transaction))


def at_midnights(exchange: Exchange, act: Callable[[int], object]) -> None:
    """Call `act(the day that is over)` at every 00:00 UTC from now on."""
    today = day_of(exchange.wall())

    def midnight() -> None:
        act(today)
        at_midnights(exchange, act)

    exchange.schedule.after((today + 1) * DAY - exchange.wall(), midnight)
