"""Which accounts a key acts for: its own and those of its wallets (polymarket.md §2.3). Reads only."""

from __future__ import annotations

from adapters.emulator import wallets
from adapters.emulator.accounts import Account, Accounts


def addresses(eoa: str) -> tuple[str, ...]:
    """Every wallet of a key, itself first."""
    its = wallets.of(eoa)
    return (its.eoa, its.proxy, its.safe, its.deposit, its.old_deposit)


def accounts(known: Accounts, eoa: str) -> list[Account]:
    """The accounts of those wallets as far as they were ever opened."""
    found = (known.get(address) for address in addresses(eoa))
    return [account for account in found if account is not None]
