"""Our merges and redemptions leave a wallet with exactly what polymarket-client's leave another one with."""

from __future__ import annotations

import json
import random
import subprocess
from typing import Any

import pytest
import trio

from actors.model.conversion import Conversion, Kind, Relayed, of_pairs, redemption
from actors.model.market import Market
from actors.model.numbers import PRICE_ONE, Price
from actors.model.order import Settlement
from actors.records import Batch
from adapters.emulator.lifecycle import YES_WINS
from adapters.polymarket.keys import Key
from adapters.polymarket.login import connect
from adapters.polymarket.relayer import RestRelayer
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.signing import Account
from tests.clients.settle_session import MERGE, SPLIT
from tests.clients.test_redeem import GAMMA_LAGS, Wall, read_until, served
from tests.clients.venue import ROOT, python

pytestmark = pytest.mark.process

_WITHIN = 100.0
_NAMES = {1: "proxy", 2: "safe", 3: "deposit_wallet"}


async def test_balances_after_merge_and_redeem_are_those_of_polymarket_client() -> None:
    """Every wallet that needs the relayer, in a plain and in a neg-risk market, each at an exchange of its own."""
    with trio.fail_after(_WITHIN):
        async with trio.open_nursery() as nursery:
            for signature_type in _NAMES:
                for neg_risk in (False, True):
                    nursery.start_soon(_settle, signature_type, neg_risk)


async def _settle(signature_type: int, neg_risk: bool) -> None:
    """Side by side with another wallet of the same key."""
    wall, name = Wall(), _NAMES[signature_type]
    async with served(wall) as (emulator, banner):
        every = emulator.exchange.listings.all
        number = next(i for i, one in enumerate(every) if one.market.neg_risk is neg_risk)
        listing, own = every[number], banner["accounts"][0]
        key, market = Key(own["private_key"]), listing.market
        account = Account.of(key, own[name], signature_type)
        relay = RestRelayer.open(banner["relayer_url"], account, own["relayer_api_key"], wall)
        venue = await connect(
            banner["clob_url"],
            key,
            wall=wall,
            salts=random.SystemRandom(),
            funder=account.funder,
            signature_type=signature_type,
        )
        other = "safe" if signature_type == 3 else "deposit_wallet"
        command = [*python("settle_session"), json.dumps(banner), str(number), other, name]
        process = await trio.lowlevel.open_process(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        await _done(relay, of_pairs(Kind.SPLIT, "1.1", market, SPLIT, wall()), market)
        await _done(relay, of_pairs(Kind.MERGE, "1.2", market, MERGE, wall()), market)
        left = SPLIT - MERGE
        assert await _compared(process, venue, market) == [left, left]
        emulator.desk.lifecycle.resolve(listing, YES_WINS)
        wall.ahead = GAMMA_LAGS
        await _go_on(process)
        await _done(relay, redemption("1.3", market, left, left, Price(PRICE_ONE), wall()), market)
        assert await _compared(process, venue, market) == [0, 0]
        await _go_on(process)
        assert await process.wait() == 0
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            await pipe.aclose()
        await relay.close()
        await venue.close()


async def _done(relay: RestRelayer, conversion: Conversion, market: Market) -> None:
    batch = await relay.sign(conversion, market)
    assert isinstance(batch, Batch), batch
    assert isinstance(await relay.submit(batch), Relayed)
    found = await relay.find(batch)
    while isinstance(found, Relayed) and found.settlement in (Settlement.MATCHED, Settlement.MINED):
        await trio.sleep(0.5)
        found = await relay.find(batch)
    assert isinstance(found, Relayed), found
    assert found.settlement is Settlement.CONFIRMED, found


async def _compared(process: trio.Process, venue: RestTrading, market: Market) -> list[int]:
    """Their wallet, ours as they read it, ours as we read it: all the same; the shares."""
    await read_until(process, b"ready\n")
    await _go_on(process)
    theirs, ours = json.loads((await read_until(process, b"]\n")).splitlines()[-1])
    assert [await venue.refresh(token) for token in (None, *market.tokens)] == [None, None, None]
    read: list[Any] = [await venue.cash(), await venue.shares(market.yes), await venue.shares(market.no)]
    assert theirs == ours == read
    return read[1:]


async def _go_on(process: trio.Process) -> None:
    assert process.stdin is not None
    await process.stdin.send_all(b"\n")
