"""The chain as wallets meet it: nonces, deployed wallets, transactions that are mined a moment after they were sent.

All calls of a transaction happen or none does. Gas is free here: nobody holds or pays POL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random

from attrs import define, evolve, field, frozen

from adapters.emulator import wallets
from adapters.emulator.accounts import FUNDED, Account, Accounts
from adapters.emulator.chain import Reverted
from adapters.emulator.contracts import Call, Contracts
from adapters.emulator.desk import Desk
from adapters.emulator.ledger import Ledger

BLOCK = 2.0  # seconds between blocks
FIRST_BLOCK = 79_000_000


@frozen
class Receipt:
    """A mined transaction; `problem` is why it reverted, empty if it did not."""

    hash: str
    sender: str
    to: str
    block: int
    problem: str = ""


@define(eq=False)
class Node:
    """`nonces` count what was mined from an address (the proxy, Safe or deposit wallet for relayed batches)."""

    desk: Desk
    nonces: defaultdict[str, int] = field(factory=lambda: defaultdict(int))
    deployed: set[str] = field(factory=set)
    receipts: dict[str, Receipt] = field(factory=dict)
    contracts: Contracts = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.contracts = Contracts(self.desk.chain, self.desk.exchange.listings)
        for wallet in FUNDED:
            owned = wallets.of(wallet.address)
            self.deployed |= {address.lower() for address in (owned.proxy, owned.safe, owned.deposit)}

    @property
    def block(self) -> int:
        return FIRST_BLOCK + int(self.desk.exchange.wall() // BLOCK) % 10**9

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        self.desk.exchange.schedule.after(seconds, act)

    def is_deployed(self, address: str) -> bool:
        return address.lower() in self.deployed

    def deploy(self, address: str) -> None:
        """From now on the wallet can send batches and own an account."""
        self.deployed.add(address.lower())
        self.desk.exchange.accounts.open(address)

    def rehearse(self, wallet: str, calls: Sequence[Call]) -> None:
        """Try the calls on copies of the accounts. Raises Reverted as the real run would now."""
        real = self.desk.exchange.accounts
        copies = Accounts({address: deepcopy(account) for address, account in _touched(real, wallet, calls)})
        chain = evolve(
            self.desk.chain,
            accounts=copies,
            ledger=Ledger(self.desk.exchange.wall),
            rng=Random(0),
            emit=lambda event: None,
            enforce=lambda account: None,
        )
        _run(Contracts(chain, self.contracts.listings), copies.open(wallet), calls)

    def create(self, wallet: str, transaction: str, factory: str) -> None:
        """Deploy the wallet in a transaction of its own."""
        self.deploy(wallet)
        self._mined(Receipt(transaction, wallet, factory, self.block), [])

    def mine(self, wallet: str, calls: Sequence[Call], transaction: str, to: str) -> Receipt:
        """Run the calls now, count the nonce, keep the receipt; a revert leaves no other trace."""
        account, problem, steps = self.desk.exchange.accounts.open(wallet), "", []
        try:
            self.rehearse(wallet, calls)
            steps = _run(self.contracts, account, calls)
        except Reverted as reverted:
            problem = str(reverted)
        self.nonces[wallet.lower()] += 1
        return self._mined(Receipt(transaction, account.address, to, self.block, problem), steps)

    def _mined(self, receipt: Receipt, steps: Sequence[str]) -> Receipt:
        self.receipts[receipt.hash] = receipt
        self.desk.exchange.ledger.write(
            "transaction", hash=receipt.hash, address=receipt.sender, steps=steps, reverted=receipt.problem
        )
        return receipt


def _run(contracts: Contracts, account: Account, calls: Sequence[Call]) -> list[str]:
    return [contracts.run(account, call) for call in calls]


def _touched(accounts: Accounts, wallet: str, calls: Sequence[Call]) -> list[tuple[str, Account]]:
    """The sender's account and, for transfers, whoever may receive: an address is the first argument's last 20 bytes."""
    named = {wallet.lower(), *("0x" + call.data[16:36].hex() for call in calls)}
    return [(address, account) for address in named if (account := accounts.by_address.get(address)) is not None]
