"""Sets of a neg-risk event: only whole ones are summed up, and of any other event it is said why there are none."""

from __future__ import annotations

import pytest
from attrs import evolve, frozen

from actors.messages import BookSnapshot
from actors.model.listing import Event, Listing, Stage, Version
from actors.model.market import Market
from actors.model.numbers import PRICE_ONE, SHARE, Price
from actors.model.outcome import Unread
from actors.shared.sets import sets_of

AT = 1_764_000_000.0


def listed(name: str) -> Listing:
    return Listing(
        gamma_id=name,
        slug=name,
        condition_id=f"0x{name}",
        version=Version.V1,
        question="?",
        labels=("Yes", "No"),
        tokens=(f"{name}-yes", f"{name}-no"),
        active=True,
        closed=False,
        archived=False,
        accepting=True,
        has_book=True,
        neg_risk=True,
    )


A, B = listed("a"), listed("b")
EVENT = Event("1", "cup", neg_risk=True, ends_at=AT + 36.5 * 86_400, markets=(A, B))
LOST = evolve(listed("c"), closed=True, stage=Stage.RESOLVED, prices=(Price(0), Price(PRICE_ONE)))


@frozen
class Shelf:
    """The listings and the books, as they are told."""

    found: Event | Unread | None
    asks: tuple[tuple[str, int], ...] = (("a-yes", 4_000), ("a-no", 6_100), ("b-yes", 5_500), ("b-no", 4_600))

    async def event(self, slug: str) -> Event | Unread | None:
        return self.found

    async def find(self, names: object) -> tuple[Market, ...] | Unread:
        return ()

    async def books(self, tokens: object) -> tuple[BookSnapshot, ...] | Unread:
        return tuple(BookSnapshot(token, (), ((9_900, SHARE), (price, 5 * SHARE))) for token, price in self.asks)


async def test_the_best_prices_of_every_market_are_summed_up() -> None:
    shelf = Shelf(EVENT)
    found = await sets_of(shelf, shelf, "cup", AT)
    assert not isinstance(found, Unread)
    assert [(one.kind, one.size) for one in found] == [("every YES", 5 * SHARE), ("every NO", 5 * SHARE)]
    assert [one.edge for one in found] == pytest.approx([0.05, -0.07])
    assert found[0].annual == pytest.approx(0.5)


async def test_a_market_that_has_lost_already_is_no_leg() -> None:
    shelf = Shelf(evolve(EVENT, markets=(A, B, LOST)))
    assert not isinstance(await sets_of(shelf, shelf, "cup", AT), Unread)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (None, "no event is called cup"),
        (Unread("500"), "500"),
        (evolve(EVENT, neg_risk=False), "do not exclude each other"),
        (evolve(EVENT, augmented=True), "further outcomes may join it (augmented)"),
        (evolve(EVENT, refused=("no tick",)), "some of its markets cannot be read: no tick"),
        (evolve(EVENT, markets=(A, evolve(B, closed=True))), "b takes no orders and has not lost"),
        (evolve(EVENT, markets=(A, evolve(B, tokens=None))), "b has no tokens yet"),
        (evolve(EVENT, markets=(A, LOST)), "fewer than two of its markets are open"),
    ],
)
async def test_an_event_that_is_no_whole_set_is_refused_with_its_reason(event: Event | None, why: str) -> None:
    shelf = Shelf(event)
    found = await sets_of(shelf, shelf, "cup", AT)
    assert isinstance(found, Unread)
    assert why in found.why
