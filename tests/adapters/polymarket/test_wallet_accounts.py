"""The bot as the owner of a proxy, a Safe and a deposit wallet: the whole trading port against the exchange, over sockets."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from actors.messages import Fill, OrderUpdate
from actors.model.market import Side
from actors.model.order import Settlement
from actors.model.outcome import Accepted, Cancelled, Unread
from adapters.emulator import wallets
from adapters.polymarket.eip712 import exchange_of
from adapters.polymarket.keys import Key
from adapters.polymarket.login import connect
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.wire import decode
from adapters.polymarket.wire_replies import BalanceAllowance, Funds
from tests.adapters.polymarket.samples import ADDRESS, SECRET
from tests.adapters.polymarket.test_against_emulator import Session, bid, session

OWNED = wallets.of(ADDRESS)
KINDS = [(1, OWNED.proxy), (2, OWNED.safe), (3, OWNED.deposit)]


@asynccontextmanager
async def wallet_of(s: Session, kind: int, funder: str) -> AsyncIterator[RestTrading]:
    """A wallet of the first funded key, which the exchange funds as well."""
    trading = await connect(
        s.addresses["clob_url"], Key(SECRET), wall=time.time, salts=random.SystemRandom(), funder=funder,
        signature_type=kind,
    )  # fmt: skip
    try:
        yield trading
    finally:
        await trading.close()


@pytest.mark.parametrize(("kind", "funder"), KINDS)
async def test_a_wallet_places_reads_and_cancels_on_every_market(kind: int, funder: str) -> None:
    async with session() as s, wallet_of(s, kind, funder) as ours:
        assert ours.address == funder
        for market in s.markets:
            signed = ours.sign(bid(market, market.tick * 3))
            assert await ours.place(signed) == Accepted(signed.order_id, "live")
            seen = await ours.order(signed.order_id)
            assert isinstance(seen, OrderUpdate)
            assert await ours.open_orders(market.condition_id) == (seen,)
            assert await ours.cancel([signed.order_id]) == Cancelled((signed.order_id,))
        assert await ours.open_orders() == ()


@pytest.mark.parametrize(("kind", "funder"), KINDS)
async def test_what_a_wallet_buys_and_sells_is_its_own(
    kind: int, funder: str, autojump_clock: trio.testing.MockClock
) -> None:
    autojump_clock.autojump_threshold = 0.1  # real sockets need a moment; settlement is jumped over
    async with (
        session() as s,
        wallet_of(s, kind, funder) as ours,
        ours.user_channel(s.addresses["user_ws_url"]).connect() as events,
    ):
        market, before, keys = s.market, await ours.cash(), await s.ours.cash()
        assert isinstance(before, int)
        asked = s.theirs.sign(bid(market, 6000, token=market.no))
        assert isinstance(await s.theirs.place(asked), Accepted)
        bought = ours.sign(bid(market, 4000, type="FAK", post_only=False))
        assert await ours.place(bought) == Accepted(bought.order_id, "matched")
        heard: list[OrderUpdate | Fill] = []
        with trio.fail_after(10):
            while not any(isinstance(e, Fill) and e.settlement is Settlement.CONFIRMED for e in heard):
                heard += await anext(events)
        assert await s.ours.cash() == keys  # the key's own money is another account
        assert await s.ours.shares(market.yes) == 0
        fills = await ours.trades(market.condition_id)
        assert isinstance(fills, tuple)
        assert [(f.order_id, f.side, f.price, f.size, f.taker, f.settlement) for f in fills] == [
            (bought.order_id, Side.BUY, 4000, 10_000_000, True, Settlement.CONFIRMED)
        ]
        assert fills == tuple(event for event in heard if isinstance(event, Fill))[-1:]
        assert await ours.shares(market.yes) == 10_000_000
        after = await ours.cash()
        assert isinstance(after, int)
        assert before - after >= 4_000_000
        sold = ours.sign(bid(market, 5000, side=Side.SELL))
        assert await ours.place(sold) == Accepted(sold.order_id, "live")


@pytest.mark.parametrize(("kind", "funder"), [(0, ADDRESS), *KINDS])
async def test_what_each_exchange_may_take_of_a_wallet_is_read(kind: int, funder: str) -> None:
    async with session() as s, wallet_of(s, kind, funder) as ours:
        funds = await ours.funds()
        assert isinstance(funds, Funds)
        assert funds.balance == await ours.cash()
        for market in s.markets:
            contract = exchange_of(int(market.yes), market.neg_risk).contract
            assert funds.allowed(contract) == 2**256 - 1
            shares = await ours.funds(market.yes)
            assert isinstance(shares, Funds)
            assert (shares.balance, shares.allowed(contract)) == (0, 2**256 - 1)
        assert funds.allowed(ADDRESS) == 0
        assert isinstance(await ours.funds("no token"), Unread)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ('{"balance":"1","allowance":"5"}', 5),
        ('{"balance":"1","allowances":{"0xAB":"7"}}', 7),
        ('{"balance":"1","allowances":{"0xab":3},"allowance":9}', 3),
        ('{"balance":"1"}', 0),
    ],
)
def test_both_forms_of_an_allowance_are_understood(text: str, allowed: int) -> None:
    assert decode(text.encode(), BalanceAllowance).funds().allowed("0xAb") == allowed


@pytest.mark.parametrize("bad", ['"-1"', '"1.5"', "1e30", f'"{"9" * 79}"', '"max"'])
def test_an_allowance_that_is_no_whole_number_is_not_guessed_at(bad: str) -> None:
    with pytest.raises(ValueError, match="not a whole number"):
        decode(f'{{"balance":"1","allowances":{{"0xab":{bad}}}}}'.encode(), BalanceAllowance).funds()
