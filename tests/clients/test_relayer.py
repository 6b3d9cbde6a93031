"""The relayer as wallets meet it: it does what was really signed, once, one batch of a wallet at a time."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import trio
from polymarket._internal.actions.relayer.submit import is_retryable_submit_error, onchain_nonce_from_submit_error
from polymarket.errors import RequestRejectedError
from trio.testing import MockClock

from adapters.emulator.accounts import FUNDED, FUNDING
from tests.clients.wallets import KINDS, Envelope, Submitter, holdings, merge, split
from tests.emulator.harness import open_venue

ONE = 1_000_000


@pytest.mark.parametrize("kind", KINDS)
async def test_a_batch_goes_through_every_state_and_moves_money_when_it_is_mined(
    kind: str, autojump_clock: MockClock
) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        status, answer = await ann.submit(kind, split(venue.listings[0], 5 * ONE))
        assert (status, answer["state"]) == (200, "STATE_NEW")
        seen = []
        for _ in range(60):
            seen.append((await ann.state(answer["transactionID"]), holdings(venue, ann.wallet(kind))))
            await trio.sleep(0.1)
        states = list(dict.fromkeys(state for (state, _), _ in seen))
        assert states == ["STATE_NEW", "STATE_EXECUTED", "STATE_MINED", "STATE_CONFIRMED"]
        for (state, _), held in seen:
            moved = state in ("STATE_MINED", "STATE_CONFIRMED")
            assert held == ((FUNDING - 5 * ONE, 5 * ONE, 5 * ONE) if moved else (FUNDING, 0, 0))


@pytest.mark.parametrize("kind", KINDS)
async def test_several_calls_are_one_batch_and_happen_in_order(kind: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, market = Submitter(venue), venue.listings[0]
        _, answer = await ann.submit(kind, split(market, 5 * ONE), merge(market, 2 * ONE), split(market, ONE))
        await trio.sleep(6)
        assert await ann.state(answer["transactionID"]) == ("STATE_CONFIRMED", None)
        assert holdings(venue, ann.wallet(kind)) == (FUNDING - 4 * ONE, 4 * ONE, 4 * ONE)
        assert await ann.nonce(kind) == "1"


def _tampered(kind: str, envelope: Envelope) -> list[Envelope]:
    """The same batch with one thing changed after it was signed."""
    changes: list[dict[str, Any]] = [{"nonce": "1"}]
    if kind == "WALLET":
        terms = envelope["depositWalletParams"]
        other = [{**terms["calls"][0], "data": terms["calls"][0]["data"][:-1] + "1"}]
        changes += [
            {"depositWalletParams": {**terms, "deadline": str(int(terms["deadline"]) + 1)}},
            {"depositWalletParams": {**terms, "calls": other}},
            {"depositWalletParams": {**terms, "calls": terms["calls"] * 2}},
        ]
    else:
        key = "safeTxnGas" if kind == "SAFE" else "gasLimit"
        changes += [
            {"data": envelope["data"][:-1] + "1"},
            {"signatureParams": {**envelope["signatureParams"], key: "7"}},
        ]
    changes += [{"signature": envelope["signature"][:20] + "11" + envelope["signature"][22:]}, {"signature": "0x"}]
    return [{**copy.deepcopy(envelope), **change} for change in changes]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_not_signed_is_refused_and_never_happens(kind: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        good = ann.envelope(kind, [split(venue.listings[0], 5 * ONE)], "0")
        for bad in _tampered(kind, good):
            assert await ann.post(bad) == (400, {"error": "invalid signature"})
        await trio.sleep(10)
        assert holdings(venue, ann.wallet(kind)) == (FUNDING, 0, 0)
        assert (await ann.post(good))[0] == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_speaks_for_somebody_elses_wallet(kind: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob = Submitter(venue), Submitter(venue, FUNDED[1].private_key)
        theirs = bob.envelope(kind, [split(venue.listings[0], ONE)], "0")
        status, answer = await ann.post({**theirs, "from": ann.signer.address})
        assert (status, "does not belong to the signer" in answer["error"]) == (400, True)
        status, _ = await ann.post({**theirs, "from": "0x12"})
        assert status == 400


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wallet_has_one_batch_under_way_and_others_do_not_wait_for_it(
    kind: str, autojump_clock: MockClock
) -> None:
    async with open_venue() as venue:
        ann, bob, market = Submitter(venue), Submitter(venue, FUNDED[1].private_key), venue.listings[0]
        await ann.submit(kind, split(market, ONE))
        status, answer = await ann.submit(kind, split(market, 2 * ONE))
        assert (status, is_retryable_submit_error(RequestRejectedError(answer["error"], status=status))) == (400, True)
        assert (await bob.submit(kind, split(market, ONE)))[0] == 200
        await trio.sleep(3)
        assert (await ann.submit(kind, split(market, 2 * ONE)))[0] == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wrong_nonce_is_refused_with_the_right_one(kind: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        status, answer = await ann.post(ann.envelope(kind, [split(venue.listings[0], ONE)], "4"))
        assert onchain_nonce_from_submit_error(RequestRejectedError(answer["error"], status=status)) == "0"


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_batch_twice_is_one_transaction(kind: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        envelope = ann.envelope(kind, [split(venue.listings[0], ONE)], "0")
        _, first = await ann.post(envelope)
        _, second = await ann.post(envelope)
        await trio.sleep(10)
        _, third = await ann.post(envelope)
        assert first["transactionID"] == second["transactionID"] == third["transactionID"]
        assert third["state"] == "STATE_CONFIRMED"
        await trio.sleep(10)
        assert holdings(venue, ann.wallet(kind)) == (FUNDING - ONE, ONE, ONE)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_cannot_work_is_never_sent_and_may_come_again(kind: str, autojump_clock: MockClock) -> None:
    """All of a batch or none of it: the split before the impossible merge leaves nothing behind."""
    async with open_venue() as venue:
        ann, market = Submitter(venue), venue.listings[0]
        envelope = ann.envelope(kind, [split(market, ONE), merge(market, 3 * ONE)], "0")
        _, answer = await ann.post(envelope)
        await trio.sleep(10)
        state, problem = await ann.state(answer["transactionID"])
        assert (state, problem) == ("STATE_INVALID", "execution reverted: ERC1155: burn amount exceeds balance")
        assert holdings(venue, ann.wallet(kind)) == (FUNDING, 0, 0)
        assert await ann.nonce(kind) == "0"
        account = venue.emulator.exchange.accounts.open(ann.wallet(kind))
        venue.emulator.desk.chain.split(account, market, 2 * ONE)
        _, again = await ann.post(envelope)
        assert again["transactionID"] != answer["transactionID"]
        await trio.sleep(10)
        assert await ann.state(again["transactionID"]) == ("STATE_CONFIRMED", None)


async def test_a_batch_that_reverts_on_the_chain_fails_and_uses_its_nonce(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, chain = Submitter(venue), venue.emulator.desk.chain
        account = venue.emulator.exchange.accounts.open(ann.owned.safe)
        _, answer = await ann.submit("SAFE", split(venue.listings[0], ONE), split(venue.listings[0], 2 * ONE))
        await trio.sleep(1)
        assert await ann.state(answer["transactionID"]) == ("STATE_EXECUTED", None)
        chain.transfer(account, FUNDED[1].address, FUNDING - 2 * ONE)
        await trio.sleep(5)
        state, problem = await ann.state(answer["transactionID"])
        assert (state, problem) == ("STATE_FAILED", "execution reverted: ERC20: transfer amount exceeds balance")
        assert holdings(venue, ann.owned.safe) == (2 * ONE, 0, 0)
        assert await ann.nonce("SAFE") == "1"


async def test_a_batch_past_its_deadline_is_never_sent(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        late = ann.envelope("WALLET", [split(venue.listings[0], ONE)], "0", deadline=int(venue.wall()) - 1)
        _, answer = await ann.post(late)
        await trio.sleep(3)
        assert await ann.state(answer["transactionID"]) == (
            "STATE_INVALID",
            "execution reverted: deadline has passed",
        )


async def test_a_minute_takes_twenty_five_submits(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        statuses = [(await ann.post({"type": "?"}))[0] for _ in range(26)]
        assert statuses == [400] * 25 + [429]
        await trio.sleep(60)
        assert (await ann.post({"type": "?"}))[0] == 400


@pytest.mark.parametrize("body", [None, [], "x", {"type": "SAFE"}, {"type": "PROXY", "from": 7}, {"type": "WALLET"}])
async def test_a_body_that_is_no_batch_is_refused(body: object, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        assert (await Submitter(venue).post(body))[0] == 400


async def test_older_clients_read_their_transactions_in_camel_case(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = Submitter(venue)
        _, answer = await ann.submit("SAFE", split(venue.listings[0], ONE))
        await trio.sleep(6)
        (row,) = (await ann.get(f"/transaction?id={answer['transactionID']}"))[1]
        assert (row["transactionID"], row["state"], row["proxyAddress"]) == (
            answer["transactionID"],
            "STATE_CONFIRMED",
            ann.owned.safe,
        )
        assert "signature" not in row
        assert (await ann.get("/transactions"))[1] == [row]
        assert (await ann.get("/transaction?id=none"))[0] == 404
        assert (await ann.get(f"/nonce?address={ann.signer.address}&type=SAFE"))[1]["nonce"] == "1"


async def test_a_transaction_is_its_owners_and_its_senders_to_read(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, cid = (Submitter(venue, key) for key in (*(one.private_key for one in FUNDED), "0x" + "c1" * 32))
        envelope = ann.envelope("SAFE", [split(venue.listings[0], ONE)], "0")
        _, answer = await ann.post(envelope, headers=bob.headers)  # as a builder does for its users
        place = f"/v1/account/transactions/{answer['transactionID']}"
        for reader in (ann, bob):
            status, row = await reader.get(place)
            assert (status, row["owner"]) == (200, ann.signer.address)
            assert len((await reader.get("/transactions"))[1]) == 1
        unknown = (404, {"error": "transaction not found"})
        assert await cid.get(place) == unknown
        assert await cid.get("/v1/account/transactions/none") == unknown
        assert (await cid.get("/transactions"))[1] == []
        assert (await cid.rest.call("GET", place))[0] == 401
