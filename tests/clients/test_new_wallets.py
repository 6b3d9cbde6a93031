"""Who may use the relayer, and how a key that nobody knows comes to its wallets."""

from __future__ import annotations

import json

import trio
from eth_account.messages import encode_typed_data
from py_clob_client_v2.signing.hmac import build_hmac_signature
from trio.testing import MockClock

from adapters.emulator.accounts import FUNDED, FUNDING
from tests.clients.wallets import CONFIG, Submitter, holdings, sdk, split
from tests.emulator.harness import open_venue

ONE = 1_000_000


async def test_a_new_key_gets_its_deposit_wallet_and_somebodys_money(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        rich, new = Submitter(venue), Submitter(venue, "0x" + "22" * 32)
        deployed = f"/deployed?address={new.owned.deposit}&type=WALLET"
        assert await new.get(deployed) == (200, {"deployed": False})
        early = new.envelope("WALLET", [split(venue.listings[0], ONE)], "0")
        assert "is not deployed" in (await new.post(early))[1]["error"]
        factory = CONFIG.wallet_derivation.deposit_wallet_factory
        status, answer = await new.post({"type": "WALLET-CREATE", "from": new.signer.address, "to": factory})
        assert (status, answer["state"]) == (200, "STATE_NEW")
        gift = sdk.erc20_transfer_call(
            token_address=CONFIG.collateral_token, recipient=new.owned.deposit, amount=9 * ONE
        )
        await rich.submit("SAFE", gift)
        await trio.sleep(6)
        await rich.submit("SAFE", gift)
        await trio.sleep(6)
        assert await new.state(answer["transactionID"]) == ("STATE_CONFIRMED", None)
        assert await new.get(deployed) == (200, {"deployed": True})
        assert holdings(venue, new.owned.deposit)[0] == 18 * ONE
        assert holdings(venue, rich.owned.safe)[0] == FUNDING - 18 * ONE


async def test_a_new_key_gets_its_safe_by_signing_for_it(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        new = Submitter(venue, "0x" + "33" * 32)
        zero, factory = "0x" + "00" * 20, CONFIG.wallet_derivation.safe_factory
        typed = {
            "types": {
                "EIP712Domain": _fields(name="string", chainId="uint256", verifyingContract="address"),
                "CreateProxy": _fields(paymentToken="address", payment="uint256", paymentReceiver="address"),
            },
            "primaryType": "CreateProxy",
            "domain": {"name": "Polymarket Contract Proxy Factory", "chainId": 137, "verifyingContract": factory},
            "message": {"paymentToken": zero, "payment": 0, "paymentReceiver": zero},
        }
        signature = new.signer.sign_message(encode_typed_data(full_message=typed)).signature.hex()
        envelope = {
            "type": "SAFE-CREATE",
            "from": new.signer.address,
            "to": factory,
            "proxyWallet": new.owned.safe,
            "data": "0x",
            "signature": "0x" + signature.removeprefix("0x"),
            "signatureParams": {"paymentToken": zero, "payment": "0", "paymentReceiver": zero},
        }
        deployed = f"/deployed?address={new.owned.safe}"
        assert (await new.post({**envelope, "signature": "0x" + "11" * 65}))[0] == 400
        assert (await new.post({**envelope, "proxyWallet": Submitter(venue).owned.safe}))[0] == 400
        assert (await new.post(envelope))[0] == 200
        await trio.sleep(6)
        assert await new.get(deployed) == (200, {"deployed": True})
        status, again = await new.post(envelope)
        assert (status, "already deployed" in again["error"]) == (400, True)


def _fields(**kinds: str) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in kinds.items()]


async def test_only_keys_of_the_venue_submit(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, envelope = Submitter(venue), {}
        envelope = ann.envelope("SAFE", [split(venue.listings[0], ONE)], "0")
        wrong = {**ann.headers, "RELAYER_API_KEY": "00000000-0000-4000-8000-000000000000"}
        foreign = {**ann.headers, "RELAYER_API_KEY_ADDRESS": FUNDED[1].address}
        for headers in ({}, wrong, foreign):
            assert (await ann.post(envelope, headers))[0] == 401
        account = "/v1/account/transactions/params?address=" + ann.signer.address
        assert (await ann.rest.call("GET", account + "&type=SAFE"))[0] == 401
        assert (await ann.post(envelope))[0] == 200


async def test_a_builder_key_submits_until_it_is_revoked(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        desk = venue.emulator.desk
        key = desk.builders.create(ann.signer.address)
        envelope = ann.envelope("SAFE", [split(venue.listings[0], ONE)], "0")

        def headers(secret: str) -> dict[str, str]:
            stamp = str(int(venue.wall()))
            return {
                "POLY_BUILDER_API_KEY": key.key,
                "POLY_BUILDER_PASSPHRASE": key.passphrase,
                "POLY_BUILDER_TIMESTAMP": stamp,
                "POLY_BUILDER_SIGNATURE": build_hmac_signature(secret, stamp, "POST", "/submit", json.dumps(envelope)),
            }

        assert (await ann.post(envelope, headers("c2VjcmV0")))[0] == 401
        assert (await ann.post(envelope, headers(key.secret)))[0] == 200
        desk.builders.revoke(key)
        assert (await ann.post(envelope, headers(key.secret)))[0] == 401
