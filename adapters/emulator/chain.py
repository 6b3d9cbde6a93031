"""What wallets do on the chain themselves: split, merge, redeem (polymarket.md §13). Never touches an order."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Literal

from attrs import define

from actors.model.numbers import PUSD
from adapters.emulator.accounts import Account, Accounts
from adapters.emulator.events import ChainMoved, Event
from adapters.emulator.ledger import Ledger
from adapters.emulator.listings import Listing
from adapters.emulator.terms import Phase


class Reverted(Exception):
    """The transaction failed and changed nothing; says why, as the contract would."""


@define(eq=False)
class Chain:
    """Every call is one transaction: all of it happens or `Reverted` is raised. Returns the transaction hash.

    Shares and cash that a matched trade has promised away (`held`) are not free to leave.
    """

    accounts: Accounts
    ledger: Ledger
    rng: Random
    emit: Callable[[Event], None]

    def split(self, account: Account, listing: Listing, amount: int) -> str:
        """`amount` cash units become as many shares of both outcomes."""
        if not 0 < amount <= account.cash - account.held_cash:
            raise Reverted("ERC20: transfer amount exceeds balance")
        return self._mined(account, "split", listing, -amount, dict.fromkeys(listing.market.tokens, amount))

    def merge(self, account: Account, listing: Listing, amount: int) -> str:
        """`amount` shares of both outcomes become as many cash units."""
        free = min(account.shares[token] - account.held_shares[token] for token in listing.market.tokens)
        if not 0 < amount <= free:
            raise Reverted("ERC1155: burn amount exceeds balance")
        return self._mined(account, "merge", listing, amount, dict.fromkeys(listing.market.tokens, -amount))

    def redeem(self, account: Account, listing: Listing) -> str:
        """Every share of a resolved market becomes its payout; a second time pays nothing."""
        if listing.phase is not Phase.RESOLVED or listing.payouts is None:
            raise Reverted("result for condition not received yet")
        holdings = {token: account.shares[token] for token in listing.market.tokens}
        paid = sum(held * payout // PUSD for held, payout in zip(holdings.values(), listing.payouts, strict=True))
        return self._mined(account, "redeem", listing, paid, {token: -held for token, held in holdings.items()})

    def _mined(
        self,
        account: Account,
        kind: Literal["split", "merge", "redeem"],
        listing: Listing,
        cash: int,
        changes: dict[str, int],
    ) -> str:
        account.cash += cash
        self.accounts.minted -= cash
        for token, change in changes.items():
            account.shares[token] += change
        transaction = f"0x{self.rng.getrandbits(256):064x}"
        self.ledger.write(kind, address=account.address, market=listing.market.condition_id, hash=transaction)
        self.ledger.balance(account, f"{kind} {transaction}")
        self.emit(ChainMoved(account, kind, listing, cash, changes, transaction))
        return transaction
