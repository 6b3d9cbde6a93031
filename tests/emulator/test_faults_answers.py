"""The exchange's own odd answers: duplicates, half successes, stale balances, wrong flags (F4, F5, F17, F19)."""

from __future__ import annotations

from typing import Any

import pytest
import trio
from trio.testing import MockClock

from adapters.emulator import signatures
from tests.emulator.faulty import Entry, batch, faults, open_ids, outcome, with_and_without
from tests.emulator.harness import Reply, Venue, open_venue


async def place_one(venue: Venue) -> tuple[Reply, int]:
    ann, listing = await venue.trader(), venue.listings[0]
    reply = await ann.place(listing, listing.market.yes, "BUY", "0.3", "10")
    return reply, len(open_ids(venue, ann))


@pytest.mark.parametrize("style", ["v2", "v1"])
async def test_an_order_may_be_told_to_be_its_own_duplicate(style: str, autojump_clock: MockClock) -> None:
    ((status, body), live), plain = await with_and_without(place_one, {"kind": "duplicate_order", "style": style})
    assert live == 1
    if style == "v2":
        assert status == 400
        assert body["error"].endswith("is invalid. Duplicated.")
    else:
        assert (status, body["success"], body["errorMsg"]) == (200, True, "INVALID_ORDER_DUPLICATED")
    assert (plain[0][0], plain[1]) == (200, 1)


@pytest.mark.parametrize(("after_accept", "live"), [(True, 1), (False, 0)])
@pytest.mark.parametrize("text", ["could not insert order", ""])
async def test_success_may_come_with_an_error_text_or_with_nothing(
    text: str, after_accept: bool, live: int, autojump_clock: MockClock
) -> None:
    entry: Entry = {"kind": "odd_answer", "text": text, "after_accept": after_accept}
    ((status, body), orders), plain = await with_and_without(place_one, entry)
    assert (status, body["success"], body["errorMsg"], body["orderID"]) == (200, True, text, "")
    assert orders == live
    assert plain[0][1]["orderID"]


