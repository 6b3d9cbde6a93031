from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.messages import BookSnapshot
from actors.model.market import FeeSchedule, Market, Outcome
from actors.model.outcome import Misnamed, Unread
from adapters.polymarket.public import RestPublic
from adapters.polymarket.wire_book import book_snapshots
from adapters.polymarket.wire_market import compact_market, full_market, market_of
from tests.adapters.polymarket.samples import COMPLEMENT, CONDITION, TOKEN, Answer, always, compact, full, page

DEMO = Market("demo", CONDITION, TOKEN, COMPLEMENT, 100, 5_000_000, False, FeeSchedule(700, 1), True, 1_798_675_200.0)  # type: ignore[arg-type]


def public(answer: Answer) -> RestPublic:
    return RestPublic.open("http://venue", lambda: httpx.MockTransport(answer))


class Listing:
    """A venue with markets on two pages of its list; counts list reads."""

    def __init__(self, *markets: dict[str, object], **compacts: dict[str, object]) -> None:
        self.markets, self.compacts, self.lists = markets, compacts, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        *_, kind, last = ["", *request.url.path.split("/")]
        if last == "markets":
            self.lists += 1
            half = len(self.markets) // 2
            first = request.url.params["next_cursor"] == "MA=="
            rows = self.markets[:half] if first else self.markets[half:]
            return httpx.Response(200, json=page(list(rows), "Mg==" if first else "LTE="))
        found = [m for m in self.markets if m.get("condition_id") == last]
        if not found:
            return httpx.Response(404, json={"error": "market not found"})
        return httpx.Response(200, json=found[0] if kind == "markets" else self.compacts.get("all", compact(c=last)))


def numbered(n: int, **changes: object) -> dict[str, object]:
    return full(condition_id=f"0x{n:064x}", market_slug=f"slug-{n}", **changes)


async def test_a_market_is_found_by_slug_and_by_condition_id() -> None:
    venue = public(Listing(numbered(1), full()))
    assert (
        await venue.find(["demo"]) == await venue.find([CONDITION]) == await venue.find([CONDITION.upper()]) == (DEMO,)
    )


async def test_a_condition_id_of_31_bytes_is_asked_for_with_the_padding_the_order_book_wants() -> None:
    padded = f"0x{'ab' * 31}00"
    found = await public(Listing(full(condition_id=padded))).find([padded[:-2]])
    assert isinstance(found, tuple)
    assert [market.condition_id for market in found] == [padded]


async def test_found_markets_keep_the_order_asked_for_and_unknown_ones_are_missing() -> None:
    listing = Listing(numbered(1), numbered(2), numbered(3))
    found = await public(listing).find(["slug-3", "nowhere", "0x" + "77" * 32, f"0x{2:064x}", "slug-1"])
    assert isinstance(found, tuple)
    assert [market.slug for market in found] == ["slug-3", "slug-2", "slug-1"]


async def test_an_answer_about_another_market_is_unread() -> None:
    assert isinstance(await public(always(200, full())).find(["0x" + "99" * 32]), Unread)


async def test_the_list_is_read_only_until_every_slug_is_found() -> None:
    listing = Listing(numbered(1), numbered(2), numbered(3), numbered(4))
    await public(listing).find(["slug-1", "slug-2"])
    assert listing.lists == 1


async def test_condition_ids_need_no_list() -> None:
    listing = Listing(full())
    assert await public(listing).find([CONDITION]) == (DEMO,)
    assert listing.lists == 0


async def test_a_market_is_found_by_either_of_its_tokens_and_only_if_it_has_it() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/markets-by-token/"):
            known = request.url.path.endswith((TOKEN, COMPLEMENT, "77" * 30))
            return httpx.Response(200 if known else 404, json={"condition_id": CONDITION} if known else {"error": "no"})
        return Listing(full())(request)

    venue = public(answer)
    assert await venue.find([TOKEN]) == await venue.find([COMPLEMENT]) == (DEMO,)
    assert await venue.find(["88" * 30]) == ()
    assert await venue.find(["77" * 30]) == Unread(f"asked for token {'77' * 30}, was told of market demo")


