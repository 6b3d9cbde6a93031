"""The money that is there from the start: the throw-away keys and every wallet they own can trade at once."""

from __future__ import annotations

from adapters.emulator import addresses, wallets
from adapters.emulator.accounts import FUNDED, FUNDING, UNLIMITED, Account, Accounts
from adapters.emulator.ledger import Ledger


def fund(accounts: Accounts, ledger: Ledger) -> None:
    """Give each wallet the same pUSD and every approval that the clients' set-up would make (polymarket.md §3.2)."""
    for key in FUNDED:
        owned = wallets.of(key.address)
        for address in (owned.eoa, owned.proxy, owned.safe, owned.deposit):
            account = accounts.open(address, cash=FUNDING)
            approve_everything(account)
            ledger.balance(account, "funded")


def approve_everything(account: Account) -> None:
    account.allowances.update((spender.lower(), UNLIMITED) for spender in addresses.SPENDERS)
    account.operators.update(operator.lower() for operator in addresses.OPERATORS)
