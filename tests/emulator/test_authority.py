"""Who may place an order: every signature type on every exchange, signed by the official library and then tampered with."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from py_clob_client_v2.order_utils.exchange_order_builder_v2 import ExchangeOrderBuilderV2
from py_clob_client_v2.order_utils.model.order_data_v2 import OrderDataV2, order_to_json_v2
from py_clob_client_v2.order_utils.model.side import Side as SdkSide
from py_clob_client_v2.signer import Signer

from actors.model.market import Market
from actors.model.numbers import Price, Size
from adapters.emulator import signatures, wallets
from adapters.emulator.accounts import FUNDED
from adapters.emulator.authority import authorise
from adapters.emulator.keys import Credential
from adapters.emulator.refusal import Refused
from adapters.emulator.signed_order import SignedOrder, parse
from tests.depth import examples

MINE, OTHER = (Signer(wallet.private_key, 137) for wallet in FUNDED)
OWNED, OTHERS = (wallets.of(wallet.address) for wallet in FUNDED)
KEY = Credential("00000000-0000-0000-0000-000000000001", "", "", OWNED.eoa, 0)
V1_TOKEN = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
V3_TOKEN = "663574927012476832975694178961957910328055987427402067619466963999000625152"
EXCHANGE, NEG_RISK = ("2", signatures.EXCHANGE), ("2", signatures.NEG_RISK_EXCHANGE)
EXCHANGE_V3 = ("3", signatures.EXCHANGE_V3)
MARKETS = [(V1_TOKEN, False, EXCHANGE), (V1_TOKEN, True, NEG_RISK), (V3_TOKEN, False, EXCHANGE_V3), (V3_TOKEN, True, EXCHANGE_V3)]  # fmt: skip
PAYERS = [(0, OWNED.eoa), (1, OWNED.proxy), (2, OWNED.safe), (3, OWNED.deposit), (3, OWNED.old_deposit)]
SIGNER_TEXT = "the order signer address has to be the address of the API KEY"


def market(token: str, neg_risk: bool) -> Market:
    return Market("m", "0x" + "ab" * 32, token, "7" * 60, Price(100), Size(5_000_000), neg_risk)


def placed(
    kind: int,
    maker: str,
    token: str,
    exchange: tuple[str, str],
    *,
    key: Signer = MINE,
    owner: str = KEY.key,
    **fields: Any,  # noqa: ANN401 - of OrderDataV2
) -> tuple[SignedOrder, str]:
    """An order signed by the official library and read from its JSON, with the id that the library computes."""
    version, contract = exchange
    builder = ExchangeOrderBuilderV2(contract, 137, key, lambda: "479249096354", version)
    plain = {
        "signer": maker if kind == 3 else key.address(),
        "makerAmount": "5000000",
        "takerAmount": "10000000",
        "side": SdkSide.BUY,
        "timestamp": "1700000000000",
    }
    order = builder.build_signed_order(OrderDataV2(maker=maker, tokenId=token, signatureType=kind, **plain | fields))
    return parse(order_to_json_v2(order, owner, "GTC", False)), builder.build_order_hash(
        builder.build_order_typed_data(order)
    )


def refusal(signed: SignedOrder, traded: Market, credential: Credential = KEY) -> str:
    with pytest.raises(Refused) as refused:
        authorise(signed, credential, traded)
    assert refused.value.status == 400
    return refused.value.text


@pytest.mark.parametrize(("kind", "maker"), PAYERS)
@pytest.mark.parametrize(("token", "neg_risk", "exchange"), MARKETS)
def test_every_wallet_of_the_key_may_trade_on_every_exchange(
    kind: int, maker: str, token: str, neg_risk: bool, exchange: tuple[str, str]
) -> None:
    signed, order_id = placed(kind, maker, token, exchange)
    assert authorise(signed, KEY, market(token, neg_risk)) == (order_id, maker)
    lower = placed(kind, maker.lower(), token, exchange)[0]
    assert authorise(lower, KEY, market(token, neg_risk)) == (order_id, maker)


@settings(max_examples=examples(60), deadline=None)
@given(
    payer=st.sampled_from(PAYERS),
    traded=st.sampled_from(MARKETS),
    amounts=st.tuples(st.integers(1, 10**15), st.integers(1, 10**15)),
    side=st.sampled_from(list(SdkSide)),
    word=st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex()),
)
def test_every_order_of_the_official_library_is_authorised_and_with_its_own_id(
    payer: tuple[int, str],
    traded: tuple[str, bool, tuple[str, str]],
    amounts: tuple[int, int],
    side: SdkSide,
    word: str,
) -> None:
    token, neg_risk, exchange = traded
    maker, taker = map(str, amounts)
    signed, order_id = placed(*payer, token, exchange, makerAmount=maker, takerAmount=taker, side=side, builder=word)
    assert authorise(signed, KEY, market(token, neg_risk)) == (order_id, payer[1])


@pytest.mark.parametrize(("kind", "maker"), PAYERS)
def test_no_order_survives_a_change_of_what_was_signed(kind: int, maker: str) -> None:
    signed, _ = placed(kind, maker, V1_TOKEN, EXCHANGE)
    for changed in (
        evolve(signed, salt=signed.salt + 1),
        evolve(signed, maker_amount=signed.maker_amount + 1),
        evolve(signed, taker_amount=signed.taker_amount - 1),
        evolve(signed, timestamp=signed.timestamp + 1),
        evolve(signed, token=str(int(signed.token) + 1)),
        evolve(signed, builder="0x" + "01" * 32),
    ):
        assert refusal(changed, market(V1_TOKEN, False)) == "invalid signature"


@pytest.mark.parametrize("at", [2, 40, 131, 132, 190, 260, 300, 500, 632, 635])
def test_every_part_of_a_wrapped_signature_counts(at: int) -> None:
    """Inner signature, domain separator, contents hash, type text and its length, in this order (§3.3)."""
    signed, _ = placed(3, OWNED.deposit, V1_TOKEN, EXCHANGE)
    other = "0" if signed.signature[at] != "0" else "1"
    changed = evolve(signed, signature=signed.signature[:at] + other + signed.signature[at + 1 :])
    assert refusal(changed, market(V1_TOKEN, False)) == "invalid signature"


def test_a_wrapped_signature_in_capitals_is_the_same_signature() -> None:
    signed, order_id = placed(3, OWNED.deposit, V1_TOKEN, EXCHANGE)
    loud = evolve(signed, signature="0x" + signed.signature[2:].upper())
    assert authorise(loud, KEY, market(V1_TOKEN, False))[0] == order_id


def test_a_signature_of_the_wrong_form_for_its_type_is_invalid() -> None:
    wrapped, _ = placed(3, OWNED.deposit, V1_TOKEN, EXCHANGE)
    plain, _ = placed(0, OWNED.eoa, V1_TOKEN, EXCHANGE)
    traded = market(V1_TOKEN, False)
    digest = signatures.order_digest(wrapped, signatures.order_domain(*EXCHANGE))
    bare = "0x" + MINE.sign("0x" + digest.hex()).removeprefix("0x")
    assert signatures.signer_of(digest, bare) == OWNED.eoa.lower()
    assert refusal(evolve(wrapped, signature=bare), traded) == "invalid signature"
    assert refusal(evolve(wrapped, signature=wrapped.signature[:-4]), traded) == "invalid signature"
    assert refusal(evolve(wrapped, signature=wrapped.signature + "00"), traded) == "invalid signature"
    assert refusal(evolve(plain, signature=wrapped.signature), traded) == "invalid signature"


@pytest.mark.parametrize(("kind", "maker"), PAYERS)
@pytest.mark.parametrize(
    ("token", "neg_risk", "exchange", "text"),
    [
        (V1_TOKEN, False, NEG_RISK, "invalid signature"),
        (V1_TOKEN, True, EXCHANGE, "invalid signature"),
        (V1_TOKEN, False, EXCHANGE_V3, "order_version_mismatch"),
        (V1_TOKEN, False, ("1", signatures.EXCHANGE), "order_version_mismatch"),
        (V1_TOKEN, True, ("1", signatures.NEG_RISK_EXCHANGE), "order_version_mismatch"),
        (V3_TOKEN, False, EXCHANGE, "order_version_mismatch"),
        (V3_TOKEN, True, NEG_RISK, "order_version_mismatch"),
        (V3_TOKEN, False, ("2", signatures.EXCHANGE_V3), "order_version_mismatch"),
        (V3_TOKEN, False, ("3", signatures.EXCHANGE), "invalid signature"),
    ],
)
def test_an_order_for_another_exchange_is_told_whether_version_or_contract_is_wrong(
    kind: int, maker: str, token: str, neg_risk: bool, exchange: tuple[str, str], text: str
) -> None:
    signed, _ = placed(kind, maker, token, exchange)
    assert refusal(signed, market(token, neg_risk)) == text


@pytest.mark.parametrize(
    ("kind", "maker", "text"),
    [
        (0, OWNED.deposit, "invalid signature"),  # pays from a wallet without its signature type
        (1, OWNED.safe, "invalid signature"),
        (2, OWNED.proxy, "invalid signature"),
        (1, OTHERS.proxy, "invalid signature"),
        (2, OTHERS.safe, "invalid signature"),
        (1, OWNED.eoa, "invalid signature"),
        (3, OTHERS.deposit, SIGNER_TEXT),  # "the deposit wallet is not linked to that key" (§2.3)
        (3, OWNED.eoa, SIGNER_TEXT),
        (3, OWNED.safe, SIGNER_TEXT),
    ],
)
def test_a_wallet_that_is_not_the_keys_pays_for_nothing(kind: int, maker: str, text: str) -> None:
    signed, _ = placed(kind, maker, V1_TOKEN, EXCHANGE)
    assert refusal(signed, market(V1_TOKEN, False)) == text


def test_a_deposit_wallet_pays_only_for_itself() -> None:
    signed, _ = placed(3, OWNED.deposit, V1_TOKEN, EXCHANGE, signer=OWNED.old_deposit)
    assert refusal(signed, market(V1_TOKEN, False)) == "invalid signature"


@pytest.mark.parametrize(("kind", "maker"), [(0, OTHERS.eoa), (1, OTHERS.proxy), (3, OTHERS.deposit)])
def test_an_order_of_another_key_is_refused_by_owner_then_by_signer(kind: int, maker: str) -> None:
    theirs, _ = placed(kind, maker, V1_TOKEN, EXCHANGE, key=OTHER, owner="somebody")
    owner = "the order owner has to be the owner of the API KEY"
    assert refusal(theirs, market(V1_TOKEN, False)) == owner
    assert refusal(evolve(theirs, owner=KEY.key), market(V1_TOKEN, False)) == SIGNER_TEXT
    mine = evolve(KEY, key="somebody", address=OTHERS.eoa)
    assert authorise(theirs, mine, market(V1_TOKEN, False))[1] == maker


def test_a_wrapped_signature_of_another_key_opens_no_wallet() -> None:
    signed, _ = placed(3, OWNED.deposit, V1_TOKEN, EXCHANGE, key=OTHER)
    assert refusal(signed, market(V1_TOKEN, False)) == "invalid signature"
