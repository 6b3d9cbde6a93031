"""What `doctor --fix` sends is what polymarket-client would: the same bytes, and it finds nothing missing afterwards."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

import pytest
import trio
from polymarket._internal.actions.relayer import calls as theirs

from actors.model.conversion import Relayed
from actors.model.order import Settlement
from adapters.emulator.accounts import EXCHANGES
from adapters.polymarket.contracts import (
    CONDITIONAL_TOKENS,
    NEG_RISK_COLLATERAL_ADAPTER,
    POSITION_MANAGER,
    PUSD_TOKEN,
    Approval,
)
from adapters.polymarket.keys import Key
from adapters.polymarket.relayer import RestRelayer
from adapters.polymarket.signing import Account
from tests.clients.test_redeem import Wall, read_until, served
from tests.clients.venue import ROOT, python

_MISSING = (
    Approval(PUSD_TOKEN, EXCHANGES[0]),
    Approval(CONDITIONAL_TOKENS, EXCHANGES[1]),
    Approval(CONDITIONAL_TOKENS, NEG_RISK_COLLATERAL_ADAPTER),
)
_WALLETS = {1: "proxy", 2: "safe", 3: "deposit_wallet"}


@pytest.mark.parametrize("spender", [*EXCHANGES, NEG_RISK_COLLATERAL_ADAPTER])
def test_an_approval_is_byte_for_byte_the_clients(spender: str) -> None:
    any_amount: Any = {"token_address": PUSD_TOKEN, "spender": spender, "amount": 2**256 - 1}
    pairs = [(Approval(PUSD_TOKEN, spender), theirs.erc20_approval_call(**any_amount))]
    for token in (CONDITIONAL_TOKENS, POSITION_MANAGER):
        shares: Any = {"token_address": token, "operator": spender, "approved": True}
        pairs.append((Approval(token, spender), theirs.erc1155_set_approval_for_all_call(**shares)))
    for ours, call in pairs:
        assert (ours.call.to, "0x" + ours.call.data.hex()) == (str(call.to), str(call.data))


@pytest.mark.process
async def test_the_client_finds_nothing_missing_after_ours_were_sent() -> None:
    async with served(Wall()) as (emulator, banner):
        own = banner["accounts"][0]
        for name in _WALLETS.values():
            account = emulator.exchange.accounts.get(own[name])
            assert account is not None
            account.allowances.pop(EXCHANGES[0].lower())
            account.operators -= {EXCHANGES[1].lower(), NEG_RISK_COLLATERAL_ADAPTER.lower()}
        command = [*python("approvals_session"), json.dumps(banner)]
        with trio.fail_after(60):
            process = await trio.lowlevel.open_process(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            missing = json.loads(await read_until(process, b"]]\n"))
            assert [{EXCHANGES[0], EXCHANGES[1], NEG_RISK_COLLATERAL_ADAPTER} <= set(each) for each in missing] == [
                True
            ] * 3
            async with trio.open_nursery() as nursery:
                for kind in _WALLETS:
                    nursery.start_soon(_approve, banner, kind)
            assert process.stdin is not None
            await process.stdin.send_all(b"\n")
            assert json.loads(await read_until(process, b"]]\n")) == [[], [], []]
            await process.stdin.aclose()
            await process.wait()
        assert process.stdout is not None
        await process.stdout.aclose()


async def _approve(banner: dict[str, Any], kind: int) -> None:
    own = banner["accounts"][0]
    account = Account.of(Key(own["private_key"]), own[_WALLETS[kind]], kind)
    relay = RestRelayer.open(banner["relayer_url"], account, own["relayer_api_key"], time.time)
    told = await relay.call([one.call for one in _MISSING], f"approvals of {kind}")
    await relay.close()
    assert isinstance(told, Relayed), told
    assert told.settlement is Settlement.CONFIRMED
