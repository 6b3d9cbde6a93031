from __future__ import annotations

import contextlib
import json
from collections.abc import Callable

import httpx
import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from actors.model.market import Side
from actors.model.order import Settlement
from actors.model.outcome import Cancelled, Unread
from adapters.polymarket.auth import Requests
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.wire_account import Owner, fills, order_update
from tests.adapters.polymarket.samples import (
    ADDRESS,
    COMPLEMENT,
    CONDITION,
    CREDENTIALS,
    OTHER,
    OWNER,
    TOKEN,
    Answer,
    always,
    maker,
    order,
    page,
    trade,
    trading,
)

ID = "0x" + "35" * 32
US = Owner(OWNER.upper(), ADDRESS.lower())

Ask = Callable[[RestTrading], object]


async def asked(answer: Answer, ask: Ask) -> object:
    return await ask(await trading(answer))  # type: ignore[misc]


class Paged:
    """A venue that answers each cursor with its page and remembers what it was asked."""

    def __init__(self, pages: dict[str, object]) -> None:
        self.pages, self.queries = pages, list[dict[str, str]]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        self.queries.append(query)
        return httpx.Response(200, json=self.pages[query["next_cursor"]])


# ── every private request ─────────────────────────────────────────────────────────────────────────────────────────


async def test_private_requests_sign_the_path_without_its_query_and_the_body_as_sent() -> None:
    requests: list[httpx.Request] = []

    def venue(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"canceled": [], **page([]), "balance": "1"})

    account = await trading(venue)
    await account.open_orders(CONDITION)
    await account.cancel(["0xa", "0xb"])
    await account.shares(TOKEN)
    expected = Requests(ADDRESS, CREDENTIALS)
    assert [(r.method, r.url.path) for r in requests] == [
        ("GET", "/data/orders"), ("DELETE", "/orders"), ("GET", "/balance-allowance"),
    ]  # fmt: skip
    for request in requests:
        signature = expected.signature(1_700_000_000, request.method, request.url.path, request.content)
        assert request.headers["POLY_SIGNATURE"] == signature
        assert request.headers["POLY_ADDRESS"] == ADDRESS
    assert requests[1].content == b'["0xa","0xb"]'


@pytest.mark.parametrize(
    "ask",
    [
        lambda t: t.cancel(["0x1"]),
        lambda t: t.cancel_all(),
        lambda t: t.order(ID),
        lambda t: t.open_orders(),
        lambda t: t.trades(),
        lambda t: t.cash(),
        lambda t: t.shares(TOKEN),
        lambda t: t.beat(),
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        always(500, {"error": "Internal server error"}),
        always(425, b""),
        always(401, {"error": "Unauthorized/Invalid api key"}),
        always(403, b"<html>"),
        always(404, b"<html>"),
        always(200, b""),
        always(200, b"<html>"),
        always(200, {}),
        always(200, []),
        always(200, 7),
        always(200, b"\xff\xfe"),
        always(200, b"[" * 50_000),
    ],
)
async def test_a_read_that_fails_is_unread_with_a_reason_and_never_raises(ask: Ask, answer: Answer) -> None:
    result = await asked(answer, ask)
    assert isinstance(result, Unread)
    assert result.why


@pytest.mark.parametrize("problem", [httpx.ConnectError, httpx.PoolTimeout, httpx.ReadTimeout, httpx.DecodingError])
async def test_a_network_failure_of_a_read_is_unread(problem: type[httpx.RequestError]) -> None:
    def venue(request: httpx.Request) -> httpx.Response:
        raise problem("as planned")

    account = await trading(venue)
    for result in (await account.open_orders(), await account.cancel(["0x1"]), await account.beat()):
        assert isinstance(result, Unread)


# ── cancels ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_cancel_tells_per_id_what_happened() -> None:
    answer = always(200, {"canceled": ["0xa"], "not_canceled": {"0xb": "already canceled or matched"}})
    account = await trading(answer)
    expected = Cancelled(("0xa",), (("0xb", "already canceled or matched"),))
    assert await account.cancel(["0xa", "0xb"]) == await account.cancel_all() == expected


