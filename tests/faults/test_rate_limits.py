"""The exchange counts as the venue does, and never has to say 429: the real bot with its real adapters, on virtual time."""

from __future__ import annotations

from collections import Counter

import pytest
import trio
from attrs import define, evolve, field

from actors.model import rates
from actors.model.limit_settings import LimitSettings
from actors.model.rates import Lane
from actors.model.settings import Settings
from actors.shared import limiter
from adapters.emulator.emulator import Emulator
from adapters.emulator.gates import Gates
from adapters.emulator.http import Request, Response
from adapters.emulator.limits import TIERS, Limits, Tier
from adapters.emulator.rest import Rest
from tests.faults.plan import MARKETS, Act, Plan
from tests.faults.watch import START
from tests.faults.world import World, simulate

SMALL = Tier("small", (4, 6), (8, 12), debt=True)
TIGHT = LimitSettings(
    order_rate=3.6, order_burst=5, cancel_rate=7.2, cancel_burst=10, cancel_reserve=4, min_life=0.0, dedupe=0.0
)
BUSY = Plan(seed=5, weather=60.0, quiet=0.0, flow="busy", markets=MARKETS)


@define(eq=False)
class Counting:
    """An exchange of this tier with a bot of these limits, and how often what was answered."""

    tier: Tier
    limits: LimitSettings
    answers: Counter[tuple[str, int]] = field(factory=Counter)

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        build, settings, handle = World._exchange, World._settings, Rest.handle
        assert isinstance(settings, property)

        def exchange(world: World) -> Emulator:
            emulator = build(world)
            emulator.desk.limits = Limits(self.tier, lambda: START + trio.current_time())
            emulator.desk.gates = Gates(on=True)
            return emulator

        def limited(world: World) -> Settings:
            own: Settings = settings.__get__(world)
            return evolve(own, limits=self.limits)

        async def counted(service: Rest, request: Request) -> Response | None:
            response = await handle(service, request)
            if response is not None:
                self.answers[f"{request.method} {request.path}", response.status] += 1
            return response

        monkeypatch.setattr(World, "_exchange", exchange)
        monkeypatch.setattr(World, "_settings", property(limited))
        monkeypatch.setattr(Rest, "handle", counted)

    @property
    def refused(self) -> dict[str, int]:
        return {call: times for (call, status), times in self.answers.items() if status == 429}

    def count(self, call: str) -> int:
        return sum(times for (name, _), times in self.answers.items() if name.startswith(call))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tier", "limits"),
    [
        pytest.param(TIERS["standard"], LimitSettings(), id="as shipped"),
        pytest.param(SMALL, TIGHT, id="tight"),
    ],
)
def test_a_busy_run_is_never_refused_for_its_rate(
    tier: Tier, limits: LimitSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause, a kill and a resume in the middle of it, and the sale of everything at the end."""
    counting = Counting(tier, limits)
    counting.patch(monkeypatch)
    acts = (Act("order", 20.0, who="pause"), Act("order", 24.0, who="resume"), Act("order", 40.0, who="kill"))
    world = simulate(evolve(BUSY, acts=(*acts, Act("order", 45.0, who="ack"))))
    assert world.breaches == []
    assert counting.count("POST /order") > 50
    assert counting.refused == {}


WIDE = LimitSettings(min_life=0.0, dedupe=0.0)
NARROW = Tier("narrow", (2, 15), (4, 15), debt=True)


@pytest.mark.slow
def test_a_bot_that_thinks_its_limits_wider_than_they_are_heeds_what_the_venue_says_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its tier, once it is named, and whatever else the account sends."""
    monkeypatch.setitem(rates.TIERS, "narrow", {Lane.ORDERS: NARROW.orders, Lane.CANCELS: NARROW.cancels})
    heeding, deaf = Counting(NARROW, WIDE), Counting(NARROW, WIDE)
    with monkeypatch.context() as patch:
        heeding.patch(patch)
        assert simulate(BUSY).breaches == []
    with monkeypatch.context() as patch:
        deaf.patch(patch)
        patch.setattr(limiter._Account, "allowed", lambda self, heard, now: None)
        simulate(BUSY)
    assert heeding.count("POST /order") > 50, "what is wanted together travels together"
    assert heeding.refused == {}
    assert sum(deaf.refused.values()) > 5


@pytest.mark.slow
def test_a_bot_that_thinks_its_limits_wider_than_they_are_slows_down_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The venue says nothing of what is left. Beside the pause that follows every refusal: without the slower rate there were half as many again.

    Over three lives, as of some twenty refusals in one a few more or less are chance.
    """
    monkeypatch.setattr(Limits, "_headers", lambda self, tier, bucket, cost=1: (("Poly-RateLimit-Tier", tier.name),))
    slowing, stubborn = Counting(NARROW, WIDE), Counting(NARROW, WIDE)
    for plan in (BUSY, evolve(BUSY, seed=6), evolve(BUSY, seed=7)):
        with monkeypatch.context() as patch:
            slowing.patch(patch)
            world = simulate(plan)
            assert world.breaches == []
        with monkeypatch.context() as patch:
            stubborn.patch(patch)
            patch.setattr(limiter._Account, "refused", lambda self, heard, now: None)
            simulate(plan)
        usage = world.lives[-1].board.last(limiter.Usage)
        assert usage is not None
        assert usage.lanes[Lane.ORDERS].part < 1
    assert slowing.count("POST /order") > 300
    assert 3 * sum(slowing.refused.values()) < 2 * sum(stubborn.refused.values())
