"""Our signing against the venue's two official clients, for equal integer amounts, over every kind of order."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account as EthAccount
from eth_account.messages import encode_typed_data
from eth_keys.backends.coincurve import CoinCurveECCBackend
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from polymarket._internal.actions.orders.context import resolve_order_exchange_address
from polymarket._internal.actions.orders.orders import create_signed_order
from polymarket._internal.actions.orders.post import build_post_order_request
from polymarket._internal.actions.orders.typed_data import (
    _build_standard_typed_data,
    build_order_signature,
    build_order_typed_data,
)
from polymarket._internal.actions.orders.types import BYTES32_ZERO, UnsignedOrder
from polymarket._internal.protocol import is_v2_position_id
from polymarket._internal.wallet import wrap_deposit_wallet_signature
from polymarket.environments import PRODUCTION

from actors.messages import Draft, Signed
from actors.model.market import Side
from adapters.polymarket.eip712 import exchange_of
from adapters.polymarket.keys import Key, checksum_address
from adapters.polymarket.oracle import same_order
from adapters.polymarket.signing import Account, OrderSigner, Salts
from tests.adapters.polymarket.samples import ADDRESS, OTHER, OWNER, SECRET, draft, signer

KEYS = {secret: Key(secret) for secret in (SECRET, "0x" + "07" * 32)}
ETH = {secret: EthAccount.from_key(secret) for secret in KEYS}
TICKS = [1_000, 100, 50, 25, 10, 1]
Signing = tuple[str, Account, Draft, Signed]
# Two thousand orders for each client; nothing is shrunk or replayed, so that the cost is the clients' own.
EVERY_ORDER = settings(
    max_examples=2_000,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


class Fixed:
    """A generator of one number: the salt of the next order."""

    def __init__(self, salt: int) -> None:
        self.salt = salt

    def getrandbits(self, k: int, /) -> int:
        return self.salt % (1 << k)


@st.composite
def tokens(draw: st.DrawFn) -> str:
    """Ids of both kinds: hashes, and Protocol V2 positions (module, base hash, arity, zeros, chain, index, outcome)."""
    bits = draw(st.integers(2**104, 2**256 - 1))
    if draw(st.booleans()):
        return str(bits | 1 << 40)
    module, outcome = draw(st.sampled_from([1, 2, 3])), draw(st.sampled_from([0, 1]))
    return str(module << 248 | bits % 2**248 >> 104 << 104 | bits % 2**32 << 8 | outcome)


@st.composite
def orders(draw: st.DrawFn) -> Signing:
    """Any order the bot could sign, with the secret it was signed with."""
    secret, type_ = draw(st.sampled_from(list(KEYS))), draw(st.sampled_from(["GTC", "GTD", "FAK", "FOK"]))
    kind, tick = draw(st.sampled_from([0, 1, 2, 3])), draw(st.sampled_from(TICKS))
    wanted = Draft(
        token=draw(tokens()),
        neg_risk=draw(st.booleans()),
        side=draw(st.sampled_from(Side)),
        price=draw(st.integers(1, 10_000 // tick - 1)) * tick,
        size=draw(st.integers(1_000, 2_000_000)) * 10_000,
        type=type_,
        post_only=type_ in ("GTC", "GTD") and draw(st.booleans()),
        expires=draw(st.integers(1, 2**33)) if type_ == "GTD" else 0,
    )
    funder = checksum_address(draw(st.binary(min_size=20, max_size=20))) if kind else None
    account = Account.of(KEYS[secret], funder, kind)
    salts = Salts(Fixed(draw(st.integers(0, 2**53 - 1))))
    wall = draw(st.integers(1_600_000_000_000, 4_000_000_000_000)) / 1000
    ours = OrderSigner(account, OWNER, lambda: wall, salts)
    try:
        return secret, account, wanted, ours.sign(wanted)
    except ValueError:  # too cheap a budget for whole cents: give its size to a resting order instead
        assert type_ in ("FAK", "FOK")
        resting = Draft(wanted.token, wanted.neg_risk, wanted.side, wanted.price, wanted.size, post_only=False)
        return secret, account, resting, ours.sign(resting)


def compare_two_thousand(agrees: Callable[[Signing], None]) -> None:
    """Run `agrees` on at least 2,000 orders: each signature type on each exchange and side, and with each order type."""
    places: Counter[tuple[object, ...]] = Counter()
    types: Counter[tuple[object, ...]] = Counter()

    @EVERY_ORDER
    @given(orders())
    def each(signing: Signing) -> None:
        _, account, wanted, _ = signing
        exchange = exchange_of(int(wanted.token), wanted.neg_risk)
        places[account.signature_type, exchange.contract, wanted.side] += 1
        types[account.signature_type, wanted.type, wanted.post_only] += 1
        agrees(signing)

    each()
    assert places.total() >= 2_000
    assert len(places) == 4 * 3 * 2
    assert len(types) == 4 * 6  # GTC and GTD with and without post-only, FAK, FOK
    assert min(places.values()) > 5 < min(types.values())


@pytest.mark.slow
def test_py_clob_client_v2_makes_the_same_id_and_the_same_body_of_every_order() -> None:
    def agrees(signing: Signing) -> None:
        secret, account, wanted, signed = signing
        assert same_order(secret, account.funder, OWNER, wanted, signed) is None

    compare_two_thousand(agrees)


@pytest.mark.slow
def test_polymarket_client_makes_the_same_id_and_the_same_body_of_every_order() -> None:
    """It writes keys in alphabetical order and leaves a false postOnly out; everything else is equal to the byte."""

    def agrees(signing: Signing) -> None:
        secret, account, wanted, signed = signing
        body = json.loads(signed.body)
        if not wanted.post_only:
            assert body.pop("postOnly") is False
        unsigned = their_order(account, wanted, body["order"])
        assert their_id(unsigned) == signed.order_id
        theirs = create_signed_order(unsigned, their_signature(secret, unsigned), post_only=wanted.post_only)
        path, payload = build_post_order_request(theirs, owner_api_key=OWNER)
        assert path == "/order"
        assert compact(payload) == compact(body, sort_keys=True)

    compare_two_thousand(agrees)


def compact(value: object, **options: bool) -> str:
    return json.dumps(value, separators=(",", ":"), **options)  # type: ignore[arg-type]


def their_order(account: Account, wanted: Draft, ours: dict[str, Any]) -> UnsignedOrder:
    """What polymarket-client would sign; salt, amounts and time are ours, exchange, version and signer its own choice."""
    environment = PRODUCTION._config
    return UnsignedOrder(
        chain_id=environment.chain_id,
        builder=BYTES32_ZERO,
        exchange_address=resolve_order_exchange_address(environment, asset_id=wanted.token, neg_risk=wanted.neg_risk),
        expiration=wanted.expires,
        maker=account.funder,  # type: ignore[arg-type]  # a str with a nominal type
        maker_amount=int(ours["makerAmount"]),
        metadata=BYTES32_ZERO,
        order_type=wanted.type,  # type: ignore[arg-type]
        salt=ours["salt"],
        side=wanted.side.value,
        signature_type=account.signature_type,
        signer=account.funder if account.signature_type == 3 else account.key.address,  # type: ignore[arg-type]
        taker_amount=int(ours["takerAmount"]),
        timestamp=int(ours["timestamp"]),
        token_id=wanted.token,  # type: ignore[arg-type]
        protocol_version="3" if is_v2_position_id(wanted.token) else "2",
    )


def their_id(unsigned: UnsignedOrder) -> str:
    plain = _build_standard_typed_data(unsigned, protocol_version=unsigned.protocol_version)
    message = encode_typed_data(full_message=plain)
    return "0x" + keccak(b"\x19\x01" + message.header + message.body).hex()


def their_signature(secret: str, unsigned: UnsignedOrder) -> Any:  # noqa: ANN401 - a str with a nominal type
    plain = ETH[secret].sign_typed_data(full_message=build_order_typed_data(unsigned)).signature.hex()
    whole = build_order_signature(unsigned, "0x" + plain.removeprefix("0x"))
    return wrap_deposit_wallet_signature(signer=ETH[secret].address, signer_type="OWNER", signature=whole)


def test_the_oracle_signs_with_libsecp256k1_or_these_tests_would_take_minutes() -> None:
    assert isinstance(ETH[SECRET]._key_obj.backend, CoinCurveECCBackend)


@pytest.mark.parametrize(("kind", "funder"), [(0, ADDRESS), (1, OTHER), (2, OTHER), (3, OTHER)])
def test_the_oracle_notices_a_single_changed_byte_of_any_signature_type(kind: int, funder: str) -> None:
    plain = draft()
    ours = OrderSigner(Account.of(KEYS[SECRET], funder, kind), OWNER, lambda: 1.7e9, Salts(random.Random(1)))
    signed = ours.sign(plain)
    assert same_order(SECRET, funder, OWNER, plain, signed) is None
    at = signed.body.index(b'"signature":"') + 20
    for changed in (
        signed.body.replace(b'"deferExec":false', b'"deferExec":true'),
        signed.body[:at] + bytes([signed.body[at] ^ 1]) + signed.body[at + 1 :],
    ):
        difference = same_order(SECRET, funder, OWNER, plain, Signed(signed.order_id, changed))
        assert difference is not None
        assert difference.what == "body"


def test_the_oracle_notices_the_wrong_exchange() -> None:
    difference = same_order(SECRET, ADDRESS, OWNER, draft(neg_risk=True), signer().sign(draft()))
    assert difference is not None
    assert difference.what == "order id"