async def test_cancelling_nothing_asks_nothing_and_more_than_a_thousand_is_a_bug() -> None:
    def venue(request: httpx.Request) -> httpx.Response:
        raise AssertionError("a request left")

    account = await trading(venue)
    assert await account.cancel([]) == Cancelled(())
    with pytest.raises(ValueError, match="at most 1000"):
        await account.cancel(["0x1"] * 1_001)


async def test_cancels_use_their_own_pool_while_posts_and_reads_hang(autojump_clock: object) -> None:
    async def venue(request: httpx.Request) -> httpx.Response:
        if request.method != "DELETE":
            await trio.sleep(100)
        return httpx.Response(200, json={"canceled": ["0xa"]})

    account = await trading(venue)  # type: ignore[arg-type]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(account.open_orders)
        await trio.sleep(1)
        assert await account.cancel(["0xa"]) == Cancelled(("0xa",))
        assert trio.current_time() < 50
        assert len({id(lane) for lane in (account._orders, account._cancels, account._reads)}) == 3


# ── orders ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_one_order_is_read_in_model_units() -> None:
    found = await asked(always(200, order(status="ORDER_STATUS_LIVE", price=".50")), lambda t: t.order(ID))
    assert found == order_update(json.dumps(order()).encode())
    read = order_update(json.dumps(order(price="0.123", original_size="33.333333", size_matched="0.5")).encode())
    assert (read.price, read.size, read.matched, read.side, read.status) == (
        1230,
        33_333_333,
        500_000,
        Side.BUY,
        "LIVE",
    )


@pytest.mark.parametrize("answer", [always(200, None), always(404, {"error": "not found"}), always(404, None)])
async def test_an_order_the_venue_does_not_know_is_none(answer: Answer) -> None:
    assert await asked(answer, lambda t: t.order(ID)) is None


async def test_an_answer_about_another_order_is_unread() -> None:
    assert isinstance(await asked(always(200, order(id="0x99")), lambda t: t.order(ID)), Unread)


async def test_open_orders_are_read_over_all_pages_once_each() -> None:
    venue = Paged({
        "MA==": page([order(id="0x1"), order(id="0x2")], "Mg=="),
        "Mg==": page([order(id="0x2", size_matched="3"), order(id="0x3")], "LTE="),
    })  # fmt: skip
    found = await asked(venue, lambda t: t.open_orders(CONDITION))
    assert isinstance(found, tuple)
    assert [(o.order_id, o.matched) for o in found] == [("0x1", 2_500_000), ("0x2", 3_000_000), ("0x3", 2_500_000)]
    assert venue.queries == [{"market": CONDITION, "next_cursor": c} for c in ("MA==", "Mg==")]


@pytest.mark.parametrize("last", ["LTE=", "", None])
async def test_paging_ends_at_the_last_cursor(last: str | None) -> None:
    venue = Paged({"MA==": {"data": [order()], "next_cursor": last}})
    found = await asked(venue, lambda t: t.open_orders())
    assert isinstance(found, tuple)
    assert len(found) == 1


