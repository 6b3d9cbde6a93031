from __future__ import annotations

import json

import httpx
import pytest

from actors.model.listing import Listing, Stage, Version, condition_id_of
from actors.model.market import FeeSchedule, Outcome
from actors.model.outcome import Misnamed, Unread
from adapters.polymarket import wire_gamma
from adapters.polymarket.gamma import Found, Gamma
from adapters.polymarket.public import RestPublic
from adapters.polymarket.wire_gamma import listing
from tests.adapters.polymarket.gamma_samples import (
    OPPOSITE,
    POSITION,
    V2_CONDITION,
    GammaVenue,
    compacts,
    event,
    listed,
    listed_v2,
)
from tests.adapters.polymarket.samples import COMPLEMENT, CONDITION, TOKEN, Answer, always, compact


def gamma(answer: Answer) -> Gamma:
    return Gamma.open("http://gamma", lambda: httpx.MockTransport(answer))


def public(venue: GammaVenue) -> RestPublic:
    return RestPublic.open("http://clob", lambda: httpx.MockTransport(venue), gamma_url="http://gamma")


def numbered(n: int, **changes: object) -> dict[str, object]:
    return listed(id=str(n), slug=f"slug-{n}", conditionId=f"0x{n:064x}", **changes)


async def test_a_market_is_found_by_slug_and_an_unknown_one_is_none() -> None:
    venue = gamma(GammaVenue(numbered(1), listed()))
    found = await venue.market("demo")
    assert isinstance(found, Listing)
    assert (found.condition_id, found.tokens) == (CONDITION, (TOKEN, COMPLEMENT))
    assert await venue.market("nowhere") is None


async def test_markets_are_found_by_condition_id_closed_or_not_and_asked_for_explicitly() -> None:
    scripted = GammaVenue(numbered(1), numbered(2, closed=True))
    ids = [f"0x{n:064x}" for n in (2, 1, 3)]
    found = await gamma(scripted).markets_of(ids)
    assert isinstance(found, dict)
    assert [one.slug for one in found.values()] == ["slug-2", "slug-1"]
    assert [("closed=true" in asked, "closed=false" in asked) for asked in scripted.asked] == [
        (False, True),
        (True, False),
    ]


async def test_a_condition_id_of_31_bytes_is_asked_for_in_both_spellings() -> None:
    scripted = GammaVenue(listed_v2())
    padded = f"{V2_CONDITION}00"
    found = await gamma(scripted).markets_of([padded])
    assert isinstance(found, dict)
    assert found[padded].version is Version.V2
    assert f"condition_ids={padded}&condition_ids={V2_CONDITION}&" in scripted.asked[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CONDITION, CONDITION),
        (CONDITION.upper(), CONDITION),
        ("0x" + "AB" * 31, "0x" + "ab" * 31 + "00"),
        ("0x" + "ab" * 30, None),
        ("ab" * 32, None),
        ("0x" + "zz" * 32, None),
        ("0x" + "ab" * 31 + "0x", None),
        ("demo", None),
        ("", None),
    ],
)
def test_condition_ids_are_normalised_to_64_digits(text: str, expected: str | None) -> None:
    assert condition_id_of(text) == expected


async def test_lists_are_read_page_by_page_until_there_is_no_cursor() -> None:
    scripted = GammaVenue(*(numbered(n) for n in range(5)), page=2)
    everything = await gamma(scripted).markets()
    assert isinstance(everything, Found)
    assert [row.slug for row in everything.rows] == [f"slug-{n}" for n in range(5)]
    assert len(scripted.asked) == 3
    few = await gamma(scripted).markets(most=2)
    assert isinstance(few, Found)
    assert len(few.rows) == 2
    assert len(scripted.asked) == 4


async def test_an_unreadable_stranger_on_a_list_is_named_and_harms_nobody() -> None:
    scalar = numbered(2, marketType="scalar")
    found = await gamma(GammaVenue(numbered(1), scalar)).markets()
    assert found == Found(
        (listing(httpx.Response(200, json=numbered(1)).content),), ("marketType: 'scalar' is no binary market",)
    )


@pytest.mark.parametrize(
    "body", [{"markets": [], "next_cursor": "MQ=="}, {"events": []}, [], b"<html>", {"markets": [1], "next_cursor": 5}]
)
async def test_paging_that_stands_still_or_makes_no_sense_is_unread(body: object) -> None:
    assert isinstance(await gamma(always(200, body)).markets(), Unread)


