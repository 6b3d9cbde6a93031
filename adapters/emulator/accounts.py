"""Who holds what: pUSD and shares on the chain, and what matched trades have already promised away. Never an order."""

from __future__ import annotations

from collections import defaultdict

from attrs import define, field, frozen

from actors.model.numbers import PUSD
from adapters.emulator import signatures


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


UNLIMITED = 2**256 - 1  # what wallets approve: no amount of spending uses it up
EXCHANGES = (signatures.EXCHANGE, signatures.NEG_RISK_EXCHANGE, signatures.EXCHANGE_V3)


@frozen
class Seen:
    """What the venue remembers of an account instead of reading the chain (base units)."""

    cash: int
    shares: dict[str, int]
    held_cash: int
    held_shares: dict[str, int]


@define(eq=False, repr=False)
class Account:
    """Balances in base units. `internal` accounts are the exchange's own flow: never refused for want of funds.

    Matched trades settle on the chain only when mined; until then what they will take is `held` and cannot be
    promised again, and what they will bring cannot be used (polymarket.md §14 trap 6).
    `allowances` are what exchange contracts may take of the pUSD, `operators` who may move the shares (§3.2), both by
    lower-case address. `seen` is the venue's memory of the account, None while that is fresh (F17 of reliability.md §3).
    """

    name: str
    address: str
    internal: bool = False
    cash: int = 0
    shares: defaultdict[str, int] = field(factory=lambda: defaultdict(int))
    held_cash: int = 0
    held_shares: defaultdict[str, int] = field(factory=lambda: defaultdict(int))
    allowances: dict[str, int] = field(factory=dict)
    operators: set[str] = field(factory=set)
    seen: Seen | None = None

    @property
    def free_cash(self) -> int:
        return self.cash - self.held_cash

    def free_shares(self, token: str) -> int:
        return self.shares.get(token, 0) - self.held_shares.get(token, 0)

    def allowance(self, contract: str) -> int:
        """Base units of pUSD that the contract may still take."""
        return self.allowances.get(contract.lower(), 0)

    def operated_by(self, contract: str) -> bool:
        return contract.lower() in self.operators

    def approve_exchanges(self) -> None:
        """What a wallet does once before it trades."""
        self.allowances.update((contract.lower(), UNLIMITED) for contract in EXCHANGES)
        self.operators.update(contract.lower() for contract in EXCHANGES)

    def freeze(self) -> None:
        """From now on the venue remembers what it sees now (fault F17); `refresh` ends it."""
        self.seen = Seen(self.cash, dict(self.shares), self.held_cash, dict(self.held_shares))

    def refresh(self) -> None:
        """The venue reads the chain again, as `/balance-allowance/update` asks it to."""
        self.seen = None


@define(eq=False, repr=False)
class Accounts:
    """Every account by lower-case address; `total` never changes but by funding.

    `fees` is what takers paid less what was handed back as rebates, `minted` the pUSD locked in shares, `treasury`
    what the venue had (negative once it has paid rewards out of its own pocket).
    """

    by_address: dict[str, Account] = field(factory=dict)
    fees: int = 0
    minted: int = 0
    treasury: int = 0

    def open(self, address: str, *, name: str = "", internal: bool = False, cash: int = 0) -> Account:
        """The account of an address; a new one with `cash` base units has approved every exchange as well."""
        account = self.by_address.get(address.lower())
        if account is None:
            account = Account(name or address, address, internal, cash)
            if cash:
                account.approve_exchanges()
            self.by_address[address.lower()] = account
        return account

    def get(self, address: str) -> Account | None:
        return self.by_address.get(address.lower())

    @property
    def total(self) -> int:
        """Every pUSD there is, in base units."""
        return sum(a.cash for a in self.by_address.values()) + self.fees + self.minted + self.treasury
