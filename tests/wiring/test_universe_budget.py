"""However the list of markets jumps, the money that orders and shares may take is never more than the whole budget."""

from __future__ import annotations

import trio
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.numbers import PUSD, SHARE, Cash
from actors.model.settings import BudgetSettings
from tests.depth import examples
from tests.wiring.test_universe import ALL, choosing, listed, started
from tests.wiring.world import until, virtually

TOTAL = Cash(45 * PUSD)
VOLUMES = st.dictionaries(st.sampled_from([each.slug for each in ALL]), st.integers(15_000, 900_000), max_size=4)
LOOKS = st.lists(st.tuples(VOLUMES, st.integers(0, 40), st.booleans()), min_size=2, max_size=6)


@settings(max_examples=examples(25), deadline=None)
@given(LOOKS)
def test_the_split_is_never_more_than_the_whole_at_any_instant(looks: list[tuple[dict[str, int], int, bool]]) -> None:
    async def main() -> None:
        of = choosing({"alpha": 50_000, "beta": 40_000}, every=20.0, stay=40.0, lead=0.0)
        of.settings = evolve(of.settings, budget=BudgetSettings(per_market=Cash(30 * PUSD), total=TOTAL))
        worst: list[int] = []
        async with started(of) as it:
            it.venue.watch = lambda: worst.append(sum(map(it.venue.exposure, it.venue.markets)))
            await until(lambda: bool(it.venue.placed), within=5.0)
            for volumes, wait, fills in looks:
                it.venue.listings = listed(volumes)
                await trio.sleep(wait)
                for order in it.live() if fills else ():
                    it.venue.fill(order.order_id, 7 * SHARE)
                await trio.sleep(15.0)
                caps = sum(it.spine.roll.caps[slug] for slug in it.spine.roll.seats)
                left = sum(it.spine.forest.tied(s) for s, t in it.spine.roll.tenures.items() if t.leaving)
                assert caps + left <= TOTAL or not caps
        assert max(worst) <= TOTAL
        assert it.venue.breaches == []

    virtually(main)
