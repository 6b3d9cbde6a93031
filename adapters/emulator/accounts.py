"""Who holds what: pUSD and shares on the chain, and what matched trades have already promised away. Never an order."""

from __future__ import annotations

from collections import defaultdict

from attrs import define, field, frozen

from actors.model.numbers import PUSD


@frozen
class TestWallet:
    """A public throw-away key (Hardhat #0 and #1): never send real money to it."""

    private_key: str
    address: str


FUNDED = (
    TestWallet(
        "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    ),
    TestWallet(
        "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
        "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    ),
)
FUNDING = 10_000 * PUSD


@define(eq=False)
class Account:
    """Balances in base units. `internal` accounts are the exchange's own flow: never refused for want of funds.

    Matched trades settle on the chain only when mined; until then what they will take is `held` and cannot be
    promised again, and what they will bring cannot be used (polymarket.md §14 trap 6).
    """

    name: str
    address: str
    internal: bool = False
    cash: int = 0
    shares: defaultdict[str, int] = field(factory=lambda: defaultdict(int))
    held_cash: int = 0
    held_shares: defaultdict[str, int] = field(factory=lambda: defaultdict(int))


@define(eq=False)
class Accounts:
    """Every account by lower-case address. `fees` is what takers paid, `minted` the pUSD locked in YES+NO pairs."""

    by_address: dict[str, Account] = field(factory=dict)
    fees: int = 0
    minted: int = 0

    def open(self, address: str, *, name: str = "", internal: bool = False, cash: int = 0) -> Account:
        """The account of an address, made with `cash` base units when it is new."""
        account = self.by_address.get(address.lower())
        if account is None:
            account = Account(name or address, address, internal, cash)
            self.by_address[address.lower()] = account
        return account

    def get(self, address: str) -> Account | None:
        return self.by_address.get(address.lower())
