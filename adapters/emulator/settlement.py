"""Takes trades to the chain: holds what they promise, moves balances when mined, reports every status."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from attrs import define, field

from actors.model.market import Side
from adapters.emulator.accounts import Accounts
from adapters.emulator.events import Event, TradeMoved
from adapters.emulator.ledger import Ledger
from adapters.emulator.schedule import Schedule
from adapters.emulator.trades import Leg, Trade

MINED_AFTER = 2.0  # seconds after the match (polymarket.md §15)
CONFIRMED_AFTER = 3.0  # seconds after it was mined


@define(eq=False)
class Settlement:
    """Trades with a client's leg are remembered for `/data/trades`, newest last."""

    accounts: Accounts
    schedule: Schedule
    ledger: Ledger
    wall: Callable[[], float]
    rng: Random
    emit: Callable[[Event], None]
    trades: dict[str, list[Trade]] = field(factory=dict)

    def begin(self, trade: Trade) -> None:
        """MATCHED: binding for the engine, not yet on the chain."""
        for leg in trade.legs:
            self._hold(leg, 1)
        clients = {leg.ticket.account.address: leg for leg in trade.legs if not leg.ticket.account.internal}
        for address in clients:
            self.trades.setdefault(address, []).append(trade)
        self.ledger.traded(trade)
        self.schedule.after(MINED_AFTER, lambda: self._mine(trade))

    def _mine(self, trade: Trade) -> None:
        trade.hash = f"0x{self.rng.getrandbits(256):064x}"
        for leg in trade.legs:
            self._hold(leg, -1)
            account = leg.ticket.account
            account.cash += leg.cash
            account.shares[leg.ticket.token] += leg.shares
            assert account.internal or (account.cash >= 0 and account.shares[leg.ticket.token] >= 0), "overdrawn"
        self.accounts.fees += trade.taker.fee
        self.accounts.minted += trade.minted
        self._report(trade, "MINED")
        for account in {leg.ticket.account.address: leg.ticket.account for leg in trade.legs}.values():
            if not account.internal:
                self.ledger.balance(account, f"trade {trade.id}")
        self.schedule.after(CONFIRMED_AFTER, lambda: self._report(trade, "CONFIRMED"))

    def _report(self, trade: Trade, status: str) -> None:
        trade.status, trade.updated_at = status, self.wall()
        self.ledger.settled(trade)
        self.emit(TradeMoved(trade))

    def _hold(self, leg: Leg, sign: int) -> None:
        """Set aside (or free again) what the leg will take from its account."""
        account = leg.ticket.account
        if leg.ticket.order.side is Side.BUY:
            account.held_cash -= sign * leg.cash
        else:
            account.held_shares[leg.ticket.token] += sign * leg.size
