"""What the venue says it paid makers: rows by condition, and an answer that cannot be read whole is none."""

from __future__ import annotations

import httpx
import pytest

from actors.model.income import Kind
from actors.model.numbers import PUSD
from actors.model.outcome import Unread
from tests.adapters.polymarket.samples import ADDRESS, CONDITION, always, page, trading

OTHER = "0x" + "9" * 62  # of Protocol V2, as Gamma and not the order book shows it
DAY = 20_400


def earning(**changes: object) -> dict[str, object]:
    plain: dict[str, object] = {
        "date": "2025-11-08T00:00:00Z", "condition_id": CONDITION, "asset_address": "0xC0", "maker_address": ADDRESS,
        "earnings": 1.25, "asset_rate": 1,
    }  # fmt: skip
    return {**plain, **changes}


def rebate(**changes: object) -> dict[str, object]:
    plain: dict[str, object] = {"date": "2025-11-08", "condition_id": CONDITION, "rebated_fees_usdc": "0.069888"}
    return {**plain, **changes}


async def test_rewards_are_asked_for_by_day_and_wallet_type_and_summed_by_market() -> None:
    asked: list[httpx.Request] = []

    def venue(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=page([earning(), earning(earnings=0.5), earning(condition_id=OTHER)]))

    account = await trading(venue)
    asked.clear()
    assert await account.paid(Kind.REWARDS, DAY) == {CONDITION: 1_750_000, OTHER + "00": 1_250_000}
    (request,) = asked
    assert request.url.path == "/rewards/user"
    assert (request.url.params["date"], request.url.params["signature_type"]) == ("2025-11-08", "0")


async def test_rebates_are_asked_for_by_day_and_wallet() -> None:
    asked: list[httpx.Request] = []

    def venue(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json=[rebate(), rebate(condition_id=OTHER, rebated_fees_usdc=7)])

    account = await trading(venue)
    asked.clear()
    assert await account.paid(Kind.REBATES, DAY) == {CONDITION: 69_888, OTHER + "00": 7 * PUSD}
    assert dict(asked[0].url.params) == {"date": "2025-11-08", "maker_address": account.address}


@pytest.mark.parametrize(
    "odd", [earning(earnings="?"), earning(condition_id="0x12"), earning(earnings=None), {"date": "x"}, 7], ids=str
)
async def test_a_row_that_cannot_be_read_leaves_the_day_unread(odd: object) -> None:
    account = await trading(always(200, page([earning(), odd])))
    assert isinstance(await account.paid(Kind.REWARDS, DAY), Unread)


@pytest.mark.parametrize("odd", [rebate(rebated_fees_usdc=None), rebate(condition_id="0x12"), {}, 7], ids=str)
async def test_a_rebate_that_cannot_be_read_leaves_the_day_unread(odd: object) -> None:
    account = await trading(always(200, [rebate(), odd]))
    assert isinstance(await account.paid(Kind.REBATES, DAY), Unread)


async def test_a_refused_read_says_why() -> None:
    account = await trading(always(500, {"error": "down"}))
    for answer in (await account.paid(Kind.REWARDS, DAY), await account.paid(Kind.REBATES, DAY)):
        assert isinstance(answer, Unread)
        assert "down" in answer.why
