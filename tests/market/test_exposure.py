"""The venue's own truth about our money, held against the caps at every instant, under drawn faults (I1, I2, I3, I11)."""

from __future__ import annotations

from collections.abc import Callable

import trio
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.market.report import MarketReport
from actors.model.numbers import PUSD, SHARE, Cash, Size
from actors.model.order import Settlement
from actors.model.settings import BudgetSettings, MarketSettings, RestartSettings, Settings
from actors.model.simple_settings import SimpleParameters
from actors.model.strategy_settings import StrategySettings
from tests.depth import examples
from tests.venue import Event, Fate
from tests.wiring.world import ALPHA, BETA, World, bot, virtually, world

BUDGET = BudgetSettings(per_market=Cash(9 * PUSD), total=Cash(13 * PUSD))
SETTINGS = Settings(
    (MarketSettings("alpha"), MarketSettings("beta")),
    budget=BUDGET,
    strategy=StrategySettings("simple", SimpleParameters(size=Size(8 * SHARE))),
    restarts=RestartSettings(crashes=100),  # six crashes of a shared actor in half a minute would end the run
)
ACTIONS = (
    "move", "move", "fill", "fill", "part", "ghost", "settle", "fail", "tracker", "quoter", "feed", "budget", "risk",
    "gateway", "limiter", "journal", "account", "deaf", "cut", "slow", "quick", "stubborn", "willing",
)  # fmt: skip
Act = tuple[str, float, int, int]
ACT = st.tuples(st.sampled_from(ACTIONS), st.floats(0.01, 3.0), st.integers(0, 1), st.integers(0, 40))
FATES = st.lists(st.sampled_from([Fate.ACCEPT, *Fate]), max_size=40)


@define(eq=False, repr=False)
class Auditor:
    """Looks at every change at the venue; the worst it saw is what counts."""

    of: World
    wrong: list[str] = field(factory=list)
    looks: int = 0
    most: int = 0

    def look(self) -> None:
        self.looks += 1
        used = {m.slug: self.of.venue.exposure(m) for m in self.of.venue.markets}
        for slug, amount in used.items():
            if amount > BUDGET.per_market:
                self._blame(f"{slug} may take {amount}")
            report = self.of.board.last(MarketReport, slug)
            if report is not None and not report.reconciling and report.exposure < amount:
                self._blame(f"{slug} counts {report.exposure} of {amount}")
        self.most = max(self.most, sum(used.values()))
        if sum(used.values()) > BUDGET.total:
            self._blame(f"all may take {used}")

    def _blame(self, what: str) -> None:
        self.wrong.append(f"at {trio.current_time():.3f}: {what}")


def do(of: World, what: str, which: int, number: int) -> None:
    """One thing that happens to the bot or at the venue."""
    venue, slug = of.venue, ("alpha", "beta")[which]
    live, open_ = of.live(slug), [f for f in venue.trades_ if f.settlement is Settlement.MATCHED]
    match what:
        case "move":
            bid = 4000 + 100 * (number % 20)
            venue.books_[slug] = (((bid, 1000 * SHARE),), ((bid + 400, 1000 * SHARE),))
            of.sockets.say(*(venue.snapshot(t) for t in venue.markets[which].tokens))
        case "fill" | "part" | "ghost" if live:
            order = live[number % len(live)]
            venue.fill(order.order_id, order.size // (4 if what == "part" else 1), sure=what != "ghost")
        case "settle" | "fail" if open_:
            venue.settle(open_[0].trade_id, Settlement.CONFIRMED if what == "settle" else Settlement.FAILED)
        case "tracker" | "quoter" | "feed":
            of.tree(slug).drill(what, 1)
        case "budget" | "risk" | "gateway" | "limiter" | "journal" | "account":
            of.shared(what).crash("drill")
        case _:
            _disturb(of, what, number)


def _disturb(of: World, what: str, number: int) -> None:
    """What lasts until it is taken back."""
    heard: dict[str, Callable[[Event], tuple[Event, ...]]] = {
        "deaf": lambda _: (),
        "quick": lambda event: (event, event) if number % 2 else (event,),
    }
    of.users.tamper = heard.get(what, of.users.tamper)
    match what:
        case "cut":
            of.users.cut()
        case "slow" | "quick":
            of.venue.latency |= {
                kind: 0.4 if what == "slow" else 0.005 for kind in ("place", "cancel", "query", "read")
            }
        case "stubborn":
            of.venue.uncancellable |= {o.order_id for o in of.venue.live()}
        case "willing":
            of.venue.uncancellable.clear()


async def audited(fates: list[Fate], acts: list[Act]) -> tuple[Auditor, World]:
    """Run the script, then let everything recover for longer than the lateness bound."""
    shaky = world(ALPHA, BETA, settings=SETTINGS)
    auditor = Auditor(shaky)
    shaky.venue.watch = auditor.look
    shaky.venue.fates.extend(fates)
    async with bot(shaky) as running:
        for what, pause, which, number in acts:
            await trio.sleep(pause)
            do(running, what, which, number)
        for what in ("quick", "willing", "cut"):
            do(running, what, 0, 0)
        running.venue.fates.clear()
        for fill in list(running.venue.trades_):
            if fill.settlement is Settlement.MATCHED:
                running.venue.settle(fill.trade_id, Settlement.CONFIRMED)
        await trio.sleep(100.0)
    return auditor, shaky


def settled(of: World) -> None:
    """What the bot believes in the end is what the venue knows."""
    assert of.venue.breaches == []
    for market in of.venue.markets:
        truth, report = of.venue.ledger(market).position, of.report(market.slug)
        assert (report.position.yes.size, report.position.no.size) == (truth.yes.size, truth.no.size)
        assert report.position.spent == truth.spent
        assert set(report.orders) == {o.order_id for o in of.live(market.slug)}
        assert (report.exposure, report.foreign) == (of.venue.exposure(market), ())


@settings(max_examples=examples(40), deadline=None)
@given(FATES, st.lists(ACT, max_size=25))
def test_the_venue_can_never_take_more_than_the_caps_and_the_bot_always_counts_it(
    fates: list[Fate], acts: list[Act]
) -> None:
    auditor, shaky = virtually(lambda: audited(fates, acts))
    assert auditor.wrong == []
    assert auditor.looks > 0
    settled(shaky)


def test_the_drawn_scripts_can_reach_the_caps() -> None:
    """Against vacuous success: without the budget's refusals this script would pass both caps."""
    acts = [("move", 1.0, n % 2, n) for n in range(4)] + [("fill", 1.0, n % 2, n) for n in range(6)]
    auditor, shaky = virtually(lambda: audited([], acts))
    assert auditor.wrong == []
    assert auditor.most > 0.8 * BUDGET.total
    settled(shaky)
