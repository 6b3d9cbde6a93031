"""Captured Gamma objects decode to what their JSON states, or are refused by name."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from actors.model.listing import Listing, Stage, Version
from actors.model.market import Outcome
from adapters.polymarket import wire_gamma
from tests.adapters.polymarket.captured import Json, messages, moment, nearest, parsed, price, size, units

MARKETS = (
    "gamma/hl_gamma_markets.json",
    "gamma/jo_btc15m_markets_202512.jsonl.gz",
    "gamma/nt_gamma_market.json",
    "gamma/nt_gamma_market_closed_binary_accepting_true.json",
    "gamma/nt_gamma_market_sports_market_money_line.json",
    "gamma/wk_markets_20260311.jsonl.gz",
)
REFUSED = {
    "gamma/nt_gamma_market_closed_nonbinary_legacy.json": ["marketType: 'scalar' is no binary market"],
    "gamma/ntpy_market_slug.json": ["outcomes is missing"],
    "gamma/ntpy_markets_list.json": ["Object missing required field `id`"] * 3,
}
TAGS, EVENTS = "gamma/nt_gamma_tags.json", "gamma/ntpy_events_list.json"


def objects(name: str) -> list[tuple[bytes, Json]]:
    """Every object of a file as the decoder gets it and as the tiny reader sees it."""
    found: list[tuple[bytes, Json]] = []
    for message in messages(name):
        rows, exact = json.loads(message), parsed(message)
        pairs = zip(rows, exact, strict=True) if isinstance(rows, list) else [(rows, exact)]
        found += [(json.dumps(row).encode(), raw) for row, raw in pairs]
    return found


@pytest.mark.parametrize("name", MARKETS)
def test_every_captured_market_has_the_names_tokens_and_flags_its_json_states(name: str) -> None:
    for body, raw in objects(name):
        seen = wire_gamma.listing(body)
        assert (seen.gamma_id, seen.slug, seen.question) == (raw["id"], raw["slug"], raw["question"])
        assert seen.condition_id == raw["conditionId"].lower()
        assert seen.version is Version.V1
        assert list(seen.labels) == json.loads(raw["outcomes"])
        assert seen.tokens is not None
        assert list(seen.tokens) == json.loads(raw["clobTokenIds"])
        assert (seen.active, seen.closed, seen.archived) == (raw["active"], raw["closed"], raw["archived"])
        assert seen.accepting == raw.get("acceptingOrders", False)
        assert (seen.has_book, seen.neg_risk) == (raw["enableOrderBook"], raw["negRisk"])


@pytest.mark.parametrize("name", MARKETS)
def test_every_captured_market_has_the_terms_its_json_states(name: str) -> None:
    for body, raw in objects(name):
        seen = wire_gamma.listing(body)
        assert seen.tick == price(raw["orderPriceMinTickSize"])
        assert seen.min_size == size(raw["orderMinSize"])
        assert seen.fees_enabled == raw["feesEnabled"]
        assert seen.taker_delay == raw.get("secondsDelay", 0)
        assert seen.rewards.min_size == size(raw["rewardsMinSize"])
        assert seen.rewards.max_spread == units(raw["rewardsMaxSpread"], 2)  # cents
        assert seen.rewards.per_day == nearest(sum(r["rewardsDailyRate"] for r in raw.get("clobRewards", [])), 6)
        schedule = raw.get("feeSchedule")
        assert (seen.fees is None) == (schedule is None)
        if seen.fees is not None:
            assert (seen.fees.rate, seen.fees.rebate) == (price(schedule["rate"]), price(schedule["rebateRate"]))
            assert (seen.fees.exponent, seen.fees.taker_only) == (schedule["exponent"], schedule["takerOnly"])


@pytest.mark.parametrize("name", MARKETS)
def test_every_captured_market_has_the_prices_and_times_its_json_states(name: str) -> None:
    for body, raw in objects(name):
        seen = wire_gamma.listing(body)
        prices = json.loads(raw.get("outcomePrices") or "null")
        assert seen.prices == (None if prices is None else tuple(nearest(Fraction(text), 4) for text in prices))
        for ours, theirs in (
            (seen.ends_at, "endDate"),
            (seen.window_starts_at, "eventStartTime"),
            (seen.listed_at, "startDate"),
            (seen.closed_at, "closedTime"),
        ):
            stated = moment(raw.get(theirs))
            assert ours == (None if stated is None else pytest.approx(stated, abs=1e-5)), theirs


@pytest.mark.parametrize("name", MARKETS)
def test_every_captured_market_has_the_event_and_series_its_json_states(name: str) -> None:
    for body, raw in objects(name):
        events = raw.get("events", [])
        seen = wire_gamma.listing(body)
        assert [(e.event_id, e.slug, e.title) for e in seen.events] == [
            (e["id"], e["slug"], e["title"]) for e in events
        ]
        for ours, theirs in zip(seen.events, events, strict=True):
            assert (ours.active, ours.closed) == (theirs["active"], theirs["closed"])
            assert ours.augmented == theirs.get("negRiskAugmented", False)
            assert ours.neg_risk == (theirs.get("negRisk", False) or theirs.get("enableNegRisk", False))
            named = theirs.get("seriesSlug") or next((s["slug"] for s in theirs.get("series", [])), "")
            assert ours.series_slug == named
            start = moment(theirs.get("startTime"))
            assert ours.starts_at == (None if start is None else pytest.approx(start))


def listing(name: str) -> Listing:
    ((body, _),) = objects(name)
    return wire_gamma.listing(body)


def test_captured_windows_that_are_over_have_the_winner_their_prices_state() -> None:
    for body, raw in objects("gamma/jo_btc15m_markets_202512.jsonl.gz"):
        seen = wire_gamma.listing(body)
        assert seen.stage is Stage.RESOLVED
        assert seen.winner is (Outcome.YES if json.loads(raw["outcomePrices"])[0] == "1" else Outcome.NO)
        assert seen.window_starts_at == float(seen.slug.rpartition("-")[2])
        assert seen.ends_at == seen.window_starts_at + 900
        assert not seen.open


def test_prices_of_1_and_0_name_no_winner_before_the_resolution_is_final() -> None:
    closed = listing("gamma/nt_gamma_market_closed_binary_accepting_true.json")
    assert closed.prices == (10_000, 0)
    assert closed.accepting
    assert not closed.open
    assert closed.stage is Stage.OPEN  # closed, and nobody has proposed an outcome yet
    assert closed.winner is None


def test_captured_proposals_are_not_resolutions() -> None:
    for body, raw in objects("gamma/wk_markets_20260311.jsonl.gz"):
        stage = Stage.PROPOSED if raw.get("umaResolutionStatus") == "proposed" else Stage.OPEN
        assert wire_gamma.listing(body).stage is stage


@pytest.mark.parametrize(("name", "reasons"), REFUSED.items())
def test_captured_objects_that_are_no_binary_markets_are_refused_by_name(name: str, reasons: list[str]) -> None:
    said = []
    for body, _ in objects(name):
        with pytest.raises(ValueError, match=r".") as refusal:
            wire_gamma.listing(body)
        said.append(str(refusal.value))
    assert said == reasons


def test_captured_tags_decode() -> None:
    for body, raw in objects(TAGS):
        seen = wire_gamma.tag(body)
        assert (seen.tag_id, seen.slug, seen.label) == (raw["id"], raw["slug"], raw["label"])


def test_captured_events_decode_and_say_which_of_their_trimmed_markets_they_refuse() -> None:
    for body, raw in objects(EVENTS):
        seen = wire_gamma.event(body)
        assert (seen.event_id, seen.slug, seen.title) == (raw["id"], raw["slug"], raw["title"])
        assert (seen.active, seen.closed) == (raw["active"], raw["closed"])
        assert seen.markets == ()
        assert seen.refused == ("Object missing required field `id`",) * len(raw["markets"])
