"""The emulator's own EIP-712 and HMAC code against the vectors of the wire reference (§2.4, §3.6)."""

from __future__ import annotations

import hashlib
import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from polymarket._internal.protocol import is_v2_position_id
from py_clob_client_v2.order_utils.exchange_order_builder_v2 import ExchangeOrderBuilderV2
from py_clob_client_v2.order_utils.model.order_data_v2 import OrderDataV2
from py_clob_client_v2.order_utils.model.side import Side as SdkSide
from py_clob_client_v2.order_utils.model.signature_type_v2 import SignatureTypeV2
from py_clob_client_v2.signer import Signer

from actors.model.market import Side
from adapters.emulator import signatures
from adapters.emulator.accounts import FUNDED
from adapters.emulator.http import Request
from adapters.emulator.keys import mac
from adapters.emulator.refusal import Refused
from adapters.emulator.signed_order import SignedOrder, parse

ADDRESS = FUNDED[0].address
SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ="
BODY = (
    '{"order":{"salt":479249096354,"maker":"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266","signer":"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",'
    '"tokenId":"1234567890123456789012345678901234567890","makerAmount":"5000000","takerAmount":"10000000","side":"BUY","expiration":"0",'
    '"signatureType":0,"timestamp":"1700000000000","metadata":"0x0000000000000000000000000000000000000000000000000000000000000000",'
    '"builder":"0x0000000000000000000000000000000000000000000000000000000000000000",'
    '"signature":"0xcddf835fe8a513d46f85ddb159611f10dd09d5cb6c0bb3bce871a705dd1975152a168616dc561654f38b75d6c10118925f890403a01b57ed48bcb454f29f1aec1b"},'
    '"owner":"00000000-0000-0000-0000-000000000001","orderType":"GTC","deferExec":false,"postOnly":false}'
)
ORDER = SignedOrder(
    salt=479249096354,
    maker=ADDRESS,
    signer=ADDRESS,
    token="1234567890123456789012345678901234567890",
    maker_amount=5_000_000,
    taker_amount=10_000_000,
    side=Side.BUY,
    expiration=0,
    signature_type=0,
    timestamp=1_700_000_000_000,
    metadata="0x" + "00" * 32,
    builder="0x" + "00" * 32,
    signature="",
    owner="",
    life="GTC",
    post_only=False,
)
V3_TOKEN = "663574927012476832975694178961957910328055987427402067619466963999000625152"
DEPOSIT_WALLET = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


@pytest.mark.parametrize(
    ("order", "version", "contract", "order_id", "signature"),
    [
        (
            ORDER,
            "2",
            signatures.EXCHANGE,
            "0x350af5940ac5f17255a782cd5da5e812ff9ef21f72cc9ec428433aa4061e8b7f",
            "0xcddf835fe8a513d46f85ddb159611f10dd09d5cb6c0bb3bce871a705dd1975152a168616dc561654f38b75d6c10118925f890403a01b57ed48bcb454f29f1aec1b",
        ),
        (
            ORDER,
            "2",
            signatures.NEG_RISK_EXCHANGE,
            "0x51abad210c41c967e642f79ef1e266f47fc8db62ae43fa5e10fb7c9de5b00a2a",
            "0x5cae521b4c51a723987792a45c09865af45e88d5b43033a47eb8e84c9a9517f31357dd9aa944153098b9108d1dcb593016578e923caa757ce9e406170da744711c",
        ),
        (
            evolve(ORDER, token=V3_TOKEN),
            "3",
            signatures.EXCHANGE_V3,
            "0x1ef0746b8cd362fbd552acdeb0495e60cb15e9ae3052970191b0f02dbd9d064a",
            "0x1168628c40b6dc1cdd00b05c7e0c9ffe3fa584459219f3d0b2e4185980ce214a4461b5b0fee50d9a182b5f79692b529f4bfb491bf4147844571d988648ddc65e1c",
        ),
        (
            evolve(ORDER, maker=DEPOSIT_WALLET, signer=DEPOSIT_WALLET, signature_type=3),
            "2",
            signatures.EXCHANGE,
            "0xbf98debf03240b47ef2121f7542516b3e80b84f7e000459aa53cb9c9c510db1f",
            None,
        ),
    ],
    ids=["exchange", "neg-risk", "domain 3", "deposit wallet id"],
)
def test_order_ids_and_signers_equal_the_reference(
    order: SignedOrder, version: str, contract: str, order_id: str, signature: str | None
) -> None:
    digest = signatures.order_digest(order, signatures.order_domain(version, contract))
    assert "0x" + digest.hex() == order_id
    if signature is not None:
        assert signatures.signer_of(digest, signature) == ADDRESS.lower()


def test_the_wrapped_signature_of_the_reference_belongs_to_the_wallets_owner() -> None:
    builder = ExchangeOrderBuilderV2(
        signatures.EXCHANGE, 137, Signer(FUNDED[0].private_key, 137), lambda: str(ORDER.salt)
    )
    signature = builder.build_signed_order(
        OrderDataV2(
            maker=DEPOSIT_WALLET,
            tokenId=ORDER.token,
            makerAmount=str(ORDER.maker_amount),
            takerAmount=str(ORDER.taker_amount),
            side=SdkSide.BUY,
            signer=DEPOSIT_WALLET,
            signatureType=SignatureTypeV2.POLY_1271,
            timestamp=str(ORDER.timestamp),
        )
    ).signature
    assert (len(signature), signature[-4:]) == (636, "00ba")
    assert signature.startswith("0x938b9813dc9eb85b8f5fe3df870ee8851f926e54")
    wrapped = evolve(ORDER, maker=DEPOSIT_WALLET, signer=DEPOSIT_WALLET, signature_type=3, signature=signature)
    assert signatures.owner_of(wrapped, signatures.order_domain("2", signatures.EXCHANGE)) == ADDRESS.lower()
    assert signatures.owner_of(wrapped, signatures.order_domain("2", signatures.NEG_RISK_EXCHANGE)) is None
    assert signatures.owner_of(wrapped, signatures.order_domain("3", signatures.EXCHANGE_V3)) is None


