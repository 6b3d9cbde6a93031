"""One test per row of the outcome table (polymarket.md §3.7), through the whole REST path."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.model.outcome import Accepted, Fault, NeverSent, Placed, Rejected, Sign, Storm, Unknown, sign_of
from adapters.polymarket.placement import placement
from tests.adapters.polymarket.samples import Answer, always, draft, signer, trading

SIGNED = signer().sign(draft())
ID = SIGNED.order_id


async def placed(answer: Answer) -> Placed:
    venue = await trading(answer)
    return await venue.place(SIGNED)


def said(**changes: object) -> dict[str, object]:
    return {"success": True, "errorMsg": "", "orderID": ID, "status": "live", **changes}


@pytest.mark.parametrize("status", ["live", "matched", "delayed", "LIVE"])
async def test_success_with_our_id_and_a_known_status_is_accepted(status: str) -> None:
    assert await placed(always(200, said(status=status))) == Accepted(ID, status.lower())


@pytest.mark.parametrize("text", [None, ""])
async def test_an_absent_error_is_no_error(text: object) -> None:
    assert await placed(always(200, said(errorMsg=text))) == Accepted(ID, "live")


@pytest.mark.parametrize(
    "odd",
    [
        said(status="unmatched"),
        said(status=""),
        said(status=None),
        said(success=False),
        said(success="true"),
        said(orderID=""),
        said(orderID=None),
        said(orderID="0x" + "99" * 32),
        said(orderID=7),
        said(errorMsg="order timed out", orderID=""),
        said(errorMsg="something", orderID=ID),
        {},
        [],
        None,
        "OK",
    ],
)
async def test_a_success_that_does_not_add_up_is_unknown(odd: object) -> None:
    assert isinstance(await placed(always(200, odd)), Unknown)


async def test_an_error_text_without_an_id_is_a_refusal_even_with_success() -> None:
    outcome = await placed(always(200, said(orderID="", errorMsg="not enough balance / allowance: …")))
    assert outcome == Rejected(Fault.BALANCE, "not enough balance / allowance: …")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Invalid order payload", Fault.GRID),
        ("Too many orders in payload: 16, max allowed: 15", Fault.OTHER),
        ("invalid nonce", Fault.OTHER),
        ("order canceled in the CTF exchange contract", Fault.OTHER),
        ("order_version_mismatch", Fault.VERSION),
        ("invalid order version", Fault.VERSION),
        ("invalid signature", Fault.VERSION),
        ("order 0x1 is invalid. Price (0.505) breaks minimum tick size rule: 0.01", Fault.GRID),
        ("order 0x1 is invalid. Size (3) lower than the minimum: 5", Fault.GRID),
        ("order 0x1 crosses the book", Fault.CROSSES),
        ("invalid post-only order: order crosses book", Fault.CROSSES),
        ("not enough balance / allowance: the balance is not enough", Fault.BALANCE),
        ("invalid expiration", Fault.GRID),
        ("order couldn't be fully filled. FOK orders are fully filled or killed.", Fault.KILLED),
        ("no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.",
         Fault.KILLED),
        ("the market is not yet ready to process new orders", Fault.NOT_READY),
        ("invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals", Fault.GRID),
        ("invalid amount for a marketable BUY order ($0.52), min size: $1", Fault.GRID),
        ("Rate limit exceeded for tokenId 11", Fault.RATE),
        ("something nobody documented", Fault.OTHER),
    ],
)  # fmt: skip
async def test_a_400_is_a_refusal_with_its_reason(text: str, fault: Fault) -> None:
    assert await placed(always(400, {"error": text})) == Rejected(fault, text)


@pytest.mark.parametrize(
    ("text", "fault", "storm"),
    [
        ("the order owner has to be the owner of the API KEY", Fault.ACCOUNT, Storm.BARRED),
        ("the order signer address has to be the address of the API KEY", Fault.ACCOUNT, Storm.BARRED),
        ("maker address not allowed, please use the deposit wallet flow", Fault.ACCOUNT, Storm.BARRED),
        ("'0x12' address banned", Fault.ACCOUNT, Storm.BARRED),
        ("'0x12' address in closed only mode", Fault.ACCOUNT, Storm.CLOSED_ONLY),
        ("post-only mode: only post-only orders and cancels are allowed", Fault.PAUSED, Storm.POST_ONLY),
    ],
)
async def test_a_400_that_concerns_every_order_says_so(text: str, fault: Fault, storm: Storm) -> None:
    assert await placed(always(400, {"error": text})) == Rejected(fault, text, Sign(storm))


async def test_a_400_of_the_post_only_window_says_how_long_it_lasts() -> None:
    body = {"error": "post-only mode: …", "code": "post_only_mode", "retry_after_seconds": 42}
    assert sign_of(await placed(always(400, body))) == Sign(Storm.POST_ONLY, 42.0)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("text", [f"order {ID} is invalid. Duplicated.", "INVALID_ORDER_DUPLICATED"])
async def test_duplicated_is_unknown_and_proves_that_the_order_exists(status: int, text: str) -> None:
    outcome = await placed(always(status, said(success=False, orderID="", errorMsg=text)))
    assert isinstance(outcome, Unknown)
    assert outcome.exists


@pytest.mark.parametrize(
    "text",
    [
        "there are no matching orders",
        "FOK orders are filled or killed",
        "the trade contains rounding issues",
        "the price of the taker's order has a discrepancy greater than allowed with the worst maker order",
        "could not insert order",
        "order timed out",
        "Internal server error",
    ],
)
async def test_the_texts_of_a_500_prove_nothing(text: str) -> None:
    assert await placed(always(500, {"error": text})) == Unknown(f"HTTP 500: {text}")


async def test_a_delay_text_is_unknown_since_the_order_may_still_come() -> None:
    assert isinstance(await placed(always(400, {"error": "order match delayed due to market conditions"})), Unknown)


async def test_a_401_is_a_refusal_of_the_account() -> None:
    assert await placed(always(401, {"error": "Unauthorized/Invalid api key"})) == Rejected(
        Fault.ACCOUNT, "Unauthorized/Invalid api key", Sign(Storm.LOGIN)
    )


async def test_a_403_page_of_the_edge_is_a_refusal() -> None:
    outcome = await placed(always(403, b"<html>blocked</html>"))
    assert isinstance(outcome, Rejected)
    assert (outcome.fault, outcome.sign) == (Fault.BLOCKED, Sign(Storm.BLOCKED))


async def test_a_404_in_json_is_a_refusal() -> None:
    assert await placed(always(404, {"error": "no such market"})) == Rejected(Fault.OTHER, "no such market")


@pytest.mark.parametrize("body", [b"", b"restarting", b'{"error":"x"}'])
async def test_a_425_is_unknown_and_says_that_the_engine_is_down(body: bytes) -> None:
    outcome = await placed(always(425, body))
    assert isinstance(outcome, Unknown)
    assert outcome.engine_down
    assert sign_of(outcome) == Sign(Storm.RESTART)


async def test_a_429_with_the_signers_headers_was_not_processed() -> None:
    outcome = await placed(always(429, b"", Poly_RateLimit_Remaining="0", Retry_After="3"))
    assert outcome == Rejected(Fault.RATE, "HTTP 429 (retry after 3 s)", Sign(Storm.LIMITED, 3.0))


async def test_a_429_without_them_is_unknown() -> None:
    outcome = await placed(always(429, {"error": "slow down"}, Retry_After="3"))
    assert isinstance(outcome, Unknown)
    assert not outcome.engine_down
    assert outcome.sign == Sign(Storm.LIMITED, 3.0)


@pytest.mark.parametrize("told", ["soon", "", "-3", "nan", "inf", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 400])
async def test_a_wait_that_makes_no_sense_is_none(told: str) -> None:
    assert sign_of(await placed(always(429, b"", Retry_After=told))) == Sign(Storm.LIMITED)


@pytest.mark.parametrize(
    ("body", "sign"),
    [
        ({"error": "trading is disabled"}, Sign(Storm.DISABLED)),
        ({"error": "try later", "code": "post_only_mode", "retry_after_seconds": 9}, Sign(Storm.POST_ONLY, 9.0)),
        ({"error": "post-only mode: only post-only orders and cancels are allowed"}, Sign(Storm.POST_ONLY)),
        ({"error": "the exchange is in cancel-only mode"}, Sign(Storm.CANCEL_ONLY)),
        ({"error": "wait", "code": "cancel_only", "retry_after_seconds": 60}, Sign(Storm.CANCEL_ONLY, 60.0)),
    ],
)
async def test_the_documented_503s_were_not_processed(body: object, sign: Sign) -> None:
    outcome = await placed(always(503, body))
    assert isinstance(outcome, Rejected)
    assert (outcome.fault, outcome.sign) == (Fault.PAUSED, sign)


async def test_a_header_says_how_long_a_503_lasts_before_its_body_does() -> None:
    body = {"error": "trading is disabled", "retry_after_seconds": 60}
    assert sign_of(await placed(always(503, body, Retry_After="7"))) == Sign(Storm.DISABLED, 7.0)


@pytest.mark.parametrize("body", [{"error": "upstream"}, {}, [], b"<html>", b""])
async def test_any_other_503_is_unknown(body: object) -> None:
    assert isinstance(await placed(always(503, body)), Unknown)


@pytest.mark.parametrize("status", [100 + 2, 201, 302, 402, 405, 409, 413, 422, 500, 502, 504, 520])
async def test_every_status_the_table_does_not_name_is_unknown(status: int) -> None:
    assert isinstance(await placed(always(status, {"error": "there are no matching orders"})), Unknown)


@pytest.mark.parametrize("status", [200, 400, 404, 500])
@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"{", b"NaN", b"[" * 100_000])
async def test_a_body_that_cannot_be_read_is_unknown(status: int, body: bytes) -> None:
    assert isinstance(await placed(always(status, body)), Unknown)


@pytest.mark.parametrize("problem", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
async def test_what_failed_before_the_first_byte_was_never_sent(problem: type[httpx.TransportError]) -> None:
    assert isinstance(await placed(failing(problem)), NeverSent)


@pytest.mark.parametrize(
    "problem",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.CloseError,
        httpx.RemoteProtocolError,
        httpx.LocalProtocolError,
        httpx.ProxyError,
        httpx.DecodingError,
    ],
)
async def test_every_other_failure_is_unknown(problem: type[httpx.RequestError]) -> None:
    assert isinstance(await placed(failing(problem)), Unknown)


def failing(problem: type[httpx.RequestError]) -> Answer:
    def venue(request: httpx.Request) -> httpx.Response:
        raise problem("as planned")

    return venue


async def test_the_order_is_sent_once_signed_as_it_is() -> None:
    seen: list[httpx.Request] = []

    def venue(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        raise httpx.ReadTimeout("silence")

    await placed(venue)
    (request,) = seen
    assert (request.method, request.url.path, request.content) == ("POST", "/order", SIGNED.body)
    assert request.headers["POLY_SIGNATURE"]
    assert request.headers["Content-Type"] == "application/json"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["success", "errorMsg", "error", "orderID", "status", "code", "x"]), inner
    ),
    max_leaves=12,
)  # fmt: skip


@given(
    status=st.integers(100, 599),
    body=st.binary() | json_values.map(lambda value: json.dumps(value).encode()),
    headers=st.dictionaries(st.sampled_from(["poly-ratelimit-reset", "retry-after", "x"]), st.text()),
)
def test_no_answer_makes_an_exception_and_acceptance_needs_our_id(
    status: int, body: bytes, headers: dict[str, str]
) -> None:
    outcome = placement(ID, status, headers, body)
    assert isinstance(outcome, Accepted | Rejected | Unknown)
    assert not isinstance(outcome, Accepted) or ID.encode() in body
    assert not isinstance(outcome, Rejected) or status in (200, 400, 401, 403, 404, 429, 503)