async def test_a_cursor_that_stands_still_is_noticed_at_once() -> None:
    answer = await gamma(always(200, {"markets": [], "next_cursor": "MQ=="})).markets()
    assert answer == Unread("paging does not move on from cursor 'MQ=='")


async def test_failures_say_why() -> None:
    broken = gamma(always(503, {"error": "maintenance"}))
    for answer in (
        await broken.market("demo"),
        await broken.events(),
        await broken.series("x"),
        await broken.search("x"),
    ):
        assert answer == Unread("HTTP 503 maintenance")


async def test_events_tell_their_series_and_markets() -> None:
    venue = gamma(GammaVenue(events=(event(listed(), negRiskAugmented=True),)))
    one, several = await venue.event("demo-event"), await venue.events()
    assert isinstance(several, Found)
    assert several.rows == (one,)
    (found,) = several.rows
    assert (found.series_slug, found.augmented, [m.slug for m in found.markets]) == ("demo-series", True, ["demo"])


async def test_tags_and_series_are_found_by_slug() -> None:
    tag = await gamma(always(200, {"id": "3", "slug": "crypto", "label": "Crypto"})).tag("crypto")
    assert tag is not None
    assert not isinstance(tag, Unread)
    assert (tag.tag_id, tag.slug, tag.label) == ("3", "crypto", "Crypto")
    venue = gamma(GammaVenue())
    series = await venue.series("demo-series")
    assert series is not None
    assert not isinstance(series, Unread)
    assert series.series_id == "9"
    assert await venue.series("nowhere") is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"version": "v3"}, "version"),
        ({"conditionId": "0xabc123"}, "conditionId"),
        ({"outcomes": '["Yes"]'}, "outcomes"),
        ({"outcomes": '["A", "B", "C"]'}, "outcomes"),
        ({"outcomes": "not JSON"}, "outcomes"),
        ({"outcomes": ""}, "outcomes"),
        ({"clobTokenIds": f'["{TOKEN}", "{TOKEN}"]'}, "clobTokenIds"),
        ({"clobTokenIds": '["0x12", "0x13"]'}, "clobTokenIds"),
        ({"outcomePrices": '["x", "0"]'}, "outcomePrices"),
        ({"outcomePrices": '["1.5", "0"]'}, "outcomePrices"),
        ({"outcomePrices": '["NaN", "0"]'}, "outcomePrices"),
        ({"orderPriceMinTickSize": 0.00001}, "orderPriceMinTickSize"),
        ({"orderMinSize": -5}, "orderMinSize"),
        ({"endDate": "tomorrow"}, "endDate"),
        ({"umaResolutionStatus": "guessed"}, "umaResolutionStatus"),
        (
            {"feeSchedule": {"exponent": 1.5, "rate": 0.05, "takerOnly": True, "rebateRate": 0.2}},
            "feeSchedule.exponent",
        ),
        ({"active": "yes"}, "active"),
        ({"closed": None}, "closed"),
    ],
)
def test_a_field_that_is_odd_is_refused_by_name(changes: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=field.replace(".", r"\.")):
        listing(httpx.Response(200, json=listed(**changes)).content)


@pytest.mark.parametrize("missing", ["", "[]", None, []])
def test_a_young_market_without_token_ids_is_listed_without_tokens(missing: object) -> None:
    assert listing(httpx.Response(200, json=listed(clobTokenIds=missing)).content).tokens is None


def test_a_v1_market_is_traded_by_token_id_even_if_it_carries_position_ids() -> None:
    seen = listing(httpx.Response(200, json=listed(positionIds=[POSITION, OPPOSITE])).content)
    assert seen.tokens == (TOKEN, COMPLEMENT)


def test_a_v2_market_is_traded_by_position_id_even_if_it_carries_token_ids() -> None:
    v2 = listed_v2(clobTokenIds=listed()["clobTokenIds"])
    assert listing(httpx.Response(200, json=v2).content).tokens == (POSITION, OPPOSITE)


