from __future__ import annotations

import hashlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.market import Side
from adapters.polymarket.eip712 import EXCHANGE, EXCHANGE_V3, NEG_RISK_EXCHANGE, ORDER_TYPE, exchange_of, word
from adapters.polymarket.keys import Key
from adapters.polymarket.signing import Account, OrderSigner, Salts
from tests.adapters.polymarket.samples import ADDRESS, NOW, OTHER, OWNER, SECRET, TOKEN, draft, signer

SALT, STAMP = 479249096354, 1_700_000_000_000
V3_TOKEN = "663574927012476832975694178961957910328055987427402067619466963999000625152"


def test_the_722_byte_body_is_reproduced_to_the_byte() -> None:
    signed = signer().encode(draft(post_only=False), 5_000_000, 10_000_000, salt=SALT, stamp=STAMP)
    assert signed.order_id == "0x350af5940ac5f17255a782cd5da5e812ff9ef21f72cc9ec428433aa4061e8b7f"
    assert len(signed.body) == 722
    assert hashlib.sha256(signed.body).hexdigest() == "6789046888736453c2dbb79732720b9e3d6c24d76d424bf94109a19530bb651f"


@pytest.mark.parametrize(
    ("token", "neg_risk", "order_id", "signature"),
    [
        (
            TOKEN,
            True,
            "0x51abad210c41c967e642f79ef1e266f47fc8db62ae43fa5e10fb7c9de5b00a2a",
            "0x5cae521b4c51a723987792a45c09865af45e88d5b43033a47eb8e84c9a9517f31357dd9aa944153098b9108d1dcb593016578e923caa757ce9e406170da744711c",
        ),
        (
            V3_TOKEN,
            False,
            "0x1ef0746b8cd362fbd552acdeb0495e60cb15e9ae3052970191b0f02dbd9d064a",
            "0x1168628c40b6dc1cdd00b05c7e0c9ffe3fa584459219f3d0b2e4185980ce214a4461b5b0fee50d9a182b5f79692b529f4bfb491bf4147844571d988648ddc65e1c",
        ),
    ],
)
def test_each_exchange_has_its_own_signature(token: str, neg_risk: bool, order_id: str, signature: str) -> None:
    signed = signer().encode(
        draft(token=token, neg_risk=neg_risk, post_only=False), 5_000_000, 10_000_000, salt=SALT, stamp=STAMP
    )
    assert signed.order_id == order_id
    assert json.loads(signed.body)["order"]["signature"] == signature


def test_the_exchange_follows_from_the_token_id_and_the_markets_flag() -> None:
    assert exchange_of(int(TOKEN), False) is EXCHANGE
    assert exchange_of(int(TOKEN), True) is NEG_RISK_EXCHANGE
    assert exchange_of(int(V3_TOKEN), True) is EXCHANGE_V3


def test_a_funder_is_the_maker_and_the_key_stays_the_signer() -> None:
    proxy = OrderSigner(Account.of(Key(SECRET), OTHER.lower(), 2), OWNER, lambda: NOW, Salts(random.Random(1)))
    order = json.loads(proxy.sign(draft()).body)["order"]
    assert (order["maker"], order["signer"], order["signatureType"]) == (OTHER, ADDRESS, 2)


def test_a_deposit_wallet_signs_in_its_own_name_and_wraps_its_owners_signature() -> None:
    wallet = OrderSigner(Account.of(Key(SECRET), OTHER, 3), OWNER, lambda: NOW, Salts(random.Random(1)))
    signed = wallet.encode(draft(post_only=False), 5_000_000, 10_000_000, salt=SALT, stamp=STAMP)
    assert signed.order_id == "0xbf98debf03240b47ef2121f7542516b3e80b84f7e000459aa53cb9c9c510db1f"
    order = json.loads(signed.body)["order"]
    assert (order["maker"], order["signer"], order["signatureType"]) == (OTHER, OTHER, 3)
    signature = order["signature"]
    assert len(signature) == 636
    assert signature.startswith("0x938b9813dc9eb85b8f5fe3df870ee8851f926e54")
    assert bytes.fromhex(signature[2:])[129:] == ORDER_TYPE + b"\x00\xba"


@pytest.mark.parametrize(
    ("funder", "type_", "advice"),
    [
        (OTHER, 0, "leave the funder out"),
        (None, 1, "address of the proxy wallet"),
        (None, 2, "address of the Safe"),
        (None, 3, "address of the deposit wallet"),
        ("", 3, "address of the deposit wallet"),
        (ADDRESS, 1, "use signature type 0"),
        (ADDRESS.lower(), 3, "use signature type 0"),
        (OTHER, 4, "3 \\(deposit wallet\\)"),
        (OTHER, -1, "use 0 \\(EOA\\)"),
        (OTHER, "3", "does not exist"),
        (None, True, "does not exist"),
        ("0x12", 1, "40 hex digits"),
        (OTHER.replace("C", "c", 1), 3, "mistyped"),
    ],
)
def test_an_account_whose_parts_do_not_fit_is_refused_with_what_to_change(
    funder: str | None, type_: int, advice: str
) -> None:
    with pytest.raises(ValueError, match=advice):
        Account.of(Key(SECRET), funder, type_)


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_a_wallet_may_pay_on_every_exchange(kind: int) -> None:
    wallet = OrderSigner(Account.of(Key(SECRET), OTHER, kind), OWNER, lambda: NOW, Salts(random.Random(1)))
    ids = {
        wallet.encode(draft(token=token, neg_risk=neg_risk), 10, 20, salt=1, stamp=STAMP).order_id
        for token, neg_risk in ((TOKEN, False), (TOKEN, True), (V3_TOKEN, False), (V3_TOKEN, True))
    }
    assert len(ids) == 3  # ExchangeV3 is one exchange, neg-risk or not


