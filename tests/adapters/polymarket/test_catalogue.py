"""What Gamma lists, page after page, for choosing among it."""

from __future__ import annotations

import httpx
import pytest

from actors.model.listing import Activity, Listing
from actors.model.outcome import Unread
from adapters.polymarket.catalogue import GammaCatalogue
from tests.adapters.polymarket.gamma_samples import GammaVenue, event, listed
from tests.adapters.polymarket.samples import Answer, always


def catalogue(answer: Answer) -> GammaCatalogue:
    return GammaCatalogue.open("http://gamma", lambda: httpx.MockTransport(answer))


def numbered(n: int, **changes: object) -> dict[str, object]:
    return listed(id=str(n), slug=f"slug-{n}", conditionId=f"0x{n:064x}", **changes)


def slugs(answer: tuple[Listing, ...] | Unread) -> list[str]:
    assert isinstance(answer, tuple)
    return [one.slug for one in answer]


async def test_the_busiest_are_read_by_volume_page_after_page_and_no_more_than_asked_for() -> None:
    venue = GammaVenue(*(numbered(n) for n in range(9)), {"id": "1", "closed": False}, page=4)
    assert len(slugs(await catalogue(venue).busiest(20))) == 9, "one that cannot be read harms nobody"
    assert len(venue.asked) == 3
    assert all("order=volumeNum&ascending=false&closed=false" in asked for asked in venue.asked)
    assert slugs(await catalogue(venue).busiest(5)) == [f"slug-{n}" for n in range(5)]


class Searched:
    """A search with three events, one a page."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.params.get("page", "1"))
        page = int(self.asked[-1])
        found = event(numbered(page), numbered(page + 10, closed=True), slug=f"event-{page}")
        return httpx.Response(200, json={"events": [found], "pagination": {"hasMore": page < 3}})


async def test_a_search_is_read_page_after_page_and_its_open_markets_know_their_event() -> None:
    venue = Searched()
    found = await catalogue(venue).search("demo", 20)
    assert slugs(found) == ["slug-1", "slug-2", "slug-3"]
    assert isinstance(found, tuple)
    assert [one.event.slug for one in found if one.event] == ["event-1", "event-2", "event-3"]
    assert venue.asked == ["1", "2", "3"]
    assert slugs(await catalogue(Searched()).search("demo", 2)) == ["slug-1", "slug-2"]


async def test_what_cannot_be_read_says_why() -> None:
    assert await catalogue(always(503, {"error": "busy"})).busiest(3) == Unread("HTTP 503 busy")
    assert isinstance(await catalogue(always(503, {})).search("x", 3), Unread)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({"bestBid": 0.48, "bestAsk": 0.52, "volumeNum": 12.5, "volume24hr": 3, "liquidityNum": 7},
         Activity(4800, 5200, 12_500_000, 3_000_000, 7_000_000)),  # type: ignore[arg-type]
        ({"bestBid": None, "bestAsk": 1.5, "volume24hr": -1, "volumeNum": 1e300}, Activity()),
        ({}, Activity()),
    ],
)  # fmt: skip
async def test_odd_figures_of_its_trade_keep_no_market_off_the_list(told: dict[str, object], read: Activity) -> None:
    (one,) = await catalogue(GammaVenue(listed(**told))).busiest(1)  # type: ignore[misc]
    assert one.activity == read