async def test_endless_paging_is_unread_and_bounded() -> None:
    calls = 0

    def venue(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        return httpx.Response(200, json=page([], f"c{calls}"))

    assert await asked(venue, lambda t: t.open_orders()) == Unread("more than 200 pages")
    assert calls == 200
    assert isinstance(await asked(Paged({"MA==": page([], "MA==")}), lambda t: t.open_orders()), Unread)


async def test_one_unreadable_order_makes_the_whole_read_unread_by_name() -> None:
    answer = always(200, page([order(), order(price="cheap")]))
    result = await asked(answer, lambda t: t.open_orders())
    assert isinstance(result, Unread)
    assert "price" in result.why


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"side": "HOLD"}, "side"),
        ({"price": "1.5"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"price": "-0.5"}, "price"),
        ({"price": None}, "price"),
        ({"original_size": "ten"}, "original_size"),
        ({"original_size": "1.2345678"}, "original_size"),
        ({"size_matched": "x"}, "size_matched"),
        ({"id": 7}, "id"),
    ],
)
def test_an_odd_order_field_is_refused_by_its_name(change: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        order_update(json.dumps(order(**change)).encode())


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"status": "ORDER_STATUS_CANCELED_MARKET_RESOLVED"}, "CANCELED_MARKET_RESOLVED"),
        ({"status": "CANCELED_order couldn't be filled"}, "CANCELED_ORDER COULDN'T BE FILLED"),
        ({"status": None, "type": "PLACEMENT"}, "LIVE"),
        ({"status": "", "type": "CANCELLATION", "size_matched": ""}, "CANCELED"),
    ],
)
def test_statuses_lose_their_prefix_and_absent_ones_follow_from_the_event(
    change: dict[str, object], status: str
) -> None:
    assert order_update(json.dumps(order(**change)).encode()).status == status


@pytest.mark.parametrize(("side", "price"), [("BUY", 3334), ("SELL", 3333)])
def test_an_order_price_finer_than_the_grid_is_rounded_against_us(side: str, price: int) -> None:
    assert order_update(json.dumps(order(side=side, price="0.33333333333")).encode()).price == price


# ── trades and fills ──────────────────────────────────────────────────────────────────────────────────────────────


def read(**changes: object) -> list[tuple[object, ...]]:
    """Our fills of a trade, shortened to (order, token, side, price, size, taker)."""
    found = fills(json.dumps(trade(**changes)).encode(), US)
    return [(f.order_id, f.token, f.side, f.price, f.size, f.taker) for f in found]


def test_as_taker_of_one_maker_we_fill_at_its_price() -> None:
    assert read() == [("0xaa", TOKEN, Side.BUY, 5000, 10_000_000, True)]


@pytest.mark.parametrize(("side", "price"), [("BUY", 5134), ("SELL", 5133)])
def test_as_taker_of_several_makers_the_price_is_their_average_rounded_against_us(side: str, price: int) -> None:
    makers = [maker(matched_amount="2", price="0.50"), maker(matched_amount="4", price="0.52")]
    assert read(side=side, size="6", price="0.513333", maker_orders=makers)[0][3] == price


def test_makers_of_the_other_token_count_at_one_minus_their_price() -> None:
    makers = [maker(matched_amount="5", price="0.48"),
              maker(matched_amount="5", price="0.50", asset_id=COMPLEMENT, side="BUY")]  # fmt: skip
    assert read(maker_orders=makers) == [("0xaa", TOKEN, Side.BUY, 4900, 10_000_000, True)]


@pytest.mark.parametrize("makers", [[], None, [maker(matched_amount="9")]])
def test_without_makers_that_add_up_the_top_level_price_serves_rounded_against_us(makers: object) -> None:
    assert read(price="0.33333333333", maker_orders=makers)[0][3] == 3334
    assert read(price="0.33333333333", maker_orders=makers, side="SELL")[0][3] == 3333


def test_as_maker_the_top_level_is_the_takers_and_ignored() -> None:
    ours = [maker(order_id="0xb1", owner=OWNER, matched_amount="4", price="0.47", side="BUY", maker_address=None),
            maker(order_id="0xb2", owner="x", maker_address=ADDRESS.upper().replace("0X", "0x"), matched_amount="6",
                  price="0.53", side="SELL", asset_id=COMPLEMENT)]  # fmt: skip
    assert read(trader_side="MAKER", owner="somebody", maker_address=OTHER, maker_orders=[*ours, maker()]) == [
        ("0xb1", TOKEN, Side.BUY, 4700, 4_000_000, False),
        ("0xb2", COMPLEMENT, Side.SELL, 5300, 6_000_000, False),
    ]