@pytest.mark.parametrize("token", ["11", str(4 << 248), str((1 << 248) + 2), str(1 << 104)])
def test_an_id_that_only_looks_like_a_position_is_refused(token: str) -> None:
    """The official clients sign such ids for ExchangeV3 (polymarket.md §15)."""
    with pytest.raises(ValueError, match="copy the id from the market"):
        signer().sign(draft(token=token))


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "FAK"},  # post-only exists for resting orders only
        {"type": "FOK"},
        {"type": "GTD"},  # without an expiry
        {"expires": 1_800_000_000},  # GTC with one
        {"type": "IOC", "post_only": False},
        {"price": 0},
        {"price": 10_000},
        {"size": 0},
        {"token": "0"},
        {"token": ""},
        {"token": "-5"},
        {"token": "0" + TOKEN},
        {"token": "0x12"},
        {"token": "1" * 79},
        {"token": str(2**256)},
        {"token": "٣" * 40},
    ],
)
def test_what_the_venue_could_not_take_is_refused_before_signing(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        signer().sign(draft(**bad))


def test_a_gtd_order_carries_its_expiry_outside_the_hash() -> None:
    later = signer().encode(draft(type="GTD", expires=1_800_000_000), 10, 20, salt=1, stamp=STAMP)
    never = signer().encode(draft(), 10, 20, salt=1, stamp=STAMP)
    assert json.loads(later.body)["order"]["expiration"] == "1800000000"
    assert later.order_id == never.order_id


def test_the_signed_time_is_the_injected_clock_in_milliseconds() -> None:
    assert json.loads(signer().sign(draft()).body)["order"]["timestamp"] == "1700000000000"


def test_templates_are_bounded_and_forgetting_them_changes_nothing() -> None:
    one = signer()
    before = one.encode(draft(), 10, 20, salt=1, stamp=STAMP)
    for token in range(5_000):
        one.encode(draft(token=str(int(TOKEN) + token)), 10, 20, salt=1, stamp=STAMP)
    assert len(one._templates) <= 4_096
    assert one.encode(draft(), 10, 20, salt=1, stamp=STAMP) == before


class Stuttering:
    """A generator that says every number three times."""

    def __init__(self) -> None:
        self.calls = 0

    def getrandbits(self, k: int, /) -> int:
        self.calls += 1
        return (self.calls // 3) % (1 << k)


def test_a_salt_is_never_used_twice_even_when_the_generator_repeats_itself() -> None:
    salts = Salts(Stuttering())
    drawn = [salts.draw() for _ in range(1_000)]
    assert len(set(drawn)) == 1_000


def test_salts_have_53_bits_so_that_a_json_number_holds_them() -> None:
    salts = Salts(random.Random(3))
    drawn = [salts.draw() for _ in range(2_000)]
    assert 2**52 < max(drawn) < 2**53


def test_the_memory_of_salts_is_bounded() -> None:
    salts = Salts(random.Random(3))
    for _ in range(120_000):
        salts.draw()
    assert len(salts._recent) + len(salts._older) <= 100_000


@given(price=st.integers(1, 9_999), size=st.integers(10_000, 10**13), side=st.sampled_from(Side))
def test_every_body_is_compact_json_that_says_what_was_signed(price: int, size: int, side: Side) -> None:
    signed = signer().sign(draft(price=price, size=size, side=side))
    body = json.loads(signed.body)
    assert json.dumps(body, separators=(",", ":")).encode() == signed.body
    shares = body["order"]["takerAmount" if side is Side.BUY else "makerAmount"]
    assert int(shares) == size // 10_000 * 10_000
    assert (body["owner"], body["postOnly"], body["orderType"]) == (OWNER, True, "GTC")


def test_a_word_is_a_uint256_and_nothing_else() -> None:
    assert word(1) == bytes(31) + b"\x01"
    for bad in (-1, 2**256):
        with pytest.raises(OverflowError):
            word(bad)


def test_a_buy_on_the_coarsest_tick_takes_three_decimals_as_the_official_clients_do() -> None:
    signed = signer().sign(draft(type="FAK", post_only=False, price=7_000, size=14_290_000, tick=1_000))
    assert json.loads(signed.body)["order"]["takerAmount"] == "14285000"  # four decimals would be 14.2857
