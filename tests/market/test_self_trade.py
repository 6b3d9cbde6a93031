"""Whatever a strategy wants, in whatever order, no order of ours can ever meet another (I9), and no sell is naked."""

from __future__ import annotations

import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.model.book import Book, Depth, Level
from actors.model.market import Outcome, Side
from actors.model.numbers import SHARE, Price, Size
from actors.model.quote import Quote, Targets
from tests.depth import examples
from tests.venue import Fate
from tests.wiring.world import ALPHA, World, bot, virtually, world

FAR = (((100, 1000 * SHARE),), ((9900, 1000 * SHARE),))
QUOTE = st.builds(
    Quote,
    st.sampled_from(Outcome),
    st.sampled_from(Side),
    st.integers(3, 7).map(lambda n: Price(n * 1000)),
    st.integers(5, 20).map(lambda n: Size(n * SHARE)),
)
STEP = st.tuples(st.lists(QUOTE, max_size=4), st.floats(0.0, 1.5), st.booleans())


def want(of: World, quotes: list[Quote]) -> None:
    """Fresh targets on a fresh book, straight into the tracker's hands."""
    now = trio.current_time()
    depth = Depth((Level(Price(100), Size(SHARE)),), (Level(Price(9900), Size(SHARE)),))
    box = of.box("alpha", "tracker")
    box.put(Book("alpha", depth, depth, Price(100), 1, now, True))
    box.put(Targets("alpha", tuple(quotes), now + 3.0, None, 1))


async def driven(steps: list[tuple[list[Quote], float, bool]], fates: list[Fate]) -> World:
    """A tracker without feed and quoter, told what to want."""
    lone = world()
    lone.venue.books_["alpha"] = FAR
    lone.venue.fates.extend(fates)
    lone.venue.latency |= {"place": 0.2, "cancel": 0.1}
    async with bot(lone, trees=False) as running, trio.open_nursery() as nursery:
        nursery.start_soon(running.tree("alpha").children["tracker"].run)
        await trio.sleep(0.2)
        for quotes, pause, filled in steps:
            want(running, quotes)
            await trio.sleep(pause)
            for order in running.live() if filled else ():
                running.venue.fill(order.order_id, order.size // 2)
        await trio.sleep(2.0)
        nursery.cancel_scope.cancel()
    return lone


@settings(max_examples=examples(150), deadline=None)
@given(
    st.lists(STEP, min_size=1, max_size=8),
    st.lists(st.sampled_from((Fate.ACCEPT, Fate.ACCEPT, Fate.UNHEARD, Fate.ZOMBIE)), max_size=10),
)
def test_no_course_of_targets_lets_two_of_our_orders_meet(
    steps: list[tuple[list[Quote], float, bool]], fates: list[Fate]
) -> None:
    assert virtually(lambda: driven(steps, fates)).venue.breaches == []


def test_wanted_quotes_that_cannot_meet_all_rest() -> None:
    """Against vacuous success: what may rest does rest."""
    quotes = [
        Quote(Outcome.YES, Side.BUY, Price(4000), Size(10 * SHARE)),
        Quote(Outcome.NO, Side.BUY, Price(5000), Size(10 * SHARE)),
    ]
    lone = virtually(lambda: driven([(quotes, 0.5, False)], []))
    assert sorted((o.token, o.price) for o in lone.live()) == [("alpha-no", 5000), ("alpha-yes", 4000)]
    assert ALPHA in lone.venue.markets
