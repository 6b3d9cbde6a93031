"""The sequence in which the exchange judges an order, and how fine its amounts may be (polymarket.md §3.5, §15)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from tests.emulator.harness import open_venue

Spoil = Callable[[dict[str, Any]], None]
SEQUENCE: list[tuple[str, Spoil]] = [
    ("Invalid order payload", lambda body: body.update(deferExec=True)),
    ("the order owner has to be", lambda body: body.update(owner="somebody")),
    ("the order signer address has to be", lambda body: body["order"].update(signer="0x" + "12" * 20)),
    ("No orderbook exists", lambda body: body["order"].update(tokenId="5")),
]


@pytest.mark.parametrize("first", range(len(SEQUENCE)))
async def test_the_first_check_that_fails_answers(autojump_clock: MockClock, first: int) -> None:
    """§15: shape, owner and key, (market,) signature, then the order's own numbers; here all from `first` on are wrong."""
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        body = ann.order(listing, listing.market.yes, "BUY", "0.5", "1", expiration=5)
        for _, spoil in SEQUENCE[first:]:
            spoil(body)
        _, answer = await ann.call("POST", "/order", body)
        assert answer["error"].startswith(SEQUENCE[first][0])


async def test_the_numbers_of_an_order_are_judged_after_its_signature_in_the_venues_sequence(
    autojump_clock: MockClock,
) -> None:
    """Every fault is mended in turn, and the next one answers."""
    async with open_venue() as venue:
        ann, listing = await venue.trader(), venue.listings[0]
        await ann.place(listing, listing.market.no, "BUY", "0.5", "10")
        order: dict[str, Any] = {"price": "0.505", "size": "4.99", "expiration": 5, "version": "1"}
        heard = []
        for mended in ({}, {"version": "2"}, {"price": "0.5"}, {"size": "1000000"}, {"expiration": 0}, {"size": "10"}):
            order |= mended
            _, answer = await ann.place(listing, listing.market.yes, "BUY", **order)
            heard.append(answer.get("error", answer.get("status")))
        expected = ("order_version_mismatch", "breaks minimum tick", "lower than the minimum", "invalid expiration")
        for text, part in zip(heard, (*expected, "not enough balance", "live"), strict=True):
            assert part in text


async def test_a_limit_sale_has_two_decimals_of_a_share_and_a_market_sale_may_have_more(
    autojump_clock: MockClock,
) -> None:
    async with open_venue() as venue:
        ann, bob, listing = await venue.trader(0), await venue.trader(1), venue.listings[0]
        token = listing.market.yes
        await bob.place(listing, listing.market.no, "BUY", "0.5", "10")
        await ann.place(listing, token, "BUY", "0.5", "10")
        await bob.place(listing, token, "BUY", "0.4", "10")
        await trio.sleep(3)
        status, answer = await ann.place(listing, token, "SELL", "0.6", "5.123", amounts=(5_123_000, 3_073_800))
        text = "invalid amounts, the limit sell orders maker amount supports a max accuracy of 2 decimals"
        assert (status, answer) == (400, {"error": text})
        amounts = (5_123_000, 2_049_200)
        status, answer = await ann.place(listing, token, "SELL", "0.4", "5.123", life="FAK", amounts=amounts)
        assert (status, answer["status"], answer["makingAmount"]) == (200, "matched", "5.123")