@pytest.mark.parametrize(
    ("taker", "token", "expected"),
    [
        ("BUY", TOKEN, Side.SELL),
        ("SELL", TOKEN, Side.BUY),
        ("BUY", COMPLEMENT, Side.BUY),
        ("SELL", COMPLEMENT, Side.SELL),
    ],
)
def test_a_maker_entry_without_a_side_gets_it_from_the_takers(taker: str, token: str, expected: Side) -> None:
    ours = maker(owner=OWNER, side=None, asset_id=token)
    ((_, _, side, _, _, _),) = read(
        trader_side="MAKER", owner="x", maker_address=OTHER, side=taker, maker_orders=[ours]
    )
    assert side is expected


def test_a_trade_with_ourselves_gives_both_parts() -> None:
    parts = read(trader_side="MAKER", maker_orders=[maker(owner=OWNER, order_id="0xbb")])
    assert [(part[0], part[-1]) for part in parts] == [("0xaa", True), ("0xbb", False)]


def test_without_a_trader_side_ownership_decides() -> None:
    assert len(read(trader_side=None)) == 1
    assert read(trader_side=None, owner="x", maker_address=OTHER) == []


@pytest.mark.parametrize("status", ["MATCHED", "MINED", "CONFIRMED", "RETRYING", "FAILED", "MATCHED_NOT_BROADCASTED"])
@pytest.mark.parametrize("prefix", ["", "TRADE_STATUS_"])
def test_settlement_is_read_with_and_without_its_prefix(status: str, prefix: str) -> None:
    (fill,) = fills(json.dumps(trade(status=prefix + status)).encode(), US)
    assert fill.settlement is Settlement(status.removesuffix("_NOT_BROADCASTED"))


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({"match_time": "1763628001"}, 1_763_628_001.0),
        ({"match_time": 1763628001}, 1_763_628_001.0),
        ({"match_time": "1763628001500"}, 1_763_628_001.5),
        ({"match_time": "2025-11-20T08:40:01Z"}, 1_763_628_001.0),
        ({"match_time": "2025-11-20 08:40:01+00"}, 1_763_628_001.0),
        ({"match_time": None, "matchtime": "1763628001"}, 1_763_628_001.0),
        ({"match_time": "", "timestamp": "1763628001123"}, 1_763_628_001.123),
    ],
)
def test_every_spelling_of_the_match_time_is_read(changes: dict[str, object], seconds: float) -> None:
    (fill,) = fills(json.dumps(trade(**changes)).encode(), US)
    assert fill.matched_at == seconds


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"status": "DREAMED"}, "status"),
        ({"side": ""}, "side"),
        ({"price": "2", "maker_orders": []}, "price"),
        ({"size": "-1"}, "size"),
        ({"match_time": "soon"}, "match_time"),
        ({"match_time": None, "last_update": None}, "match_time"),
        ({"maker_orders": [maker(price=True)]}, "price"),
    ],
)
def test_an_odd_trade_field_is_refused_by_its_name(change: dict[str, object], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        fills(json.dumps(trade(**change)).encode(), US)


async def test_trades_after_a_time_include_its_own_second_and_nothing_earlier() -> None:
    venue = Paged({"MA==": page([trade(id=str(at), match_time=str(at)) for at in (1000, 999, 1001)])})
    found = await asked(venue, lambda t: t.trades(CONDITION, after=1000.9))
    assert isinstance(found, tuple)
    assert [fill.trade_id for fill in found] == ["1000", "1001"]
    assert venue.queries == [{"market": CONDITION, "after": "999", "next_cursor": "MA=="}]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted({*order(), *trade()})), inner),
    max_leaves=20,
)
odd_values = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(
    ["1e9", "-1", "0", "1", "0.5", ".5", "9" * 50, "BUY", "MATCHED", [], [{}], [maker(owner=OWNER)]]
)  # fmt: skip
odd_objects = st.builds(
    lambda whole, changes: {**whole, **changes},
    st.sampled_from([order(), trade(), trade(maker_orders=[maker(owner=OWNER)])]),
    st.dictionaries(st.sampled_from(sorted({*order(), *trade()})), odd_values),
)