@pytest.mark.parametrize(
    ("token", "neg_risk", "exchange"),
    [
        (ORDER.token, False, ("2", signatures.EXCHANGE)),
        (ORDER.token, True, ("2", signatures.NEG_RISK_EXCHANGE)),
        (V3_TOKEN, False, ("3", signatures.EXCHANGE_V3)),
        (V3_TOKEN, True, ("3", signatures.EXCHANGE_V3)),
        (str(1 << 40 | 1), False, ("2", signatures.EXCHANGE)),
        (str(1 << 103 | 1), False, ("2", signatures.EXCHANGE)),
        (str(1 << 104 | 1), False, ("3", signatures.EXCHANGE_V3)),
    ],
)
def test_a_position_id_is_traded_on_exchange_v3_and_a_token_by_its_market(
    token: str, neg_risk: bool, exchange: tuple[str, str]
) -> None:
    assert signatures.exchange_of(int(token), neg_risk) == exchange
    assert is_v2_position_id(token) == (exchange[0] == "3")


def test_the_login_signature_of_the_reference_is_recognised() -> None:
    signature = "0x659ed4b28ae28e0f038fdf0023c00863c9559caacb9ebc83f44eea87059a099a36f1e1dee110e7faa1c4f65d17489b2da1333ebef78bbe2116d81207b975052d1c"
    assert signatures.signer_of(signatures.login_digest(ADDRESS, "1700000000", 0), signature) == ADDRESS.lower()
    assert signatures.signer_of(signatures.login_digest(ADDRESS, "1700000001", 0), signature) != ADDRESS.lower()


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/data/orders", "", "DbAmRpEdOaUInDP7_3VWQ_cwc_qbdXdteq6TRxrunK4="),
        ("DELETE", "/order", '{"orderID":"0xabc"}', "SFrMsWJgBXBstYFZEH2AAYJ8fPEuBL6putG9BGOYzZk="),
        ("POST", "/order", BODY, "bv940yYYtaQmDH7Di2jrEjxnIiUPFr-xYmG0PjxsRyY="),
    ],
)
def test_the_hmac_equals_the_reference(method: str, path: str, body: str, expected: str) -> None:
    assert mac(SECRET, "1700000000", Request(method, path, {}, {}, body.encode())).decode() == expected


def test_the_vector_body_is_the_referenced_one() -> None:
    expected = "6789046888736453c2dbb79732720b9e3d6c24d76d424bf94109a19530bb651f"
    assert hashlib.sha256(BODY.encode()).hexdigest() == expected


def test_the_body_of_the_reference_is_read_whole_and_every_field_must_have_its_type() -> None:
    body = json.loads(BODY)
    assert parse(body) == evolve(ORDER, signature=body["order"]["signature"], owner=body["owner"])
    for changed in (
        {"deferExec": "no"},
        {"deferExec": None},
        {"deferExec": 0},
        {"deferExec": True},
        {"postOnly": 1},
        {"orderType": "IOC"},
        {"order": body["order"] | {"salt": str(ORDER.salt)}},
        {"order": body["order"] | {"signatureType": 4}},
        {"order": body["order"] | {"signatureType": "0"}},
        {"order": body["order"] | {"makerAmount": 5_000_000}},
        {"order": body["order"] | {"signature": body["order"]["signature"][:-1]}},
    ):
        with pytest.raises(Refused, match="Invalid order payload"):
            parse(body | changed)


@pytest.mark.parametrize("signature", ["0x", "0x" + "00" * 65, "0x" + "ff" * 64 + "1b", "0x" + "11" * 64 + "02", "zz"])
def test_a_broken_signature_has_no_signer(signature: str) -> None:
    assert signatures.signer_of(bytes(32), signature) is None


@pytest.mark.parametrize("wallet", FUNDED)
def test_checksums_are_those_of_the_wallets(wallet: object) -> None:
    address = wallet.address  # type: ignore[attr-defined]
    assert signatures.checksum(address.lower()) == address


@given(
    salt=st.integers(0, 2**53 - 1),
    token=st.integers(1, 2**256 - 1),
    amounts=st.tuples(st.integers(1, 10**15), st.integers(1, 10**15)),
    sell=st.booleans(),
)
def test_every_order_of_the_official_client_is_verified(
    salt: int, token: int, amounts: tuple[int, int], sell: bool
) -> None:
    signer = Signer(FUNDED[0].private_key, 137)
    builder = ExchangeOrderBuilderV2(signatures.EXCHANGE, 137, signer, lambda: str(salt))
    signed = builder.build_signed_order(
        OrderDataV2(
            maker=ADDRESS,
            tokenId=str(token),
            makerAmount=str(amounts[0]),
            takerAmount=str(amounts[1]),
            side=SdkSide.SELL if sell else SdkSide.BUY,
            timestamp="1700000000000",
        )
    )
    ours = evolve(
        ORDER,
        salt=salt,
        token=str(token),
        maker_amount=amounts[0],
        taker_amount=amounts[1],
        side=Side.SELL if sell else Side.BUY,
    )
    digest = signatures.order_digest(ours, signatures.order_domain("2", signatures.EXCHANGE))
    assert signatures.signer_of(digest, signed.signature) == ADDRESS.lower()
    other = signatures.order_digest(evolve(ours, salt=salt + 1), signatures.order_domain("2", signatures.EXCHANGE))
    assert signatures.signer_of(other, signed.signature) != ADDRESS.lower()
