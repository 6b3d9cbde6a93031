"""The Gamma service: what it lists, how it pages, and that the venue's own client reads every row."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
import trio
from polymarket.models.gamma.event import Event
from polymarket.models.gamma.market import Market
from polymarket.models.gamma.search import SearchResults
from polymarket.models.gamma.series import Series
from trio.testing import MockClock

from adapters.emulator.lifecycle import NO_WINS, YES_WINS
from adapters.emulator.listings import DRAFTS, Listings, generate
from adapters.emulator.terms import CryptoTerms, EventTerms, Terms
from tests.adapters.polymarket.samples import fixtures
from tests.emulator.harness import START, Venue, open_venue


async def get(venue: Venue, target: str) -> Any:  # noqa: ANN401 - JSON
    status, body = await venue.rest("gamma").call("GET", target)
    assert status == 200, (target, status, body)
    return body


def listings() -> Listings:
    """The demo's five, two of them in one neg-risk event, and an up/down window of a series."""
    every = generate(7)
    cup = EventTerms("demo-cup-winner", "Demo cup winner", neg_risk=True, augmented=True)
    for listing in every.all[2:4]:
        listing.terms = Terms(category="sports", event=cup, listed_at=START - 100)
    window = EventTerms("btc-updown-5m-1763628000", "Bitcoin up or down", series="btc-up-or-down-5m")
    every.all[4].terms = Terms(
        labels=("Up", "Down"), category="crypto", event=window, crypto=CryptoTerms("btc", 300, START), listed_at=START
    )
    return every


async def test_the_official_client_reads_every_market_event_and_series(autojump_clock: MockClock) -> None:
    async with open_venue(listings=listings(), flow=True) as venue:
        await trio.sleep(30)
        rows = await get(venue, "/markets")
        assert [Market.parse_response(row).slug for row in rows] == [draft.slug for draft in DRAFTS]
        events = await get(venue, "/events")
        assert [len(Event.parse_response(row).markets) for row in events] == [1, 1, 2, 1]
        (series,) = await get(venue, "/series")
        assert Series.parse_response(series).slug == "btc-up-or-down-5m"
        assert series["events"][0]["series"][0]["id"] == series["id"]


async def test_a_market_says_of_itself_what_the_exchange_trades(autojump_clock: MockClock) -> None:
    async with open_venue(listings=listings(), flow=True) as venue:
        listing = venue.listings[0]
        row = await get(venue, f"/markets/slug/{listing.market.slug}")
        assert json.loads(row["clobTokenIds"]) == list(listing.market.tokens)
        assert row["conditionId"] == listing.market.condition_id
        assert (row["orderPriceMinTickSize"], row["orderMinSize"]) == (0.01, 5)
        assert row["feeSchedule"] == {"exponent": 1, "rate": 0.04, "takerOnly": True, "rebateRate": 0.25}
        assert (row["version"], row["negRisk"], row["acceptingOrders"], row["closed"]) == ("v1", False, True, False)
        assert (row["rewardsMinSize"], row["rewardsMaxSpread"]) == (20, 3.5)
        assert row["clobRewards"][0]["rewardsDailyRate"] == 100
        assert (await get(venue, f"/markets/{row['id']}"))["questionID"] == row["questionID"]
        window = await get(venue, f"/markets/slug/{venue.listings[4].market.slug}")
        assert json.loads(window["outcomes"]) == ["Up", "Down"]
        assert window["eventStartTime"] == "2025-11-20T08:40:00Z"
        assert window["cryptoMarketConfig"]["twapLookbackSeconds"] == 60