@given(body=st.binary() | (json_values | odd_objects).map(lambda value: json.dumps(value).encode()))
def test_no_body_makes_the_decoders_raise_anything_but_value_errors(body: bytes) -> None:
    for decoder in (order_update, lambda text: fills(text, US)):
        with contextlib.suppress(ValueError):
            decoder(body)


# ── balances and heartbeats ───────────────────────────────────────────────────────────────────────────────────────


async def test_balances_are_base_units_for_the_right_asset() -> None:
    queries: list[dict[str, str]] = []

    def venue(request: httpx.Request) -> httpx.Response:
        queries.append(dict(request.url.params))
        return httpx.Response(200, json={"balance": "1000000000", "allowances": {}})

    account = await trading(venue)
    assert await account.cash() == await account.shares(TOKEN) == 1_000_000_000
    assert queries == [
        {"asset_type": "COLLATERAL", "signature_type": "0"},
        {"asset_type": "CONDITIONAL", "token_id": TOKEN, "signature_type": "0"},
    ]


@pytest.mark.parametrize("balance", ["1.5", "-1", "", "lots", None])
async def test_a_balance_that_is_no_whole_number_is_unread(balance: object) -> None:
    assert isinstance(await asked(always(200, {"balance": balance}), lambda t: t.cash()), Unread)


class Switch:
    """The venue's side of the heartbeat chain (§3.9)."""

    def __init__(self, expected: str = "") -> None:
        self.expected, self.heard, self.down = expected, list[str](), False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)["heartbeat_id"]
        self.heard.append(said)
        if self.down:
            return httpx.Response(500, json={"error": "Internal server error"})
        if said != self.expected:
            wrong = {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": self.expected}
            return httpx.Response(400, json=wrong)
        self.expected = f"id-{len(self.heard)}"
        return httpx.Response(200, json={"heartbeat_id": self.expected})


async def test_beats_form_a_chain() -> None:
    venue = Switch()
    account = await trading(venue)
    assert [await account.beat() for _ in range(3)] == [None, None, None]
    assert venue.heard == ["", "id-1", "id-2"]


async def test_a_broken_chain_adopts_the_expected_id_and_beats_again_at_once() -> None:
    venue = Switch("somebody-elses")
    account = await trading(venue)
    assert await account.beat() is None
    assert venue.heard == ["", "somebody-elses"]


async def test_a_refused_beat_is_sent_again_only_once() -> None:
    calls = 0

    def venue(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        return httpx.Response(400, json={"error_msg": "Invalid Heartbeat ID", "heartbeat_id": f"id-{calls}"})

    assert isinstance(await asked(venue, lambda t: t.beat()), Unread)
    assert calls == 2


async def test_a_failed_beat_keeps_the_last_known_id() -> None:
    venue = Switch()
    account = await trading(venue)
    await account.beat()
    venue.down = True
    assert isinstance(await account.beat(), Unread)
    venue.down = False
    assert await account.beat() is None
    assert venue.heard == ["", "id-1", "id-1"]


async def test_two_beats_at_once_stay_in_line(autojump_clock: object) -> None:
    switch = Switch()

    async def venue(request: httpx.Request) -> httpx.Response:
        answer = switch(request)
        await trio.sleep(1)
        return answer

    account = await trading(venue)  # type: ignore[arg-type]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(account.beat)
        nursery.start_soon(account.beat)
    assert switch.heard == ["", "id-1"]


def test_an_account_shows_no_secret_when_printed() -> None:
    async def shown() -> str:
        account = await trading(always(200, {}))
        return f"{account!r} {account.user_channel('ws://x')!r}"

    text = trio.run(shown)
    for part in (CREDENTIALS.secret, CREDENTIALS.passphrase, CREDENTIALS.api_key):
        assert part not in text
