"""What we sign for the relayer is byte for byte what polymarket-client signs, for every wallet and every call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve
from trio.testing import MockClock

from actors.model.conversion import Conversion, Kind, of_pairs, redemption
from actors.model.market import Market
from actors.model.numbers import Price, Size
from adapters.emulator.accounts import FUNDED
from adapters.polymarket.batches import RELAY_HUB, Terms, envelope
from adapters.polymarket.contracts import Call, calls_of
from adapters.polymarket.keys import Key
from adapters.polymarket.signing import Account
from tests.clients.wallets import CONFIG, Submitter, sdk
from tests.clients.wallets import Call as Theirs
from tests.emulator.harness import START, open_venue

RELAY = "0x7DB63fE6D62eB73fB01F8009416F4c2Bb4fbDA6A"
CONDITION = "0x" + "ab" * 31 + "00"
V1 = Market("m", CONDITION, "5" * 70, "7" * 70, Price(100), Size(5_000_000))
V3 = evolve(V1, yes="663574927012476832975694178961957910328055987427402067619466963999000625152")
ODD = 12_345_677


def converted(kind: Kind, market: Market) -> Conversion:
    if kind is Kind.REDEEM:
        return redemption("1.1", market, ODD, 3, Price(10_000), START)
    return of_pairs(kind, "1.1", market, ODD, START)


def theirs(kind: Kind, market: Market, *, protocol_v2: bool) -> list[Any]:
    if protocol_v2:
        router: Any = {"router": CONFIG.protocol_v2_router, "condition_id": CONDITION}
        if kind is Kind.REDEEM:
            return [sdk.router_redeem_call(**router, outcome_index=i, amount=a) for i, a in ((0, ODD), (1, 3))]
        return [getattr(sdk, f"router_{kind.value}_call")(**router, amount=ODD)]
    target = CONFIG.neg_risk_collateral_adapter if market.neg_risk else CONFIG.collateral_adapter
    terms: Any = {"collateral": CONFIG.collateral_token, "condition_id": CONDITION}
    if kind is Kind.REDEEM:
        return [sdk.ctf_redeem_positions_call(ctf=target, **terms)]
    name = {Kind.MERGE: "ctf_merge_positions_call", Kind.SPLIT: "ctf_split_position_call"}[kind]
    return [getattr(sdk, name)(target=target, **terms, amount=ODD)]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("market", [V1, evolve(V1, neg_risk=True), V3], ids=["plain", "neg-risk", "protocol-v2"])
def test_calls_are_those_that_polymarket_client_makes(kind: Kind, market: Market) -> None:
    ours = calls_of(converted(kind, market), market)
    expected = theirs(kind, market, protocol_v2=market is V3)
    assert [(call.to, "0x" + call.data.hex()) for call in ours] == [(str(call.to), call.data) for call in expected]


@pytest.mark.parametrize("calls", [1, 2])
@pytest.mark.parametrize(("signature_type", "name"), [(1, "PROXY"), (2, "SAFE"), (3, "WALLET")])
async def test_envelopes_are_those_that_polymarket_client_posts(
    signature_type: int, name: str, calls: int, autojump_clock: MockClock
) -> None:
    async with open_venue() as venue:
        client = Submitter(venue)
        account = Account.of(Key(FUNDED[0].private_key), client.wallet(name), signature_type)
        market = V3 if calls == 2 else V1
        ours = list(calls_of(converted(Kind.REDEEM, market), market))
        assert len(ours) == calls
        made = envelope(account, ours, Terms(7, RELAY, int(START) + 600), "a label")
        expected = client.envelope(name, [_sdk(call) for call in ours], "7", deadline=int(START) + 600)
        if name == "PROXY" and calls == 2:  # the client allows gas for one call where it cannot estimate
            assert made["signatureParams"].pop("gasLimit") == "400000"
            del expected["signatureParams"]["gasLimit"], made["signature"], expected["signature"]
        assert json.loads(json.dumps(made)) == {**json.loads(json.dumps(expected)), "metadata": "a label"}
        assert CONFIG.relay_hub == RELAY_HUB


def _sdk(call: Call) -> Any:  # noqa: ANN401 - the client's own
    return Theirs(to=call.to, data="0x" + call.data.hex())  # type: ignore[arg-type]
