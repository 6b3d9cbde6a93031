"""What a wallet has to call on the chain to merge, split, redeem and approve: contracts and calldata. Signs and sends nothing.

Sources: polymarket.md §3.2 (contracts), §13 (functions); polymarket-client writes the same bytes.
"""

from __future__ import annotations

from attrs import frozen

from actors.model.conversion import Conversion, Kind
from actors.model.market import Market
from adapters.polymarket.eip712 import address_word, is_position_id, token_number, word
from adapters.polymarket.keys import keccak, parse_address

PUSD_TOKEN = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
CONDITIONAL_TOKENS = "0x4D97DCd97eC945f40cF65F87097ACe5EA0476045"
POSITION_MANAGER = "0x006F54F7f9A22e0000CC2AB60031000000ae9fEF"
COLLATERAL_ADAPTER = "0xAdA100Db00Ca00073811820692005400218FcE1f"
NEG_RISK_COLLATERAL_ADAPTER = "0xadA2005600Dec949baf300f4C6120000bDB6eAab"
ROUTER = "0x12121212006e4CD160D18e3f00711DA5c3372600"

_ANY_AMOUNT = 2**256 - 1  # what the venue's own set-up approves: no amount of trading uses it up
_NO_PARENT = bytes(32)
_FUNCTIONS = {
    Kind.SPLIT: ("splitPosition(address,bytes32,bytes32,uint256[],uint256)", "split(bytes31,uint256)"),
    Kind.MERGE: ("mergePositions(address,bytes32,bytes32,uint256[],uint256)", "merge(bytes31,uint256)"),
    Kind.REDEEM: ("redeemPositions(address,bytes32,bytes32,uint256[])", "redeem(bytes31,uint256,uint256)"),
}


@frozen
class Call:
    """One call of a contract; it carries no POL."""

    to: str
    data: bytes

    def __str__(self) -> str:
        return f"to {self.to} data 0x{self.data.hex()}"


@frozen
class Approval:
    """That `spender` may take any amount of the wallet's pUSD, or move its shares in the `token` contract."""

    token: str
    spender: str

    @property
    def function(self) -> str:
        """As a person would call it on the token's contract."""
        return f"approve({self.spender}, AMOUNT)" if self._money else f"setApprovalForAll({self.spender}, true)"

    @property
    def call(self) -> Call:
        name, value = (
            ("approve(address,uint256)", _ANY_AMOUNT) if self._money else ("setApprovalForAll(address,bool)", 1)
        )
        return Call(self.token, _selector(name) + address_word(parse_address(self.spender)) + word(value))

    @property
    def may(self) -> str:
        """What it allows, in words."""
        return "take any amount of pUSD" if self._money else "move outcome tokens"

    @property
    def _money(self) -> bool:
        return self.token == PUSD_TOKEN


def shares_contract(token: str) -> str:
    """The contract that keeps the shares of a token."""
    return POSITION_MANAGER if is_position_id(token_number(token)) else CONDITIONAL_TOKENS


def converter(market: Market) -> str:
    """The contract that merges, splits and redeems the shares of a market."""
    if is_position_id(token_number(market.yes)):
        return ROUTER
    return NEG_RISK_COLLATERAL_ADAPTER if market.neg_risk else COLLATERAL_ADAPTER


def calls_of(conversion: Conversion, market: Market) -> tuple[Call, ...]:
    """The calls that carry out a conversion; all of them or none is to happen. Raises ValueError for odd ids.

    Redeeming takes the wallet's whole balance of the condition in V1 and V2; Protocol V2 is told how much of each.
    """
    condition, to = _condition(market.condition_id), converter(market)
    older, newer = _FUNCTIONS[conversion.kind]
    if to != ROUTER:
        return (Call(to, _selector(older) + _position(condition, conversion)),)
    if conversion.kind is not Kind.REDEEM:
        return (Call(to, _selector(newer) + _bytes31(condition) + word(abs(conversion.yes))),)
    given = ((index, -change) for index, change in enumerate((conversion.yes, conversion.no)))
    return tuple(
        Call(to, _selector(newer) + _bytes31(condition) + word(index) + word(size)) for index, size in given if size
    )


def calls_text(conversion: Conversion, market: Market) -> tuple[str, ...]:
    """The same, a line each, for whoever sends them by hand."""
    return tuple(str(call) for call in calls_of(conversion, market))


def _position(condition: bytes, conversion: Conversion) -> bytes:
    """Collateral, no parent, condition, both index sets, and the amount unless it is redeemed."""
    amount = b"" if conversion.kind is Kind.REDEEM else word(abs(conversion.yes))
    heads = 4 if conversion.kind is Kind.REDEEM else 5
    collateral = address_word(parse_address(PUSD_TOKEN))
    return collateral + _NO_PARENT + condition + word(heads * 32) + amount + word(2) + word(1) + word(2)


def _condition(condition_id: str) -> bytes:
    raw = bytes.fromhex(condition_id.removeprefix("0x"))
    if len(raw) != 32:
        raise ValueError(f"{condition_id[:80]!r} is not a condition id: 0x and 64 hex digits are expected")
    return raw


def _bytes31(condition: bytes) -> bytes:
    """A Protocol V2 condition in its word: 31 bytes from the left, as its padded form has them."""
    return condition[:31] + b"\0"


def _selector(function: str) -> bytes:
    return keccak(function.encode())[:4]