async def test_keyset_pages_meet_every_market_once(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        seen, cursor = [], ""
        while True:
            page = await get(venue, f"/markets/keyset?limit=2&after_cursor={cursor}")
            seen += [row["slug"] for row in page["markets"]]
            cursor = page.get("next_cursor", "")
            if not cursor:
                break
        assert seen == [draft.slug for draft in DRAFTS]
        assert [row["slug"] for row in await get(venue, "/markets?limit=2&offset=3")] == seen[3:5]


async def test_filters_and_order_choose_the_rows(autojump_clock: MockClock) -> None:
    async with open_venue(listings=listings(), flow=True) as venue:
        await trio.sleep(60)
        two = [venue.listings[1].market, venue.listings[3].market]
        for query in (
            "&".join(f"condition_ids={m.condition_id}" for m in two),
            "&".join(f"clob_token_ids={m.no}" for m in two),
            "slug=" + ",".join(m.slug for m in two),
        ):
            assert [row["slug"] for row in await get(venue, f"/markets?{query}")] == [m.slug for m in two], query
        busiest = await get(venue, "/markets?order=volumeNum&ascending=false")
        volumes = [row["volumeNum"] for row in busiest]
        assert volumes == sorted(volumes, reverse=True)
        assert volumes[0] > 0
        floor = volumes[1]
        assert len(await get(venue, f"/markets?volume_num_min={floor}")) == 2
        assert await get(venue, "/markets?end_date_max=2090-01-01T00:00:00Z") == []
        series_id = (await get(venue, "/series"))[0]["id"]
        assert [row["slug"] for row in await get(venue, f"/events?series_id={series_id}")] == [
            "btc-updown-5m-1763628000"
        ]


@pytest.mark.parametrize(
    "query", ["limit=x", "closed=perhaps", "order=nothing", "volume_num_min=much", "end_date_min=soon"]
)
async def test_a_question_it_cannot_read_is_refused(query: str, autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        status, body = await venue.rest("gamma").call("GET", f"/markets?{query}")
        assert status == 400
        assert "invalid" in body["error"]


async def test_an_unknown_slug_is_not_found(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        for path in (
            "/markets/slug/nothing",
            "/events/slug/nothing",
            "/markets/1",
            "/events/1",
            "/series/1",
            "/tags/1",
        ):
            status, body = await venue.rest("gamma").call("GET", path)
            assert (status, body["type"]) == (404, "not found error"), path


async def test_a_resolution_shows_a_minute_late_as_the_cache_it_is(autojump_clock: MockClock) -> None:
    async with open_venue() as venue:
        listing, lifecycle = venue.listings[0], venue.emulator.desk.lifecycle
        lifecycle.propose(listing, YES_WINS)
        row = await get(venue, f"/markets/{listing.number}")
        assert (row["closed"], row["acceptingOrders"], row["umaResolutionStatus"]) == (False, False, "proposed")
        lifecycle.resolve(listing, NO_WINS)
        assert (await get(venue, f"/markets/{listing.number}"))["closed"] is False
        await trio.sleep(61)
        row = await get(venue, f"/markets/{listing.number}")
        assert (row["closed"], row["umaResolutionStatus"], json.loads(row["outcomePrices"])) == (
            True,
            "resolved",
            ["0", "1"],
        )
        assert listing.market.slug not in [one["slug"] for one in await get(venue, "/markets")]
        assert [one["slug"] for one in await get(venue, "/markets?closed=true")] == [listing.market.slug]
        (found,) = await get(venue, f"/markets?slug={listing.market.slug}")
        assert found["closed"] is True


async def test_search_finds_events_by_their_words(autojump_clock: MockClock) -> None:
    async with open_venue(listings=listings()) as venue:
        found = await get(venue, "/public-search?q=CUP%20winner")
        assert [event["slug"] for event in found["events"]] == ["demo-cup-winner"]
        assert len(SearchResults.parse_response(found).events[0].markets) == 2
        many = await get(venue, "/public-search?q=demo&limit_per_type=2")
        assert (len(many["events"]), many["pagination"]) == (2, {"hasMore": True, "totalResults": 4})
        assert len((await get(venue, "/public-search?q=demo&limit_per_type=2&page=2"))["events"]) == 2


# What every captured market holds and ours does not, or ours alone, with the reason.
_LEFT_OUT: dict[str, str] = {}
_NEWER = {  # polymarket.md §9.2: in use since the captures of March 2026
    *("version", "feeSchedule", "cryptoMarketConfig", "closedTime", "positionIds", "resolutionStatus"),
}


async def test_a_market_has_the_keys_of_the_captured_ones(autojump_clock: MockClock) -> None:
    (path,) = [p for p in fixtures("gamma") if p.name.startswith("wk_markets")]
    captured = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    always = set.intersection(*(set(row) for row in captured))
    ever = set.union(*(set(row) for row in captured))
    event_always = set.intersection(*(set(event) for row in captured for event in row["events"]))
    event_ever = set.union(*(set(event) for row in captured for event in row["events"]))
    async with open_venue(listings=listings(), flow=True) as venue:
        for row in await get(venue, "/markets"):
            assert always - set(row) == set(_LEFT_OUT)
            assert set(row) - ever <= _NEWER
            assert event_always - set(row["events"][0]) == set()
            assert set(row["events"][0]) - event_ever == set()
            example = next(one for one in captured if one["acceptingOrders"])
            for key in always & set(row):
                kinds = {type(one[key]) for one in captured} | {type(example[key])}
                assert type(row[key]) in kinds or {type(row[key]), *kinds} <= {int, float}, key
