"""What the venue's contracts do when a wallet calls them: calldata in, one step on the chain out. Signs nothing.

Only what a trader's wallet sends is known (polymarket.md §13); any other call reverts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import define, frozen

from adapters.emulator import abi, addresses
from adapters.emulator.accounts import UNLIMITED, Account
from adapters.emulator.chain import Chain, Reverted
from adapters.emulator.listings import Listing, Listings
from adapters.emulator.wire_gamma import neg_risk_id

_HALVES = [1, 2]  # index sets of YES and NO
_SPLIT = "splitPosition(address,bytes32,bytes32,uint256[],uint256)"
_MERGE = "mergePositions(address,bytes32,bytes32,uint256[],uint256)"
_REDEEM = "redeemPositions(address,bytes32,bytes32,uint256[])"
_ADAPTERS = {
    addresses.COLLATERAL_ADAPTER.lower(): False,
    addresses.NEG_RISK_COLLATERAL_ADAPTER.lower(): True,
}


@frozen
class Call:
    """One call that a wallet makes; `value` is in POL's base units."""

    to: str
    data: bytes
    value: int = 0


@define(eq=False)
class Contracts:
    """Runs calls on `chain`; `account` is always the wallet that calls."""

    chain: Chain
    listings: Listings

    def run(self, account: Account, call: Call) -> str:
        """The hash of the step on the chain. Raises Reverted."""
        functions = _FUNCTIONS.get(call.to.lower(), {})
        entry = functions.get(call.data[:4])
        if call.value or entry is None:
            raise Reverted("unknown function" if functions else "call to a contract that is not here")
        signature, act = entry
        try:
            given = abi.arguments(signature, call.data[4:])
        except ValueError as problem:
            raise Reverted(f"bad calldata: {problem}") from problem
        return act(self, account, call.to.lower(), *given)

    def _approve(self, account: Account, token: str, spender: str, amount: int) -> str:
        return self.chain.approve(account, spender, amount)

    def _transfer(self, account: Account, token: str, recipient: str, amount: int) -> str:
        return self.chain.transfer(account, recipient, amount)

    def _operate(self, account: Account, token: str, operator: str, approved: bool) -> str:
        return self.chain.approve_shares(account, operator, approved)

    def _split(
        self,
        account: Account,
        adapter: str,
        collateral: str,
        parent: bytes,
        condition: bytes,
        sets: list[int],
        amount: int,
    ) -> str:
        listing = self._binary(adapter, collateral, parent, condition, sets)
        return self._spent(account, adapter, listing, amount)

    def _merge(
        self,
        account: Account,
        adapter: str,
        collateral: str,
        parent: bytes,
        condition: bytes,
        sets: list[int],
        amount: int,
    ) -> str:
        listing = self._binary(adapter, collateral, parent, condition, sets)
        _operates(account, adapter)
        return self.chain.merge(account, listing, amount)

    def _redeem(
        self, account: Account, adapter: str, collateral: str, parent: bytes, condition: bytes, sets: list[int]
    ) -> str:
        listing = self._binary(adapter, collateral, parent, condition, sets)
        _operates(account, adapter)
        return self.chain.redeem(account, listing)

    def _convert(self, account: Account, adapter: str, market: bytes, index_set: int, amount: int) -> str:
        """NO shares of the markets in `index_set` (bit n: the event's n-th market) become cash and other YES shares."""
        _operates(account, adapter)
        named = (one for one in self.listings.all if one.market.neg_risk and neg_risk_id(one) == "0x" + market.hex())
        first = next(named, None)
        group = self.listings.siblings(first) if first else []
        members = [listing for number, listing in enumerate(group) if index_set >> number & 1]
        if not members or index_set >> len(group):
            raise Reverted("invalid index set")
        return self.chain.convert(account, members, amount)

    def _router_split(self, account: Account, router: str, condition: bytes, amount: int) -> str:
        listing = self._protocol_v2(condition)
        return self._spent(account, router, listing, amount)

    def _router_merge(self, account: Account, router: str, condition: bytes, amount: int) -> str:
        listing = self._protocol_v2(condition)
        _operates(account, router)
        return self.chain.merge(account, listing, amount)

    def _router_redeem(self, account: Account, router: str, condition: bytes, outcome: int, amount: int) -> str:
        listing = self._protocol_v2(condition)
        _operates(account, router)
        if outcome > 1:
            raise Reverted("invalid outcome")
        return self.chain.redeem(account, listing, {listing.market.tokens[outcome]: amount})

    def _spent(self, account: Account, contract: str, listing: Listing, amount: int) -> str:
        """Split by a contract that takes the pUSD: a limited allowance shrinks."""
        allowed = account.allowance(contract)
        if allowed < amount:
            raise Reverted("ERC20: insufficient allowance")
        transaction = self.chain.split(account, listing, amount)
        if allowed != UNLIMITED:
            account.allowances[contract] = allowed - amount
        return transaction

    def _binary(self, adapter: str, collateral: str, parent: bytes, condition: bytes, sets: list[int]) -> Listing:
        """The market of a condition that this adapter serves."""
        listing = self.listings.by_condition.get("0x" + condition.hex())
        if collateral.lower() != addresses.PUSD_TOKEN.lower() or any(parent) or sets != _HALVES:
            raise Reverted("only whole pUSD positions are split, merged and redeemed")
        if listing is None or listing.version != "v1":
            raise Reverted("condition not prepared yet")
        if listing.market.neg_risk != _ADAPTERS[adapter]:
            raise Reverted("condition belongs to the other collateral adapter")
        return listing

    def _protocol_v2(self, condition: bytes) -> Listing:
        """A condition of 31 bytes; the CLOB shows it padded with a zero byte (polymarket.md §0.2)."""
        listing = self.listings.by_condition.get("0x" + condition.hex() + "00")
        if listing is None or listing.version != "v2":
            raise Reverted("condition not prepared yet")
        return listing


def _operates(account: Account, contract: str) -> None:
    if not account.operated_by(contract):
        raise Reverted("ERC1155: need operator approval for 3rd party transfers")


Act = Callable[..., str]


def _functions(**acts: tuple[str, Act]) -> Mapping[bytes, tuple[str, Act]]:
    return {abi.selector(signature): (signature, act) for signature, act in acts.values()}


_CTF_ADAPTER = _functions(
    split=(_SPLIT, Contracts._split), merge=(_MERGE, Contracts._merge), redeem=(_REDEEM, Contracts._redeem)
)
_SHARES = _functions(operate=("setApprovalForAll(address,bool)", Contracts._operate))
_FUNCTIONS: dict[str, Mapping[bytes, tuple[str, Act]]] = {
    addresses.PUSD_TOKEN.lower(): _functions(
        approve=("approve(address,uint256)", Contracts._approve),
        transfer=("transfer(address,uint256)", Contracts._transfer),
    ),
    addresses.CONDITIONAL_TOKENS.lower(): _SHARES,
    addresses.POSITION_MANAGER.lower(): _SHARES,
    addresses.COLLATERAL_ADAPTER.lower(): _CTF_ADAPTER,
    addresses.NEG_RISK_COLLATERAL_ADAPTER.lower(): {
        **_CTF_ADAPTER,
        **_functions(convert=("convertPositions(bytes32,uint256,uint256)", Contracts._convert)),
    },
    addresses.ROUTER.lower(): _functions(
        split=("split(bytes31,uint256)", Contracts._router_split),
        merge=("merge(bytes31,uint256)", Contracts._router_merge),
        redeem=("redeem(bytes31,uint256,uint256)", Contracts._router_redeem),
    ),
}
