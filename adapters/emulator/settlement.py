"""Takes trades to the chain: holds what they promise, moves balances when mined, reports every status.

What becomes of a trade is decided by `Settlement.fate` (a fault script's seam); without one every trade is mined.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from attrs import define, field, frozen

from actors.model.market import Side
from adapters.emulator.accounts import UNLIMITED, Account, Accounts
from adapters.emulator.events import Event, TradeMoved
from adapters.emulator.ledger import Ledger
from adapters.emulator.schedule import Schedule
from adapters.emulator.trades import Leg, Trade

MINED_AFTER = 2.0  # seconds after the match (polymarket.md §15)
CONFIRMED_AFTER = 3.0  # seconds after it was mined
RETRIED_AFTER = 2.0  # seconds between two attempts: an emulator choice


@frozen
class Fate:
    """What will become of a trade (§5.3); all times in seconds.

    It is tried `mined_after` the match, `retries` times more each `retried_after` the last (RETRYING is reported
    before each), and then it is mined, or FAILED with `fails`: nothing settles, the maker's size does not come back.
    """

    mined_after: float = MINED_AFTER
    retries: int = 0
    fails: bool = False
    retried_after: float = RETRIED_AFTER
    confirmed_after: float = CONFIRMED_AFTER


NORMAL = Fate()


@define(eq=False)
class Settlement:
    """Trades with a client's leg are remembered for `/data/trades`, newest last.

    `pending` are the trades that hold something, by condition and trade id.
    """

    accounts: Accounts
    schedule: Schedule
    ledger: Ledger
    wall: Callable[[], float]
    rng: Random
    emit: Callable[[Event], None]
    fate: Callable[[Trade], Fate] = lambda trade: NORMAL
    trades: dict[str, list[Trade]] = field(factory=dict)
    pending: dict[str, dict[str, tuple[Trade, Fate]]] = field(factory=dict)

    def begin(self, trade: Trade) -> None:
        """MATCHED: binding for the engine, not yet on the chain."""
        for leg in trade.legs:
            _hold(leg, 1)
        clients = {leg.ticket.account.address: leg for leg in trade.legs if not leg.ticket.account.internal}
        for address in clients:
            self.trades.setdefault(address, []).append(trade)
        self.ledger.traded(trade)
        fate = self.fate(trade)
        self.pending.setdefault(trade.listing.market.condition_id, {})[trade.id] = (trade, fate)
        self.schedule.after(fate.mined_after, lambda: self._try(trade, fate.retries))

    def hurry(self, condition_id: str) -> None:
        """End every pending trade of a market at once, as it would have ended: before a payout nothing is open."""
        for trade, fate in list(self.pending.get(condition_id, {}).values()):
            self._end(trade, fate)

    def _try(self, trade: Trade, left: int) -> None:
        """One attempt; `left` more may follow. A trade that was hurried has ended already."""
        entry = self.pending.get(trade.listing.market.condition_id, {}).get(trade.id)
        if entry is None:
            return
        fate = entry[1]
        if left:
            trade.hash = self._transaction()
            self._report(trade, "RETRYING")
            self.schedule.after(fate.retried_after, lambda: self._try(trade, left - 1))
        else:
            self._end(trade, fate)

    def _end(self, trade: Trade, fate: Fate) -> None:
        del self.pending[trade.listing.market.condition_id][trade.id]
        for leg in trade.legs:
            _hold(leg, -1)
        trade.hash = self._transaction()
        if fate.fails or not all(_payable(trade, account) for account in _clients(trade)):
            self._report(trade, "FAILED")
        else:
            self._mine(trade)
            self.schedule.after(fate.confirmed_after, lambda: self._report(trade, "CONFIRMED"))

    def _mine(self, trade: Trade) -> None:
        for leg in trade.legs:
            account = leg.ticket.account
            account.cash += leg.cash
            account.shares[leg.ticket.token] += leg.shares
            assert account.internal or (account.cash >= 0 and account.shares[leg.ticket.token] >= 0), "overdrawn"
            _spend_allowance(leg)
        self.accounts.fees += trade.taker.fee
        self.accounts.minted += trade.minted
        self._report(trade, "MINED")
        for account in _clients(trade):
            self.ledger.balance(account, f"trade {trade.id}")

    def _report(self, trade: Trade, status: str) -> None:
        trade.status, trade.updated_at = status, self.wall()
        self.ledger.settled(trade)
        self.emit(TradeMoved(trade))

    def _transaction(self) -> str:
        return f"0x{self.rng.getrandbits(256):064x}"


def _clients(trade: Trade) -> list[Account]:
    accounts = {leg.ticket.account.address: leg.ticket.account for leg in trade.legs}
    return [account for account in accounts.values() if not account.internal]


def _hold(leg: Leg, sign: int) -> None:
    """Set aside (or free again) what the leg will take from its account."""
    account = leg.ticket.account
    if leg.ticket.order.side is Side.BUY:
        account.held_cash -= sign * leg.cash
    else:
        account.held_shares[leg.ticket.token] += sign * leg.size


def _payable(trade: Trade, account: Account) -> bool:
    """Can the exchange contract still take all that the account's legs promised? Else the chain reverts the trade."""
    contract, legs = trade.listing.contract, [leg for leg in trade.legs if leg.ticket.account is account]
    cash = -sum(leg.cash for leg in legs if leg.shares > 0)
    sold: dict[str, int] = {}
    for leg in legs:
        if leg.shares < 0:
            sold[leg.ticket.token] = sold.get(leg.ticket.token, 0) + leg.size
    if cash > min(account.cash, account.allowance(contract)) or (sold and not account.operated_by(contract)):
        return False
    return all(size <= account.shares[token] for token, size in sold.items())


def _spend_allowance(leg: Leg) -> None:
    """Limited allowances shrink by what is taken; an unlimited one never does (ERC-20)."""
    account, contract = leg.ticket.account, leg.ticket.listing.contract.lower()
    if leg.ticket.order.side is Side.BUY and account.allowances.get(contract, UNLIMITED) != UNLIMITED:
        account.allowances[contract] += leg.cash