@pytest.mark.parametrize(("after_accept", "live"), [(True, 3), (False, 1)])
async def test_some_legs_of_a_batch_may_answer_oddly(after_accept: bool, live: int, autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> tuple[list[bool], int]:
        ann, listing = await venue.trader(), venue.listings[0]
        bodies = [ann.order(listing, listing.market.yes, "BUY", price, "10") for price in ("0.3", "0.31", "0.32")]
        _, legs = await batch(ann, *bodies)
        return [bool(leg["orderID"]) for leg in legs], len(open_ids(venue, ann))

    entry: Entry = {"kind": "odd_answer", "legs": "0, 2", "after_accept": after_accept}
    seen, plain = await with_and_without(scenario, entry)
    assert seen == ([False, True, False], live)
    assert plain == ([True, True, True], 3)


async def test_a_stale_balance_refuses_what_is_there(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[tuple[int, str]]:
        ann, listing = await venue.trader(), venue.listings[0]
        seen = []
        for _ in range(2):
            status, body = await ann.place(listing, listing.market.yes, "BUY", "0.3", "10")
            seen.append((status, body.get("error", "")))
            await trio.sleep(10)
        return seen

    refused, plain = await with_and_without(scenario, {"kind": "stale_balance", "for": 5})
    text = "not enough balance / allowance: the balance is not enough -> balance: "
    assert refused[0][0] == 400
    assert refused[0][1].startswith(text)
    assert "sum of matched orders: " in refused[0][1]
    assert refused[1][0] == 200
    assert [status for status, _ in plain] == [200, 200]


async def test_a_stale_balance_refuses_single_legs_of_the_side_it_is_about(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[bool]:
        ann, listing = await venue.trader(), venue.listings[0]
        account = venue.emulator.exchange.accounts.open(ann.address)
        account.shares[listing.market.yes] += 100_000_000
        orders = [("BUY", "0.3"), ("SELL", "0.6"), ("BUY", "0.31")]
        _, legs = await batch(ann, *(ann.order(listing, listing.market.yes, *order, "10") for order in orders))
        return ["not enough balance" in leg["errorMsg"] for leg in legs]

    buys, plain = await with_and_without(scenario, {"kind": "stale_balance", "side": "BUY"})
    assert buys == [True, False, True]
    assert plain == [False] * 3
    half: Entry = {"kind": "stale_balance", "side": "SELL", "spent": 95}
    assert (await with_and_without(scenario, half))[0] == [False, True, False]


async def test_a_frozen_balance_is_judged_until_the_venue_looks_again(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[int]:
        ann, listing, seen = await venue.trader(), venue.listings[0], []
        await trio.sleep(1)
        account = venue.emulator.exchange.accounts.open(ann.address)
        venue.emulator.desk.chain.split(account, listing, 10_000_000)
        for _ in range(2):
            seen.append((await ann.place(listing, listing.market.yes, "SELL", "0.6", "5"))[0])
            query = f"?asset_type=CONDITIONAL&token_id={listing.market.yes}"
            await ann.call("GET", "/balance-allowance/update", query=query)
        return seen

    seen, plain = await with_and_without(scenario, {"kind": "freeze_balance"})
    assert seen == [400, 200]
    assert plain == [200, 200]


async def flags(venue: Venue) -> list[Any]:
    """What REST and Gamma say of the neg-risk flag of an ordinary market and of the neg-risk one."""
    rest, gamma, seen = venue.rest(), venue.rest("gamma"), []
    for slug in ("demo-election", "demo-cup"):
        listing = venue.emulator.exchange.listings.by_slug[slug]
        _, flag = await rest.call("GET", f"/neg-risk?token_id={listing.market.yes}")
        _, market = await rest.call("GET", f"/markets/{listing.market.condition_id}")
        _, book = await rest.call("GET", f"/book?token_id={listing.market.yes}")
        _, found = await gamma.call("GET", f"/markets?slug={slug}")
        seen.append([flag["neg_risk"], market["neg_risk"], book["neg_risk"], found[0]["negRisk"]])
    return seen


async def test_the_neg_risk_flag_may_be_served_wrong(autojump_clock: MockClock) -> None:
    wrong, plain = await with_and_without(flags, {"kind": "wrong_neg_risk"})
    assert plain == [[False] * 4, [True] * 4]
    assert wrong == [[True] * 4, [False] * 4]


async def test_the_neg_risk_flag_may_be_wrong_for_one_market_only(autojump_clock: MockClock) -> None:
    wrong, _ = await with_and_without(flags, {"kind": "wrong_neg_risk", "market": "demo-cup"})
    assert wrong == [[False] * 4, [False] * 4]


async def test_a_list_of_markets_has_the_one_wrong_flag_in_it(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> dict[str, bool]:
        _, page = await venue.rest().call("GET", "/markets")
        return {row["market_slug"]: row["neg_risk"] for row in page["data"]}

    (wrong, plain) = await with_and_without(scenario, {"kind": "wrong_neg_risk", "market": "demo-oscar"})
    assert wrong == {**plain, "demo-oscar": not plain["demo-oscar"]}


async def test_an_order_signed_for_the_wrong_flag_is_refused(autojump_clock: MockClock) -> None:
    """F19 end to end: who believes the flag signs for the wrong contract."""

    async def scenario(venue: Venue) -> Reply:
        ann, listing = await venue.trader(), venue.emulator.exchange.listings.by_slug["demo-cup"]
        _, told = await venue.rest().call("GET", f"/neg-risk?token_id={listing.market.yes}")
        contract = signatures.NEG_RISK_EXCHANGE if told["neg_risk"] else signatures.EXCHANGE
        return await ann.place(listing, listing.market.yes, "BUY", "0.3", "10", contract=contract)

    seen, plain = await with_and_without(scenario, {"kind": "wrong_neg_risk"})
    assert (seen[0], plain[0]) == (400, 200)
    assert seen[1]["error"] in ("invalid signature", "order_version_mismatch")


async def test_faults_of_one_batch_follow_each_other(autojump_clock: MockClock) -> None:
    """The first takes a leg out, the second hides what became of the rest; the key is that of the whole body."""

    async def scenario(venue: Venue) -> tuple[int, int]:
        ann, listing = await venue.trader(), venue.listings[0]
        bodies = [ann.order(listing, listing.market.yes, "BUY", price, "10") for price in ("0.3", "0.31")]
        status, _ = await batch(ann, *bodies)
        return status, len(open_ids(venue, ann))

    entries: list[Entry] = [
        {"kind": "odd_answer", "legs": "0"},
        {"kind": "status", "code": 502, "after_accept": True, "path": "/orders"},
    ]
    assert await with_and_without(scenario, *entries) == ((502, 1), (200, 2))


async def test_an_effect_finds_no_answer_where_another_has_left_none(autojump_clock: MockClock) -> None:
    async def scenario(venue: Venue) -> list[str]:
        ann, listing, seen = await venue.trader(), venue.listings[0], []
        order = ann.order(listing, listing.market.yes, "BUY", "0.3", "10")
        seen.append(str(await outcome(lambda: batch(ann, order))))
        seen.append(str(await outcome(lambda: venue.rest().call("GET", "/markets"))))
        seen.append(str(await outcome(lambda: venue.rest().call("GET", "/time"))))
        headers = ann.login_headers()
        seen.append(str(await outcome(lambda: venue.rest().call("GET", "/auth/derive-api-key", headers=headers))))
        return [word for word in seen if word == "garbled"]

    entries: list[Entry] = [
        {"kind": "odd_answer", "legs": "0", "after_accept": True},
        {"kind": "wrong_neg_risk"},
        {"kind": "clock_skew", "by": 5},
        {"kind": "young_key", "seconds": 1},
        {"kind": "garble", "path": "/*", "nth": 2, "for": 60},
    ]
    async with open_venue(faults=faults(*entries)) as venue:
        assert await scenario(venue) == ["garbled"] * 3
