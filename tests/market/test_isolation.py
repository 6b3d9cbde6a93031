"""A crash in one market changes nothing in another: no order, no reservation, no timer (I6, I7)."""

from __future__ import annotations

from itertools import pairwise

import pytest
import trio

from actors.market.tree import ACTORS
from actors.model.quote import Targets
from actors.shared.budget import Restate
from tests.wiring.world import ALPHA, BETA, World, happens, quoting, until, virtually

INSTANTS = (0.0, 0.13, 0.5, 0.999, 1.0, 2.02, 3.7, 4.9)
Picture = tuple[object, ...]


def picture(of: World) -> Picture:
    """Everything of beta that a crash of alpha must not touch."""
    report = of.report("beta")
    return (of.live("beta"), report.exposure, report.orders, report.generation, report.position)


async def undisturbed(actor: str, at: float, times: int = 1) -> None:
    """Watch beta for ten seconds with an actor of alpha crashing at an instant: same orders, money and renewals."""
    async with quoting(ALPHA, BETA) as running:
        before, leases = picture(running), set[float]()

        def touched() -> bool:
            targets = running.board.last(Targets, "beta")
            assert targets is not None
            leases.add(targets.valid_until)
            return picture(running) != before

        assert not await happens(touched, within=at)
        running.tree("alpha").drill(actor, times)
        assert not await happens(touched, within=10.0 - at)
        renewals = [later - earlier for earlier, later in pairwise(sorted(leases))]
        assert len(renewals) >= 8
        own = running.settings.quoter
        assert max(renewals) < own.late + 1e-6, "by a timer, or by a book that REST has confirmed"
        assert min(renewals) > own.renew / 2 - 1e-6


@pytest.mark.parametrize("actor", ACTORS)
def test_a_crash_at_any_instant_leaves_the_other_market_as_it_was(actor: str) -> None:
    for at in INSTANTS:
        virtually(lambda when=at: undisturbed(actor, when))  # type: ignore[misc]


@pytest.mark.parametrize("actor", ACTORS)
def test_a_market_beyond_its_limit_leaves_the_other_market_as_it_was(actor: str) -> None:
    virtually(lambda: undisturbed(actor, 1.0, times=50))


@pytest.mark.parametrize("actor", ACTORS)
async def test_a_crashed_actor_is_back_within_a_second(actor: str, autojump_clock: object) -> None:
    async with quoting(ALPHA) as running:
        for _ in range(5):
            await trio.sleep(31.0)
            running.tree("alpha").drill(actor, 1)
            await trio.sleep(0.001)
            assert not running.tree("alpha").children[actor].up
            await until(lambda: running.tree("alpha").children[actor].up and len(running.live()) == 2, within=1.0)
        assert running.tree("alpha").children[actor].crashes.total == 5
        assert running.venue.breaches == []


async def test_the_money_of_a_crashed_market_stays_reserved_while_it_is_down(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        stated: list[Restate] = []
        running.tree("alpha").drill("tracker", 1)
        await trio.sleep(0.05)
        running.shared("budget").renew()
        stated += [s for s in running.shared("budget").read_nowait() if isinstance(s, Restate) and s.market == "alpha"]
        assert [sum(s.reserved.values()) for s in stated] == [19_200_000]


async def test_a_market_that_cannot_read_the_venue_keeps_no_other_from_quoting(autojump_clock: object) -> None:
    async with quoting(ALPHA, BETA) as running:
        running.venue.broken.add("read 0xalpha")
        running.tree("alpha").drill("tracker", 1)
        before = picture(running)
        await trio.sleep(120.0)
        assert picture(running) == before
