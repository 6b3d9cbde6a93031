"""What can be read from the chain without a transaction: balances, approvals, payouts. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define

from actors.model.numbers import PUSD
from adapters.emulator import abi, addresses
from adapters.emulator.accounts import Account, Accounts
from adapters.emulator.chain import Reverted
from adapters.emulator.listings import Listings
from adapters.emulator.terms import Phase


@define(eq=False)
class Views:
    """Answers `eth_call`s; balances are in base units."""

    accounts: Accounts
    listings: Listings

    def read(self, to: str, data: bytes) -> bytes:
        """What the function returns; nothing where no contract stands. Raises Reverted."""
        functions = _VIEWS.get(to.lower())
        if functions is None:
            return b""
        entry = functions.get(data[:4])
        if entry is None:
            raise Reverted("unknown function")
        signature, view = entry
        try:
            return view(self, *abi.arguments(signature, data[4:]))
        except ValueError as problem:
            raise Reverted(f"bad calldata: {problem}") from problem

    def _account(self, address: str) -> Account:
        return self.accounts.get(address) or Account("nobody", address)

    def _cash(self, owner: str) -> bytes:
        return abi.words(_shown(self._account(owner).cash))

    def _allowance(self, owner: str, spender: str) -> bytes:
        return abi.words(self._account(owner).allowance(spender))

    def _shares(self, owner: str, token: int) -> bytes:
        return abi.words(_shown(self._account(owner).shares.get(str(token), 0)))

    def _shares_batch(self, owners: list[str], tokens: list[int]) -> bytes:
        if len(owners) != len(tokens):
            raise Reverted("ERC1155: accounts and ids length mismatch")
        pairs = zip(owners, tokens, strict=True)
        return abi.array([_shown(self._account(owner).shares.get(str(token), 0)) for owner, token in pairs])

    def _operated(self, owner: str, operator: str) -> bytes:
        return abi.words(self._account(owner).operated_by(operator))

    def _payout(self, condition: bytes, outcome: int) -> bytes:
        payouts = self._payouts(condition)
        if outcome >= len(payouts):
            raise Reverted("no such outcome")
        return abi.words(payouts[outcome])

    def _denominator(self, condition: bytes) -> bytes:
        return abi.words(PUSD if any(self._payouts(condition)) else 0)

    def _payouts(self, condition: bytes) -> tuple[int, int]:
        listing = self.listings.by_condition.get("0x" + condition.hex())
        paid = listing is not None and listing.phase is Phase.RESOLVED
        return listing.payouts if paid and listing and listing.payouts else (0, 0)

    def _beacon(self) -> bytes:
        return abi.address(addresses.DEPOSIT_BEACON)

    def _decimals(self) -> bytes:
        return abi.words(6)


def _shown(balance: int) -> int:
    """The flow's own accounts may owe, which no balance on a chain can; clients' accounts never do."""
    return max(0, balance)


View = Callable[..., bytes]


def _views(**views: tuple[str, View]) -> Mapping[bytes, tuple[str, View]]:
    return {abi.selector(signature): (signature, view) for signature, view in views.values()}


_TOKENS = _views(
    one=("balanceOf(address,uint256)", Views._shares),
    many=("balanceOfBatch(address[],uint256[])", Views._shares_batch),
    operated=("isApprovedForAll(address,address)", Views._operated),
)
_CONDITIONS = _views(
    payout=("payoutNumerators(bytes32,uint256)", Views._payout),
    denominator=("payoutDenominator(bytes32)", Views._denominator),
)
_VIEWS: dict[str, Mapping[bytes, tuple[str, View]]] = {
    addresses.PUSD_TOKEN.lower(): _views(
        cash=("balanceOf(address)", Views._cash),
        allowance=("allowance(address,address)", Views._allowance),
        decimals=("decimals()", Views._decimals),
    ),
    addresses.CONDITIONAL_TOKENS.lower(): {**_TOKENS, **_CONDITIONS},
    addresses.NEG_RISK_ADAPTER.lower(): _TOKENS,
    addresses.POSITION_MANAGER.lower(): _TOKENS,
    addresses.DEPOSIT_FACTORY.lower(): _views(beacon=("BEACON()", Views._beacon)),
}
