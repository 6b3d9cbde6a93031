"""The headers of trading answers: what is left of the signer's tokens, by lane; anything odd says nothing."""

from __future__ import annotations

import httpx
import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from actors.messages import Signed
from actors.model.outcome import Rejected, Unknown
from actors.model.rates import Lane, Quota
from adapters.polymarket.quotas import Quotas
from tests.adapters.polymarket.samples import Answer, trading

ORDER = Signed("0x" + "35" * 32, b"{}")
NOW = 1_763_628_000.0
SAID = {
    "poly-ratelimit-remaining": "12",
    "poly-ratelimit-reset": "1763628003",
    "poly-ratelimit-tier": "Standard",
    "poly-ratelimit-warning": "false",
}


def heard(**headers: str) -> Quota | None:
    quotas = Quotas(lambda: NOW)
    quotas.hear(Lane.ORDERS, {**SAID, **{f"poly-ratelimit-{name}": value for name, value in headers.items()}})
    return quotas.last(Lane.ORDERS)


async def test_what_is_left_is_read_with_the_seconds_to_the_next_token(autojump_clock: object) -> None:
    assert heard() == Quota(Lane.ORDERS, 12.0, 3.0, 0.0, "standard", warned=False)


@pytest.mark.parametrize(
    ("reset", "seconds"), [("5", 5.0), ("1763627990", 0.0), ("soon", 0.0), ("nan", 0.0), ("-3", 0)]
)
async def test_a_reset_may_be_told_in_seconds_and_one_that_is_odd_is_now(
    reset: str, seconds: float, autojump_clock: object
) -> None:
    found = heard(reset=reset)
    assert found is not None
    assert found.resets_in == seconds


@pytest.mark.parametrize(
    ("warning", "warned"), [("true", True), ("1", True), ("", False), ("0", False), ("False", False)]
)
async def test_a_warning_is_heard(warning: str, warned: bool, autojump_clock: object) -> None:
    found = heard(warning=warning)
    assert found is not None
    assert found.warned is warned


@pytest.mark.parametrize("odd", ["", "many", "nan", "inf"])
async def test_without_a_number_nothing_was_said(odd: str, autojump_clock: object) -> None:
    assert heard(remaining=odd) is None


@given(st.dictionaries(st.sampled_from(sorted(SAID)), st.text(max_size=40)))
def test_no_headers_make_the_reader_raise(headers: dict[str, str]) -> None:
    async def hear() -> None:
        Quotas(lambda: NOW).hear(Lane.CANCELS, headers)

    trio.run(hear)


def limited(**headers: str) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, json={"error": "rate limit exceeded"}, headers=headers)

    return answer


async def test_each_lane_hears_its_own_answers_refused_ones_too() -> None:
    account = await trading(limited(**SAID))
    assert account.quota(Lane.ORDERS) is None
    assert isinstance(await account.place(ORDER), Rejected)
    told = account.quota(Lane.ORDERS)
    assert told is not None
    assert (told.left, told.tier, account.quota(Lane.CANCELS)) == (12.0, "standard", None)
    await account.cancel(["0xa"])
    assert account.quota(Lane.CANCELS) is not None


async def test_a_429_of_the_edge_says_nothing_of_tokens_and_leaves_the_order_unknown() -> None:
    account = await trading(limited())
    assert isinstance(await account.place(ORDER), Unknown)
    assert account.quota(Lane.ORDERS) is None
