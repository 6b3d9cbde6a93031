from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest
import trio

from actors.model.market import Side
from actors.model.outcome import Cancelled, Sign, Storm, Unread
from adapters.polymarket.auth import Requests
from adapters.polymarket.rest import RestTrading
from adapters.polymarket.wire_account import Owner, order_update
from tests.adapters.polymarket.samples import (
    ADDRESS,
    CONDITION,
    CREDENTIALS,
    OWNER,
    TOKEN,
    Answer,
    always,
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


async def test_trades_after_a_time_include_its_own_second_and_nothing_earlier() -> None:
    venue = Paged({"MA==": page([trade(id=str(at), match_time=str(at)) for at in (1000, 999, 1001)])})
    found = await asked(venue, lambda t: t.trades(CONDITION, after=1000.9))
    assert isinstance(found, tuple)
    assert [fill.trade_id for fill in found] == ["1000", "1001"]
    assert venue.queries == [{"market": CONDITION, "after": "999", "next_cursor": "MA=="}]


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


async def test_position_ids_of_protocol_v2_are_asked_for_as_such_and_other_texts_not_at_all() -> None:
    kinds: list[str] = []

    def venue(request: httpx.Request) -> httpx.Response:
        kinds.append(request.url.params["asset_type"])
        return httpx.Response(200, json={"balance": "7"})

    account = await trading(venue)
    assert await account.shares(str(1 << 248 | 1 << 200)) == 7
    assert kinds == ["CONDITIONAL-V2"]
    assert isinstance(await account.shares("no token"), Unread)
    assert kinds == ["CONDITIONAL-V2"]


@pytest.mark.parametrize("balance", ["1.5", "-1", "", "lots", None])
async def test_a_balance_that_is_no_whole_number_is_unread(balance: object) -> None:
    assert isinstance(await asked(always(200, {"balance": balance}), lambda t: t.cash()), Unread)


def test_an_account_shows_no_secret_when_printed() -> None:
    async def shown() -> str:
        account = await trading(always(200, {}))
        return f"{account!r} {account._signer!r} {account._us!r} {account.user_channel('ws://x')!r}"

    text = trio.run(shown)
    for part in (CREDENTIALS.secret, CREDENTIALS.passphrase, CREDENTIALS.api_key):
        assert part not in text


# ── the account and the engine ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("body", [b"", b"{}", b'"OK"'])
async def test_the_venue_is_asked_to_read_a_balance_again_and_may_answer_with_nothing(body: bytes) -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    def venue(request: httpx.Request) -> httpx.Response:
        asked.append((request.url.path, dict(request.url.params)))
        return httpx.Response(200, content=body)

    account = await trading(venue)
    assert await account.refresh() is None
    assert await account.refresh(TOKEN) is None
    assert asked == [
        ("/balance-allowance/update", {"asset_type": "COLLATERAL", "signature_type": "0"}),
        ("/balance-allowance/update", {"asset_type": "CONDITIONAL", "token_id": TOKEN, "signature_type": "0"}),
    ]
    assert isinstance(await account.refresh("no token"), Unread)
    assert len(asked) == 2


async def test_a_probe_cancels_an_order_that_cannot_exist() -> None:
    bodies: list[bytes] = []

    def venue(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return httpx.Response(200, json={"canceled": [], "not_canceled": {"0x" + "00" * 32: "Order not found"}})

    assert await (await trading(venue)).probe() is None
    assert bodies == [b'["0x' + b"00" * 32 + b'"]']
    assert await asked(always(425, b""), lambda t: t.probe()) == Unread("HTTP 425 (no JSON)", Sign(Storm.RESTART))


@pytest.mark.parametrize(
    ("answer", "sign"),
    [
        (always(425, b"restarting"), Sign(Storm.RESTART)),
        (always(401, {"error": "Unauthorized/Invalid api key"}), Sign(Storm.LOGIN)),
        (always(403, b"<html>blocked</html>"), Sign(Storm.BLOCKED)),
        (always(429, b"", Retry_After="4"), Sign(Storm.LIMITED, 4.0)),
        (always(503, {"error": "trading is disabled"}), Sign(Storm.DISABLED)),
        (always(503, b"<html>"), None),
        (always(500, {"error": "Internal server error"}), None),
    ],
)
async def test_a_failed_read_or_cancel_tells_what_holds_for_every_request(answer: Answer, sign: Sign | None) -> None:
    account = await trading(answer)
    for result in (await account.open_orders(), await account.cancel(["0x1"]), await account.beat()):
        assert isinstance(result, Unread)
        assert result.sign == sign


async def test_the_api_key_is_compared_with_what_the_venue_derives() -> None:
    def keys(api_key: str) -> Answer:
        keys = {"apiKey": api_key, "secret": CREDENTIALS.secret, "passphrase": CREDENTIALS.passphrase}
        return always(200, keys)

    assert await asked(keys(OWNER), lambda t: t.derives_our_key()) is True
    assert await asked(keys("another"), lambda t: t.derives_our_key()) is False
    gone = always(400, {"error": "Could not derive api key!"})
    assert await asked(gone, lambda t: t.derives_our_key()) == Unread("HTTP 400 Could not derive api key!")