async def test_names_that_only_gamma_knows_are_refused_where_its_address_is_not_set() -> None:
    answer = await public(Listing(full())).find(["demo", "501", "https://polymarket.com/event/demo"])
    assert isinstance(answer, Misnamed)
    assert answer.why.splitlines() == [
        "501: only Gamma knows this Gamma id: set venue.gamma_url",
        "https://polymarket.com/event/demo: only Gamma knows this event: set venue.gamma_url",
    ]


async def test_yes_is_the_token_labelled_yes_in_the_order_books_own_list_too() -> None:
    tokens = [{"token_id": COMPLEMENT, "outcome": "No", "winner": True}, {"token_id": TOKEN, "outcome": "Yes"}]
    short = compact(t=[{"t": COMPLEMENT, "o": "No"}, {"t": TOKEN, "o": "Yes"}])
    (market,) = await public(Listing(full(tokens=tokens), all=short)).find([CONDITION])  # type: ignore[misc]
    assert (market.yes, market.no, market.won) == (TOKEN, COMPLEMENT, Outcome.NO)
    contradicted = compact(t=[{"t": COMPLEMENT, "o": "Yes"}, {"t": TOKEN, "o": "No"}])
    refused = await public(Listing(full(tokens=tokens), all=contradicted)).find([CONDITION])
    assert isinstance(refused, Unread)
    assert "outcomes: " in refused.why


async def test_an_unreadable_stranger_on_the_list_harms_nobody() -> None:
    listing = Listing({"market_slug": "odd"}, {"condition_id": 7}, full())
    assert await public(listing).find(["demo"]) == (DEMO,)
    assert await public(listing).listed() == ("demo",)


async def test_an_unreadable_wanted_market_is_unread() -> None:
    result = await public(Listing({"market_slug": "demo", "condition_id": CONDITION}, full())).find(["demo"])
    assert isinstance(result, Unread)
    assert "active" in result.why


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({"closed": True, "accepting_orders": True}, "closed"),
        ({"accepting_orders": False}, ""),
        (
            {"closed": True, "tokens": [{"token_id": TOKEN, "winner": True}, {"token_id": COMPLEMENT}]},
            "resolved",
        ),
    ],
)
async def test_a_market_that_is_over_says_how_far(changes: dict[str, object], standing: str) -> None:
    found = await public(Listing(full(**changes))).find(["demo"])
    assert isinstance(found, tuple)
    assert (found[0].accepting, found[0].standing) == (False, standing)
    assert found[0].won is (Outcome.YES if standing == "resolved" else None)


@pytest.mark.parametrize("flag", ["active", "accepting_orders", "enable_order_book"])
async def test_a_market_that_takes_no_orders_says_so(flag: str) -> None:
    for changes in ({flag: False}, {"closed": True}):
        venue = public(Listing(numbered(1), full(**changes)))
        found = await venue.find(["demo"])
        assert isinstance(found, tuple)
        assert not found[0].accepting
        assert await venue.listed() == ("slug-1",)


@pytest.mark.parametrize(
    ("whole", "short", "field"),
    [
        (full(), compact(mts=0.02), "mts"),
        (full(), compact(mts="x"), "mts"),
        (full(), compact(mts=0), "mts"),
        (full(), compact(mos=0), "mos"),
        (full(), compact(mos=-5), "mos"),
        (full(), compact(fd={"r": 0.07, "e": 1, "to": False}), "fd.to"),
        (full(), compact(c="0x" + "99" * 32), "condition"),
        (full(), compact(t=[{"t": COMPLEMENT}, {"t": TOKEN}]), "tokens"),
        (full(tokens=[{"token_id": TOKEN}]), compact(t=[{"t": TOKEN}]), "tokens"),
        (full(tokens=[{"token_id": TOKEN}] * 2), compact(t=[{"t": TOKEN}] * 2), "tokens"),
        (full(tokens=[{"token_id": "11"}, {"token_id": "22"}]), compact(t=[{"t": "11"}, {"t": "22"}]), "position id"),
        (full(tokens=[{"token_id": "ab"}, {"token_id": "cd"}]), compact(t=[{"t": "ab"}, {"t": "cd"}]), "token id"),
        (full(end_date_iso="tomorrow"), compact(), "end_date_iso"),
        ({**full(), "active": "yes"}, compact(), "active"),
        ({k: v for k, v in full().items() if k != "closed"}, compact(), "closed"),
        (full(), {k: v for k, v in compact().items() if k != "mts"}, "mts"),
    ],
)
def test_a_field_that_is_missing_odd_or_told_twice_differently_is_refused_by_name(
    whole: object, short: object, field: str
) -> None:
    with pytest.raises(ValueError, match=field):
        market_of(full_market(json.dumps(whole).encode()), compact_market(json.dumps(short).encode()))


