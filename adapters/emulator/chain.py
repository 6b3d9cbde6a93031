"""What wallets do on the chain themselves: split, merge, redeem (polymarket.md §13). Never touches an order."""

from __future__ import annotations

from random import Random

from attrs import define

from actors.model.numbers import PUSD
from adapters.emulator.accounts import Account, Accounts
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

    def split(self, account: Account, listing: Listing, amount: int) -> str:
        """`amount` cash units become as many shares of both outcomes."""
        if not 0 < amount <= account.cash - account.held_cash:
            raise Reverted("ERC20: transfer amount exceeds balance")
        self._move(account, listing, -amount)
        return self._mined(account, "split", listing)

    def merge(self, account: Account, listing: Listing, amount: int) -> str:
        """`amount` shares of both outcomes become as many cash units."""
        free = min(account.shares[token] - account.held_shares[token] for token in listing.market.tokens)
        if not 0 < amount <= free:
            raise Reverted("ERC1155: burn amount exceeds balance")
        self._move(account, listing, amount)
        return self._mined(account, "merge", listing)

    def redeem(self, account: Account, listing: Listing) -> str:
        """Every share of a resolved market becomes its payout; a second time pays nothing."""
        if listing.phase is not Phase.RESOLVED or listing.payouts is None:
            raise Reverted("result for condition not received yet")
        for token, payout in zip(listing.market.tokens, listing.payouts, strict=True):
            shares = account.shares.pop(token, 0)
            account.cash += shares * payout // PUSD
            self.accounts.minted -= shares * payout // PUSD
        return self._mined(account, "redeem", listing)

    def _move(self, account: Account, listing: Listing, amount: int) -> None:
        account.cash += amount
        self.accounts.minted -= amount
        for token in listing.market.tokens:
            account.shares[token] -= amount

    def _mined(self, account: Account, kind: str, listing: Listing) -> str:
        transaction = f"0x{self.rng.getrandbits(256):064x}"
        self.ledger.write(kind, address=account.address, market=listing.market.condition_id, hash=transaction)
        self.ledger.balance(account, f"{kind} {transaction}")
        return transaction