@pytest.mark.parametrize(
    ("version", "stated", "stage"),
    [
        ("v1", {}, Stage.OPEN),
        ("v1", {"umaResolutionStatus": ""}, Stage.OPEN),
        ("v1", {"umaResolutionStatus": "requested"}, Stage.OPEN),
        ("v1", {"umaResolutionStatus": "proposed"}, Stage.PROPOSED),
        ("v1", {"umaResolutionStatus": "disputed"}, Stage.DISPUTED),
        ("v1", {"umaResolutionStatus": "resolved"}, Stage.RESOLVED),
        ("v1", {"umaResolutionStatus": "settled"}, Stage.RESOLVED),
        ("v1", {"umaResolutionStatus": "proposed", "resolutionStatus": "resolved"}, Stage.PROPOSED),
        ("v2", {"umaResolutionStatus": "resolved", "resolutionStatus": "active"}, Stage.OPEN),
        ("v2", {"resolutionStatus": "inactive"}, Stage.OPEN),
        ("v2", {"resolutionStatus": "resolved"}, Stage.RESOLVED),
    ],
)
def test_each_version_tells_its_own_lifecycle(version: str, stated: dict[str, object], stage: Stage) -> None:
    market = listed(**stated) if version == "v1" else listed_v2(**stated)
    assert listing(httpx.Response(200, json=market).content).stage is stage


@pytest.mark.parametrize(
    ("closed", "status", "prices", "payouts", "winner"),
    [
        (True, "resolved", ["1", "0"], (10_000, 0), Outcome.YES),
        (True, "resolved", ["0", "1"], (0, 10_000), Outcome.NO),
        (True, "resolved", ["0.5", "0.5"], (5000, 5000), None),
        (True, "resolved", ["0", "0"], None, None),
        (True, "disputed", ["1", "0"], None, None),
        (False, "resolved", ["1", "0"], None, None),
    ],
)
def test_only_a_closed_and_resolved_market_pays(
    closed: bool, status: str, prices: list[str], payouts: tuple[int, int] | None, winner: Outcome | None
) -> None:
    raw = listed(closed=closed, umaResolutionStatus=status, outcomePrices=json.dumps(prices))
    seen = listing(httpx.Response(200, json=raw).content)
    assert (seen.payouts, seen.winner) == (payouts, winner)


@pytest.mark.parametrize(
    ("flags", "expected"), [({"negRisk": True}, True), ({"enableNegRisk": True}, True), ({}, False)]
)
def test_an_event_is_neg_risk_by_either_flag(flags: dict[str, object], expected: bool) -> None:
    raw = {key: value for key, value in event().items() if key != "negRisk"} | flags
    assert wire_gamma.event(httpx.Response(200, json=raw).content).neg_risk is expected


async def test_a_neg_risk_market_of_protocol_v2_needs_no_flag_of_the_order_book() -> None:
    venue = GammaVenue(listed_v2(negRisk=True))
    padded = f"{V2_CONDITION}00"
    venue.compacts = compacts(compact(c=padded, t=[{"t": POSITION, "o": "Yes"}, {"t": OPPOSITE, "o": "No"}]))
    (market,) = await public(venue).find(["demo-v2"])  # type: ignore[misc]
    assert market.neg_risk


async def test_names_are_resolved_by_gamma_and_terms_by_the_order_book() -> None:
    venue = GammaVenue(listed(), numbered(2))
    short = compact(mts=0.001, mos=15, ao=True)
    venue.compacts = compacts(short, compact(c=f"0x{2:064x}", t=short["t"]))
    found = await public(venue).find(["slug-2", CONDITION.upper(), "nowhere"])
    assert isinstance(found, tuple)
    assert [market.slug for market in found] == ["slug-2", "demo"]
    (other, demo) = found
    assert (demo.tick, demo.min_size, demo.fees) == (10, 15_000_000, FeeSchedule(700, 1))
    assert demo.accepting
    assert not other.accepting  # the order book does not say `ao`
    assert not any("/markets?" in asked for asked in venue.asked)  # its list of everything is never read


@pytest.mark.parametrize("flag", [{"closed": True}, {"active": False}, {"archived": True}, {"enableOrderBook": False}])
async def test_a_market_takes_orders_only_if_gamma_and_the_order_book_agree(flag: dict[str, object]) -> None:
    venue = GammaVenue(listed(**flag))
    venue.compacts = compacts(compact(ao=True))
    (market,) = await public(venue).find(["demo"])  # type: ignore[misc]
    assert not market.accepting


