"""Ranking 1,000 discovered markets: ten pages of Gamma, ten requests for books, both scores, through the real client.

The venue is in memory and answers at once with texts made before: what is measured is ours. Run: python -m tests.bench.ranking
"""

from __future__ import annotations

import json
import random
import time

import httpx
import trio
from attrs import frozen

from actors.model.settings import MarketSettings, Settings
from actors.shared.choosing import Choice, choose
from adapters.polymarket.catalogue import GammaCatalogue
from adapters.polymarket.public import RestPublic

MARKETS, PAGE = 1_000, 100
WANTED = 2.0  # s
NOW = 1_764_000_000.0
REPEATS = 5


@frozen
class Answers:
    """Gamma's pages by cursor, and the book of each token."""

    pages: dict[str, bytes]
    books: dict[str, bytes]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/books":
            asked = [row["token_id"] for row in json.loads(request.content)]
            return httpx.Response(200, content=b"[" + b",".join(self.books[token] for token in asked) + b"]")
        return httpx.Response(200, content=self.pages[request.url.params.get("after_cursor", "0")])


def answers(rng: random.Random) -> Answers:
    """Markets as Gamma shows them, with 40 levels a side."""
    listed = [_listed(number, rng) for number in range(MARKETS)]
    pages = {}
    for start in range(0, MARKETS, PAGE):
        more = {"next_cursor": str(start + PAGE)} if start + PAGE < MARKETS else {}
        pages[str(start)] = json.dumps({"markets": listed[start : start + PAGE], **more}).encode()
    books = {token: json.dumps(_book(token, rng)).encode() for token in (str(_token(n)) for n in range(MARKETS))}
    return Answers(pages, books)


async def ranked(venue: Answers) -> Choice:
    def transport() -> httpx.MockTransport:
        return httpx.MockTransport(venue)

    catalogue = GammaCatalogue.open("http://gamma", transport)
    choice = await choose(catalogue, RestPublic.open("http://clob", transport), Settings((MarketSettings("x"),)), NOW)
    assert isinstance(choice, Choice), choice
    return choice


def measure() -> tuple[Choice, float]:
    """The ranking, and the median of its durations in seconds."""
    venue, took = answers(random.Random(1)), []
    for _ in range(REPEATS):
        began = time.perf_counter()
        choice = trio.run(ranked, venue)
        took.append(time.perf_counter() - began)
    return choice, sorted(took)[REPEATS // 2]


def main() -> None:
    choice, seconds = measure()
    print(f"rank {choice.seen} discovered markets   {seconds:5.2f} s, {len(choice.ranked)} worth trading", end=" ")
    print(f"(wanted: less than {WANTED:g} s)")


def _token(number: int) -> int:
    return 2**250 + number * 2**60 + 1


def _listed(number: int, rng: random.Random) -> dict[str, object]:
    token = _token(number)
    return {
        "id": str(number), "slug": f"market-{number}", "question": "Will it happen?" * 4, "conditionId": f"0x{number:064x}",
        "description": "This market resolves to Yes if it happens. " * 40, "version": "v1", "outcomes": '["Yes", "No"]',
        "outcomePrices": '["0.5", "0.5"]', "clobTokenIds": json.dumps([str(token), str(token + 1)]), "active": True,
        "closed": False, "archived": False, "acceptingOrders": True, "enableOrderBook": True, "negRisk": False,
        "orderPriceMinTickSize": 0.01, "orderMinSize": 5, "endDate": "2026-12-31T00:00:00Z", "feesEnabled": True,
        "feeSchedule": {"exponent": 1, "rate": 0.05, "takerOnly": True, "rebateRate": 0.25}, "rewardsMinSize": 50,
        "rewardsMaxSpread": 3.5, "clobRewards": [{"rewardsDailyRate": rng.randrange(200)}],
        "volumeNum": rng.uniform(10_000, 10**7), "volume24hr": rng.uniform(10_000, 10**6),
        "events": [{"id": str(number), "slug": f"event-{number}", "title": "An event", "tags": []}],
    }  # fmt: skip


def _book(token: str, rng: random.Random) -> dict[str, object]:
    bid = rng.randrange(45, 90)
    prices = ([bid - n for n in range(40)], [min(99, bid + 3 + n) for n in range(40)])
    bids, asks = ([{"price": f"{p / 100:.2f}", "size": f"{rng.uniform(5, 900):.2f}"} for p in side] for side in prices)
    return {"asset_id": token, "market": "0x0", "timestamp": "1764000000000", "hash": "", "bids": bids[::-1], "asks": asks[::-1]}  # fmt: skip


if __name__ == "__main__":
    main()