async def test_a_refused_field_makes_find_unread_and_names_the_market() -> None:
    result = await public(Listing(full(), all=compact(mts=0.02))).find([CONDITION])
    assert isinstance(result, Unread)
    assert "demo" in result.why
    assert "mts" in result.why


@pytest.mark.parametrize(("whole", "short"), [(full(), compact(nr=True)), (full(neg_risk=True), compact())])
def test_a_market_told_to_be_neg_risk_and_not_to_be_is_not_quoted(whole: object, short: object) -> None:
    market = market_of(full_market(json.dumps(whole).encode()), compact_market(json.dumps(short).encode()))
    assert market.unquotable(0.0) == "told to be neg-risk and not to be"
    assert market.accepting


def test_neg_risk_fee_free_and_open_ended_markets_are_read() -> None:
    whole = full(neg_risk=True, end_date_iso=None)
    short = {k: v for k, v in compact(nr=True, mts="0.001", mos="12.5").items() if k != "fd"}
    market = market_of(full_market(json.dumps(whole).encode()), compact_market(json.dumps(short).encode()))
    assert (market.neg_risk, market.tick, market.min_size) == (True, 10, 12_500_000)
    assert (market.fees, market.ends_at) == (FeeSchedule(), None)


async def test_the_servers_time_is_epoch_seconds() -> None:
    assert await public(always(200, 1763628000)).server_time() == 1_763_628_000.0
    for odd in ("now", None, -5, True, 1.5):
        assert isinstance(await public(always(200, odd)).server_time(), Unread)


def book(token: str, **changes: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "market": CONDITION, "asset_id": token, "timestamp": "1763628000123", "hash": "9f",
        "bids": [{"price": "0.48", "size": "30"}, {"price": "0.49", "size": "0"}],
        "asks": [{"price": "0.54", "size": "25.5"}], "tick_size": "0.01",
    }  # fmt: skip
    return {**plain, **changes}


async def test_books_are_matched_by_token_and_unknown_ones_are_missing() -> None:
    def venue(request: httpx.Request) -> httpx.Response:
        assert json.loads(request.content) == [{"token_id": t} for t in (TOKEN, "77", COMPLEMENT)]
        return httpx.Response(200, json=[book(COMPLEMENT, tick_size=None), book(TOKEN)])

    bids, asks = ((4800, 30_000_000),), ((5400, 25_500_000),)
    assert await public(venue).books([TOKEN, "77", COMPLEMENT]) == (
        BookSnapshot(TOKEN, bids, asks, 100),
        BookSnapshot(COMPLEMENT, bids, asks, 0),
    )


async def test_many_books_are_asked_for_in_several_requests() -> None:
    sizes: list[int] = []

    def venue(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        sizes.append(len(asked))
        return httpx.Response(200, json=[book(row["token_id"]) for row in asked])

    found = await public(venue).books([str(n) for n in range(230)])
    assert isinstance(found, tuple)
    assert [snapshot.token for snapshot in found] == [str(n) for n in range(230)]
    assert sizes == [100, 100, 30]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"bids": [{"price": "1.2", "size": "5"}]}, "price"),
        ({"bids": [{"price": "0", "size": "5"}]}, "price out of range"),
        ({"asks": [{"price": "0.5", "size": "1000000001"}]}, "absurd size"),
        ({"asks": [{"price": "0.5", "size": "-1"}]}, "size"),
        ({"asks": None}, "asks"),
        ({"tick_size": "0.3"}, "tick"),
    ],
)
async def test_a_book_with_one_odd_level_is_unread(change: dict[str, object], why: str) -> None:
    result = await public(always(200, [book(TOKEN, **change)])).books([TOKEN])
    assert isinstance(result, Unread)
    assert why in result.why


@given(body=st.binary() | st.text().map(str.encode))
def test_no_body_makes_the_market_and_book_decoders_raise_anything_but_value_errors(body: bytes) -> None:
    for decoder in (full_market, compact_market, book_snapshots):
        with pytest.raises(ValueError, match=r"."):
            decoder(body)
