"""What wallets do on the chain themselves: split, merge, convert, redeem, approve (polymarket.md §13, §3.2).

Never matches; open orders that a transaction leaves without cover are cancelled by the exchange (`enforce`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Literal

from attrs import define

from actors.model.numbers import PUSD, format_cash, format_size
from adapters.emulator.accounts import UNLIMITED, Account, Accounts
from adapters.emulator.events import ChainMoved, Event
from adapters.emulator.ledger import Ledger
from adapters.emulator.listings import Listing, Listings
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
    listings: Listings
    enforce: Callable[[Account], None]

    def split(self, account: Account, listing: Listing, amount: int) -> str:
        """`amount` cash units become as many shares of both outcomes."""
        if not 0 < amount <= account.free_cash:
            raise Reverted("ERC20: transfer amount exceeds balance")
        return self._mined(account, "split", listing, -amount, dict.fromkeys(listing.market.tokens, amount))

    def merge(self, account: Account, listing: Listing, amount: int) -> str:
        """`amount` shares of both outcomes become as many cash units."""
        if not 0 < amount <= min(account.free_shares(token) for token in listing.market.tokens):
            raise Reverted("ERC1155: burn amount exceeds balance")
        return self._mined(account, "merge", listing, amount, dict.fromkeys(listing.market.tokens, -amount))

    def convert(self, account: Account, members: Sequence[Listing], amount: int) -> str:
        """`amount` NO shares of each of m markets become (m - 1) × `amount` cash and YES of the event's other markets.

        The markets must be different ones of the same neg-risk event (NegRiskAdapter `convertPositions`, §13).
        """
        event = self.listings.siblings(members[0]) if members else []
        if len(event) < 2 or len(set(map(id, members))) != len(members) or any(one not in event for one in members):
            raise Reverted("NoConvertiblePositions()")
        if not 0 < amount <= min(account.free_shares(one.market.no) for one in members):
            raise Reverted("ERC1155: burn amount exceeds balance")
        others = [one.market.yes for one in event if one not in members]
        changes = dict.fromkeys(others, amount) | {one.market.no: -amount for one in members}
        return self._mined(account, "convert", members[0], (len(members) - 1) * amount, changes)

    def redeem(self, account: Account, listing: Listing, shares: Mapping[str, int] | None = None) -> str:
        """Shares of a resolved market, by token, become their payout: every one of them unless `shares` says how many.

        A second time there is nothing left to pay.
        """
        if listing.phase is not Phase.RESOLVED or listing.payouts is None:
            raise Reverted("result for condition not received yet")
        holdings = {token: account.free_shares(token) for token in listing.market.tokens}
        given = holdings if shares is None else {token: shares.get(token, 0) for token in holdings}
        if not all(0 <= amount <= holdings[token] for token, amount in given.items()):
            raise Reverted("ERC1155: burn amount exceeds balance")
        paid = sum(amount * payout // PUSD for amount, payout in zip(given.values(), listing.payouts, strict=True))
        return self._mined(account, "redeem", listing, paid, {token: -amount for token, amount in given.items()})

    def transfer(self, account: Account, recipient: str, amount: int) -> str:
        """pUSD `transfer`; an address that nobody used before gets an account without approvals."""
        if not 0 < amount <= account.free_cash:
            raise Reverted("ERC20: transfer amount exceeds balance")
        other, transaction = self.accounts.open(recipient), self._transaction()
        account.cash -= amount
        other.cash += amount
        self._write("transfer", account, transaction, recipient=other.address, cash=format_cash(amount))
        self.ledger.balance(account, f"transfer {transaction}")
        self.ledger.balance(other, f"transfer {transaction}")
        self.enforce(account)
        return transaction

    def approve(self, account: Account, spender: str, amount: int = UNLIMITED) -> str:
        """pUSD `approve`: the contract may take up to `amount` base units."""
        account.allowances[spender.lower()] = amount
        return self._approved(account, "pUSD", spender, amount)

    def approve_shares(self, account: Account, operator: str, approved: bool = True) -> str:
        """`setApprovalForAll` of ConditionalTokens and PositionManager: the contract may move the shares, or not."""
        (account.operators.add if approved else account.operators.discard)(operator.lower())
        return self._approved(account, "shares", operator, UNLIMITED if approved else 0)

    def _approved(self, account: Account, asset: str, spender: str, amount: int) -> str:
        transaction = self._transaction()
        text = "unlimited" if amount == UNLIMITED else format_cash(amount)
        self._write("approve", account, transaction, asset=asset, spender=spender, amount=text)
        self.enforce(account)
        return transaction

    def _mined(
        self,
        account: Account,
        kind: Literal["split", "merge", "redeem", "convert"],
        listing: Listing,
        cash: int,
        changes: Mapping[str, int],
    ) -> str:
        account.cash += cash
        self.accounts.minted -= cash
        for token, change in changes.items():
            account.shares[token] += change
        transaction = self._transaction()
        shares = {token: format_size(change) for token, change in changes.items() if change}
        market = listing.market.condition_id
        self._write(kind, account, transaction, market=market, cash=format_cash(cash), shares=shares)
        self.ledger.balance(account, f"{kind} {transaction}")
        self.emit(ChainMoved(account, kind, listing, cash, dict(changes), transaction))
        self.enforce(account)
        return transaction

    def _write(self, kind: str, account: Account, transaction: str, **fields: object) -> None:
        """`cash` and `shares` are what came in (signed)."""
        self.ledger.write(kind, account=account.name, address=account.address, **fields, hash=transaction)

    def _transaction(self) -> str:
        return f"0x{self.rng.getrandbits(256):064x}"
