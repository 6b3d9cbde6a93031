"""What resting orders earn, as their owner reads it: scoring now, part of every market, earnings of a day."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from polymarket._internal.actions import account as sdk_account
from polymarket._internal.actions import rewards as sdk_rewards
from trio.testing import MockClock

from actors.model.numbers import PUSD
from tests.emulator.harness import Trader, open_venue

TODAY = "2025-11-20"
NOBODY = "0x" + "ee" * 32


async def get(trader: Trader, path: str, query: str = "", status: int = 200) -> Any:  # noqa: ANN401 - JSON
    got, body = await trader.call("GET", path, query=query)
    assert got == status, body
    return body


async def quote(trader: Trader, *, size: str = "100", price: str = "0.49") -> list[str]:
    """Both sides of the first market, as two bids; the order ids."""
    listing, ids = trader.venue.listings[0], []
    for token in listing.market.tokens:
        _, answer = await trader.place(listing, token, "BUY", price, size)
        ids.append(answer["orderID"])
    return ids


async def test_an_order_scores_when_it_is_close_big_and_old_enough(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        near, small, far = (
            (await quote(ann))[0],
            (await ann.place(listing, listing.market.yes, "BUY", "0.48", "19"))[1]["orderID"],
            (await ann.place(listing, listing.market.yes, "BUY", "0.4", "100"))[1]["orderID"],
        )
        assert sdk_rewards.parse_order_scoring(await get(ann, "/order-scoring", f"?order_id={near}")) is False
        await trio.sleep(30)
        assert await get(ann, "/order-scoring", f"?order_id={near}") == {"scoring": True}
        _, many = await ann.call("POST", "/orders-scoring", [near, small, far, NOBODY])
        assert sdk_rewards.parse_orders_scoring(many) == {near: True, small: False, far: False, NOBODY: False}
        assert await get(bob, "/order-scoring", f"?order_id={near}") == {"scoring": False}
        await get(ann, "/order-scoring", status=400)
        assert (await ann.call("POST", "/orders-scoring", {"ids": []}))[0] == 400
        await ann.cancel(near)
        assert await get(ann, "/order-scoring", f"?order_id={near}") == {"scoring": False}


async def test_two_makers_share_a_market_and_its_pool(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, bob, market = await venue.trader(0), await venue.trader(1), venue.listings[0].market.condition_id
        await quote(ann, size="300")
        await quote(bob, size="100")
        await trio.sleep(300)
        parts = sdk_rewards.parse_reward_percentages(await get(ann, "/rewards/user/percentages"))
        assert parts == {market: 75.0}
        (earned,) = sdk_rewards.parse_user_earnings_page(await get(ann, "/rewards/user", f"?date={TODAY}")).items
        assert (earned.condition_id, earned.maker_address, float(earned.earnings)) == (market, ann.address, 75.0)
        (total,) = sdk_rewards.parse_total_user_earnings(await get(bob, "/rewards/user/total", f"?date={TODAY}"))
        assert (total.maker_address, float(total.earnings)) == (bob.address, 25.0)
        page = sdk_rewards.parse_user_rewards_earnings_page(await get(bob, "/rewards/user/markets", f"?date={TODAY}"))
        assert page.total_count == 1
        (standing,) = page.items
        assert (standing.condition_id, standing.earning_percentage) == (market, 25.0)
        assert [float(one.earnings) for one in standing.earnings] == [25.0]
        assert await get(ann, "/rewards/user/total", "?date=2025-11-19") == []


async def test_a_payout_changes_the_balance_and_rings_the_bell(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        await quote(ann)
        await trio.sleep(300)
        assert venue.emulator.desk.rewards.pay() == 100 * PUSD
        assert await ann.balance() == 10_100 * PUSD
        (told,) = sdk_account.parse_notifications(await get(ann, "/notifications"))
        assert (int(told.type), float(told.payload.reward)) == (5, 100.0)  # type: ignore[union-attr]
        (earned,) = sdk_rewards.parse_user_earnings_page(await get(ann, "/rewards/user", f"?date={TODAY}")).items
        assert float(earned.earnings) == 100.0


async def test_no_competition_keeps_the_markets_nobody_quotes(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann, query = await venue.trader(), f"?date={TODAY}&no_competition=true"
        assert len((await get(ann, "/rewards/user/markets", query))["data"]) == 1
        await quote(ann)
        assert (await get(ann, "/rewards/user/markets", query))["data"] == []


@pytest.mark.parametrize("path", ["/rewards/user", "/rewards/user/total", "/rewards/user/markets"])
async def test_a_day_must_be_named(path: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        for query in ("", "?date=today", "?date=20251120", "?date=2025-02-30"):
            await get(ann, path, query, 400)
        await get(ann, path, f"?date={TODAY}&signature_type=9", 400)


async def test_a_wallet_that_never_was_has_earned_nothing(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        ann = await venue.trader()
        await quote(ann)
        await trio.sleep(120)
        assert (await get(ann, "/rewards/user", f"?date={TODAY}&signature_type=2"))["data"] == []
        assert await get(ann, "/rewards/user/percentages", "?signature_type=2") == {}