async def test_a_protocol_v2_market_is_found_by_either_spelling_and_asked_for_with_64_digits() -> None:
    venue = GammaVenue(listed_v2())
    padded = f"{V2_CONDITION}00"
    venue.compacts = compacts(compact(c=padded, t=[{"t": OPPOSITE, "o": "No"}, {"t": POSITION, "o": "Yes"}], ao=True))
    for name in ("demo-v2", V2_CONDITION, padded):
        (market,) = await public(venue).find([name])  # type: ignore[misc]
        assert (market.condition_id, market.yes, market.no) == (padded, POSITION, OPPOSITE)


@pytest.mark.parametrize(
    ("market", "short", "reason"),
    [
        (
            listed_v2(version="v1", clobTokenIds=f'["{POSITION}", "{OPPOSITE}"]'),
            compact(c=f"{V2_CONDITION}00"),
            "version: ",
        ),
        (listed(version="v2", positionIds=[TOKEN, COMPLEMENT], slug="demo-v2"), compact(), "version: "),
        (listed_v2(positionIds=[OPPOSITE, POSITION]), compact(c=f"{V2_CONDITION}00"), "positionIds: "),
        (listed_v2(conditionId="0x" + "12" * 31), compact(c=f"0x{'12' * 31}00"), "positionIds: "),
        (listed(slug="demo-v2", clobTokenIds=""), compact(), "none yet"),
        (listed(slug="demo-v2"), compact(t=[{"t": TOKEN}, {"t": "77"}]), "tokens: "),
        (listed(slug="demo-v2"), compact(t=[{"t": TOKEN, "o": "No"}, {"t": COMPLEMENT, "o": "Yes"}]), "outcomes: "),
        (listed(slug="demo-v2"), compact(c="0x" + "99" * 32), "c: "),
        (listed(slug="demo-v2"), compact(mts=0.02), "mts: "),
    ],
)
async def test_a_market_the_two_disagree_on_is_refused_by_name(
    market: dict[str, object], short: dict[str, object], reason: str
) -> None:
    venue = GammaVenue(market)
    venue.compacts = dict.fromkeys((CONDITION, f"{V2_CONDITION}00", f"0x{'12' * 31}00"), short)
    answer = await public(venue).find(["demo-v2"])
    assert isinstance(answer, Unread)
    assert answer.why.startswith("market demo-v2: ")
    assert reason in answer.why


async def test_a_market_told_to_be_neg_risk_and_not_to_be_is_not_quoted_and_keeps_no_other_from_trading() -> None:
    venue = GammaVenue(listed(slug="demo-v2", negRisk=True))
    venue.compacts = {CONDITION: compact(ao=True)}
    answer = await public(venue).find(["demo-v2"])
    assert isinstance(answer, tuple)
    assert answer[0].unquotable(0.0) == "told to be neg-risk and not to be"
    assert answer[0].accepting, "what is held of it may still be sold"


async def test_gamma_that_tells_of_another_market_is_not_believed() -> None:
    answer = await RestPublic.open(
        "http://clob", lambda: httpx.MockTransport(always(200, listed(slug="other"))), gamma_url="http://gamma"
    ).find(["demo"])
    assert answer == Unread("market demo: Gamma told of 'other' instead")


@pytest.mark.parametrize(
    "name",
    [
        "501",
        TOKEN,
        COMPLEMENT,
        "https://polymarket.com/event/demo-event?tid=1764314000123",
        "https://polymarket.com/event/demo-event/demo",
        "https://polymarket.com/market/demo",
    ],
)
async def test_a_market_is_found_by_each_of_its_names(name: str) -> None:
    of_event = {"id": "77", "slug": "demo-event"}
    venue = GammaVenue(numbered(1, clobTokenIds='["7", "8"]'), listed(events=[of_event]), events=(event(listed()),))
    venue.compacts = compacts(compact(ao=True))
    (market,) = await public(venue).find([name])  # type: ignore[misc]
    assert (market.slug, market.yes, market.gamma_id, market.event_slug) == ("demo", TOKEN, "501", "demo-event")


@pytest.mark.parametrize("name", ["502", TOKEN[:-1] + "7", "https://polymarket.com/event/nothing", POSITION])
async def test_an_id_or_address_that_nobody_knows_is_missing(name: str) -> None:
    assert await public(GammaVenue(listed())).find([name]) == ()


