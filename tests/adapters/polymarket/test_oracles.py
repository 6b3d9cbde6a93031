"""Our signing against the venue's two official clients, for equal integer amounts."""

from __future__ import annotations

import json
import random

from eth_account import Account as EthAccount
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st
from polymarket._internal.actions.orders.post import build_post_order_request
from polymarket._internal.actions.orders.typed_data import build_order_typed_data
from polymarket._internal.actions.orders.types import BYTES32_ZERO, UnsignedOrder
from polymarket.models.clob.orders import SignedOrder

from actors.messages import Draft, Signed
from actors.model.market import Side
from adapters.polymarket.eip712 import exchange_of
from adapters.polymarket.keys import Key
from adapters.polymarket.oracle import same_order
from adapters.polymarket.signing import Account, OrderSigner, Salts
from tests.adapters.polymarket.samples import ADDRESS, OWNER, SECRET, draft, signer

KEYS = [SECRET, "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"]


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Any order the bot could place, V3 position ids included (their low bits are cleared)."""
    token = draw(st.integers(1, 2**256 - 1))
    type_ = draw(st.sampled_from(["GTC", "GTD", "FAK", "FOK"]))
    return Draft(
        token=str((token & ~(((1 << 64) - 1) << 40)) or 1 if draw(st.booleans()) else token),
        neg_risk=draw(st.booleans()),
        side=draw(st.sampled_from(Side)),
        price=draw(st.integers(1, 9_999)),
        size=draw(st.integers(5_000_000, 20_000_000_000)),
        type=type_,
        post_only=draw(st.booleans()) if type_ in ("GTC", "GTD") else False,
        expires=draw(st.integers(1, 2**33)) if type_ == "GTD" else 0,
    )


@settings(max_examples=400, deadline=None)
@given(draft=drafts(), secret=st.sampled_from(KEYS), wall=st.floats(1.6e9, 4e9), seed=st.integers(0, 99))
def test_every_order_is_byte_identical_to_both_official_clients(
    draft: Draft, secret: str, wall: float, seed: int
) -> None:
    key = Key(secret)
    try:
        signed = OrderSigner(Account.of(key), OWNER, lambda: wall, Salts(random.Random(seed))).sign(draft)
    except ValueError:
        assert draft.type in ("FAK", "FOK")  # amounts too small for cents; every resting order signs
        return
    assert same_order(secret, key.address, OWNER, draft, signed) is None
    _assert_successor_agrees(secret, draft, signed)


def _assert_successor_agrees(secret: str, draft: Draft, signed: Signed) -> None:
    """polymarket-client writes keys in another order and omits a false postOnly; everything else is equal."""
    body = json.loads(signed.body)
    ours = body["order"]
    exchange = exchange_of(int(draft.token), draft.neg_risk)
    common = {
        "maker": ours["maker"], "signer": ours["signer"], "salt": ours["salt"], "side": ours["side"],
        "maker_amount": int(ours["makerAmount"]), "taker_amount": int(ours["takerAmount"]),
        "timestamp": int(ours["timestamp"]), "expiration": int(ours["expiration"]), "order_type": draft.type,
        "signature_type": 0, "token_id": draft.token, "builder": BYTES32_ZERO, "metadata": BYTES32_ZERO,
    }  # fmt: skip
    unsigned = UnsignedOrder(
        chain_id=137,
        exchange_address=exchange.contract,  # type: ignore[arg-type]  # a str with a nominal type
        protocol_version=exchange.version,  # type: ignore[arg-type]
        **common,
    )
    signature = EthAccount.sign_message(encode_typed_data(full_message=build_order_typed_data(unsigned)), secret)
    assert ours["signature"] == "0x" + signature.signature.hex().removeprefix("0x")
    order = SignedOrder(signature=ours["signature"], post_only=draft.post_only, **common)
    path, payload = build_post_order_request(order, owner_api_key=OWNER)
    assert path == "/order"
    assert payload | {"postOnly": draft.post_only} == body


def test_the_oracle_notices_a_single_changed_byte() -> None:
    plain = draft()
    signed = signer().sign(plain)
    broken = Signed(signed.order_id, signed.body.replace(b'"deferExec":false', b'"deferExec":true'))
    difference = same_order(SECRET, ADDRESS, OWNER, plain, broken)
    assert difference is not None
    assert difference.what == "body"
    wrong_exchange = same_order(SECRET, ADDRESS, OWNER, draft(neg_risk=True), signed)
    assert wrong_exchange is not None
    assert wrong_exchange.what == "order id"
