"""The order in the body of `POST /order`: its fields, strictly read. Judges shapes only, never money or signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from attrs import frozen

from actors.model.market import Side
from actors.model.numbers import PRICE_ONE
from adapters.emulator.refusal import Refused
from adapters.matching import Life

_TOKEN = re.compile(r"(0|[1-9][0-9]{0,77})", re.ASCII)
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,29})", re.ASCII)
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_BYTES32 = re.compile(r"0x[0-9a-fA-F]{64}", re.ASCII)
_SIGNATURE = re.compile(r"0x([0-9a-fA-F]{2}){65,2048}", re.ASCII)
_LIVES = ("GTC", "GTD", "FOK", "FAK")
_V1_ONLY = ("nonce", "feeRateBps", "taker")


@frozen
class SignedOrder:
    """polymarket.md §3.6; amounts in base units, `timestamp` in ms, `expiration` in s."""

    salt: int
    maker: str
    signer: str
    token: str
    maker_amount: int
    taker_amount: int
    side: Side
    expiration: int
    signature_type: int
    timestamp: int
    metadata: str
    builder: str
    signature: str
    owner: str
    life: Life
    post_only: bool

    @property
    def shares(self) -> int:
        return self.taker_amount if self.side is Side.BUY else self.maker_amount

    @property
    def cash(self) -> int:
        return self.maker_amount if self.side is Side.BUY else self.taker_amount

    @property
    def exact_price(self) -> int | None:
        """The price in price units if the amounts are a whole number of them."""
        price, rest = divmod(self.cash * PRICE_ONE, self.shares)
        return None if rest else price


def parse(body: object) -> SignedOrder:
    """Raises Refused: 400 for anything but the shape of §3.6, with the version's own text for a V1 order."""
    if not isinstance(body, Mapping) or not isinstance(body.get("order"), Mapping):
        raise _bad()
    order = body["order"]
    if any(key in order for key in _V1_ONLY) and "timestamp" not in order:
        raise Refused(400, "order_version_mismatch")
    life, post_only = body.get("orderType"), body.get("postOnly", False)
    if life not in _LIVES or not isinstance(post_only, bool) or (post_only and life in ("FOK", "FAK")):
        raise _bad()
    if body.get("deferExec", False) is not False:  # what `true` does is documented nowhere: not there (§3.6)
        raise _bad()
    parsed = SignedOrder(
        salt=_whole(order, "salt"),
        maker=_text(order, "maker", _ADDRESS),
        signer=_text(order, "signer", _ADDRESS),
        token=_text(order, "tokenId", _TOKEN),
        maker_amount=int(_text(order, "makerAmount", _AMOUNT)),
        taker_amount=int(_text(order, "takerAmount", _AMOUNT)),
        side=_side(order),
        expiration=int(_text(order, "expiration", _AMOUNT)),
        signature_type=_whole(order, "signatureType"),
        timestamp=int(_text(order, "timestamp", _AMOUNT)),
        metadata=_text(order, "metadata", _BYTES32),
        builder=_text(order, "builder", _BYTES32),
        signature=_text(order, "signature", _SIGNATURE),
        owner=_owner(body),
        life=cast(Life, life),
        post_only=post_only,
    )
    if not parsed.maker_amount or not parsed.taker_amount or parsed.signature_type > 3:
        raise _bad()
    return parsed


def _bad() -> Refused:
    return Refused(400, "Invalid order payload")


def _whole(order: Mapping[str, object], key: str) -> int:
    value = order.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0 or value >= 2**256:
        raise _bad()
    return value


def _text(order: Mapping[str, object], key: str, shape: re.Pattern[str]) -> str:
    value = order.get(key)
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise _bad()
    return value


def _side(order: Mapping[str, object]) -> Side:
    if order.get("side") not in ("BUY", "SELL"):
        raise _bad()
    return Side(order["side"])


def _owner(body: Mapping[str, object]) -> str:
    owner = body.get("owner")
    if not isinstance(owner, str) or not owner:
        raise _bad()
    return owner