async def test_a_protocol_v2_market_is_found_by_its_position_ids_closed_or_not() -> None:
    for closed in (False, True):
        venue = GammaVenue(listed_v2(closed=closed))
        venue.compacts = compacts(
            compact(c=f"{V2_CONDITION}00", t=[{"t": POSITION, "o": "Yes"}, {"t": OPPOSITE, "o": "No"}])
        )
        (market,) = await public(venue).find([OPPOSITE])  # type: ignore[misc]
        assert (market.slug, market.no) == ("demo-v2", OPPOSITE)


async def test_a_position_id_of_a_market_that_is_traded_by_token_ids_is_refused_with_the_reason() -> None:
    venue = GammaVenue(listed(positionIds=[POSITION, OPPOSITE]))
    assert await public(venue).find([POSITION]) == Misnamed(
        f"version: Gamma says v1 of demo, the bits of {POSITION} say v2: name it demo"
    )


async def test_the_address_of_an_event_with_several_markets_is_refused_with_their_slugs_open_ones_first() -> None:
    several = event(listed(slug="a", closed=True), listed(slug="b"), listed(slug="c"), {"slug": "odd"})
    venue = GammaVenue(events=(several, event(*(listed(slug=f"s{n}") for n in range(23)), slug="many")))
    answer = await public(venue).find([f"https://polymarket.com/event/{slug}" for slug in ("demo-event", "many")])
    assert isinstance(answer, Misnamed)
    first, second = answer.why.splitlines()
    assert first == "the event demo-event has several markets, name one: b, c, a, and 1 that cannot be read"
    assert second.endswith("s18, s19, and 3 more")


async def test_a_market_named_below_another_event_than_its_own_is_refused() -> None:
    venue = GammaVenue(listed(events=[{"id": "77", "slug": "demo-event"}]))
    address = "https://polymarket.com/event/other-event/demo"
    assert await public(venue).find([address]) == Misnamed(
        f"{address}: demo is no market of other-event, but of demo-event"
    )


async def test_yes_is_the_token_labelled_yes_wherever_the_venue_puts_it() -> None:
    turned = listed(
        outcomes='["No", "Yes"]', clobTokenIds=json.dumps([COMPLEMENT, TOKEN]), outcomePrices='["0.47", "0.53"]'
    )
    venue = GammaVenue(turned)
    venue.compacts = compacts(compact(ao=True))
    (market,) = await public(venue).find(["demo"])  # type: ignore[misc]
    assert (market.yes, market.no) == (TOKEN, COMPLEMENT)
    found = await gamma(venue).market("demo")
    assert isinstance(found, Listing)
    assert (found.labels, found.prices) == (("Yes", "No"), (5300, 4700))
    resolved = listing(
        httpx.Response(
            200, json={**turned, "closed": True, "umaResolutionStatus": "resolved", "outcomePrices": '["1", "0"]'}
        ).content
    )
    assert resolved.winner is Outcome.NO


async def test_suggestions_come_from_the_event_the_series_or_a_search() -> None:
    venue = public(
        GammaVenue(
            numbered(9), events=(event(numbered(1), numbered(2, closed=True), numbered(3, acceptingOrders=False)),)
        )
    )
    for name in ("demo-event", "demo-series", "demo"):
        assert await venue.listed(name) == ("slug-1",)
    assert await venue.listed("unheard of") == ("slug-9",)


@pytest.mark.parametrize(
    ("config", "averaging"),
    [
        ({"id": "btc-15m", "asset": "btc", "twapEnabled": True, "twapLookbackSeconds": 60}, 60),
        ({"twapEnabled": True, "twapLookbackSeconds": 30}, 30),
        ({"twapEnabled": False}, 0),
        ({"twapEnabled": False, "twapLookbackSeconds": 60}, 0),
        ({"twapEnabled": True}, None),
        ({"twapEnabled": True, "twapLookbackSeconds": -60}, None),
        ({"twapEnabled": True, "twapLookbackSeconds": 10**9}, None),
        ({"twapEnabled": "soon"}, None),
        ("none", None),
        (None, None),
    ],
)
async def test_the_average_by_which_a_window_settles_is_the_one_that_is_told_and_never_guessed(
    config: object, averaging: int | None
) -> None:
    venue = GammaVenue(listed(cryptoMarketConfig=config))
    venue.compacts = {CONDITION: compact(ao=True)}
    found = await public(venue).find(["demo"])
    assert isinstance(found, tuple)
    assert found[0].averaging == averaging
