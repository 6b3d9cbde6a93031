"""The budget's promise: whatever is asked, restated, repeated or crashed, the caps hold (I1)."""

from __future__ import annotations

import trio
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.kernel.ask import Ask, Desk
from actors.kernel.mailbox import Mailbox
from actors.model.numbers import PUSD, Cash
from actors.model.order import Key
from actors.model.reason import Hint, Reason, Refusal
from actors.model.settings import BudgetSettings
from actors.shared.budget import Budget, Grant, Reserve, Restate
from tests.depth import examples
from tests.shared.life import crash, living, reborn
from tests.shared.tuned import tuned
from tests.wiring.world import virtually

CAPS = BudgetSettings(per_market=Cash(10 * PUSD), total=Cash(15 * PUSD))


def budget(*markets: str, caps: BudgetSettings = CAPS) -> Budget:
    return Budget(Mailbox("budget"), tuned(budget=caps), markets)


@define(eq=False)
class Market:
    """A tracker as the budget knows it: what it truly ties up, and what it says."""

    name: str
    budget: Budget
    orders: dict[Key, int] = field(factory=dict)
    inventory: int = 0
    said: list[Restate] = field(factory=list)
    _numbers: int = 0
    _seq: int = 0

    @property
    def used(self) -> int:
        return sum(self.orders.values()) + self.inventory

    def seq(self) -> int:
        self._seq += 1
        return self._seq

    async def reserve(self, pusd: int, least: int | None = None) -> Refusal | None:
        """The refusal; with `least` (pUSD) a part will do."""
        self._numbers += 1
        key = Key(1, self._numbers)
        desk: Desk[Reserve, Grant] = Desk("budget", 1, self.budget.mailbox)
        worth = None if least is None else Cash(least * PUSD)
        granted = await desk.ask(Reserve(self.name, key, Cash(pusd * PUSD), self.seq(), worth))
        if isinstance(granted, Refusal):
            return granted
        self.orders[key] = pusd * PUSD if granted is None else granted
        assert (worth or pusd * PUSD) <= self.orders[key] <= pusd * PUSD
        return None

    def restate(self) -> None:
        state = Restate(self.name, self.seq(), {k: Cash(v) for k, v in self.orders.items()}, Cash(self.inventory))
        self.said.append(state)
        self.budget.mailbox.put(state, about=self.name)

    def end(self, *, filled: bool) -> None:
        """The oldest order dies, filled or not."""
        if self.orders:
            amount = self.orders.pop(min(self.orders))
            self.inventory += amount if filled else 0


STEP = st.tuples(
    st.sampled_from(("reserve", "reserve", "shrink", "fill", "cancel", "restate", "replay", "crash")),
    st.integers(0, 1),
    st.integers(1, 9),
)


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(STEP, max_size=30))
def test_no_interleaving_of_asks_restatements_and_crashes_passes_a_cap(steps: list[tuple[str, int, int]]) -> None:
    async def main() -> None:
        actor = budget("a", "b")
        markets = [Market("a", actor), Market("b", actor)]
        async with living(actor):
            for market in markets:
                market.restate()
            for verb, which, pusd in steps:
                await step(actor, markets, verb, which, pusd)
                assert all(m.used <= CAPS.per_market for m in markets)
                assert sum(m.used for m in markets) <= CAPS.total

    virtually(main)


async def step(actor: Budget, markets: list[Market], verb: str, which: int, pusd: int) -> None:
    market = markets[which]
    match verb:
        case "reserve":
            await market.reserve(pusd)
        case "shrink":
            await market.reserve(pusd, 1)
        case "fill" | "cancel":
            market.end(filled=verb == "fill")
        case "restate":
            market.restate()
        case "replay":  # an older restatement, as if it had been under way for long
            actor.mailbox.put(market.said[pusd % len(market.said)], about=market.name)
        case "crash":  # the trackers restate after a silent ask, well before the budget is back
            await crash(actor)
            for each in markets:
                each.restate()
            await reborn()


async def test_a_freed_reservation_can_be_granted_again(autojump_clock: object) -> None:
    actor = budget()
    market = Market("a", actor)
    async with living(actor):
        assert await market.reserve(9) is None
        refusal = await market.reserve(9)
        assert refusal is not None
        assert (refusal.reason, refusal.hint and refusal.hint.value) == (Reason.BUDGET_MARKET, "18")
        market.end(filled=False)
        market.restate()
        await trio.sleep(0.01)
        assert await market.reserve(9) is None


async def test_a_refusal_tells_the_order_from_what_is_in_use_and_hints_at_whole_pusd(autojump_clock: object) -> None:
    actor = budget(caps=BudgetSettings(per_market=Cash(10 * PUSD), total=Cash(12 * PUSD)))
    first, second = Market("a", actor), Market("b", actor)
    first.inventory = 9 * PUSD // 2
    async with living(actor):
        first.restate()
        await trio.sleep(0.01)
        refusal = await second.reserve(9)
        assert refusal is not None
        assert refusal.inputs == (("order", "9"), ("in use", "4.5"), ("budget.total", "12"))
        assert refusal.hint == Hint("budget.total", "14")


async def test_where_a_part_would_do_the_cap_that_leaves_too_little_for_it_is_named(autojump_clock: object) -> None:
    actor = budget(caps=BudgetSettings(per_market=Cash(20 * PUSD), total=Cash(30 * PUSD)))
    first, second = Market("a", actor), Market("b", actor)
    first.inventory = 28 * PUSD
    async with living(actor):
        first.restate()
        await trio.sleep(0.01)
        refusal = await second.reserve(25, 3)
        assert refusal is not None
        assert refusal.hint == Hint("budget.total", "53"), "its own market would have given it 20"


async def test_what_is_left_is_granted_to_whom_a_part_will_do(autojump_clock: object) -> None:
    actor = budget()
    market = Market("a", actor)
    async with living(actor):
        assert await market.reserve(7) is None
        assert await market.reserve(9, 4) is not None
        assert await market.reserve(9, 3) is None
        assert market.used == CAPS.per_market


async def test_an_older_restatement_does_not_undo_a_grant(autojump_clock: object) -> None:
    actor = budget()
    market = Market("a", actor)
    async with living(actor):
        market.restate()
        await trio.sleep(0.01)
        stale = market.said[0]
        assert await market.reserve(9) is None
        actor.mailbox.put(stale, about="a")
        await trio.sleep(0.01)
        assert await market.reserve(9) is not None


async def test_an_ask_given_up_by_its_asker_reserves_nothing(autojump_clock: object) -> None:
    actor = budget()
    market = Market("a", actor)
    async with living(actor):
        late = Ask[Reserve, Refusal | None](Reserve("a", Key(1, 99), Cash(9 * PUSD), 1), withdrawn=True)
        actor.mailbox.tell(late)
        assert await market.reserve(9) is None


async def test_the_same_key_is_reserved_once(autojump_clock: object) -> None:
    actor = budget()
    desk: Desk[Reserve, Refusal | None] = Desk("budget", 1, actor.mailbox)
    async with living(actor):
        for seq in range(3):
            assert await desk.ask(Reserve("a", Key(1, 1), Cash(9 * PUSD), seq)) is None


async def test_a_market_that_has_not_spoken_counts_with_its_whole_cap(autojump_clock: object) -> None:
    actor = budget("a", "b")
    first, second = Market("a", actor), Market("b", actor)
    async with living(actor):
        first.restate()
        await trio.sleep(0.01)
        refusal = await first.reserve(6)
        assert refusal is not None
        assert refusal.reason is Reason.BUDGET_TOTAL
        second.restate()
        await trio.sleep(0.01)
        assert await first.reserve(6) is None


async def test_a_market_with_a_budget_of_its_own_is_held_to_that_and_counts_with_it_until_it_has_spoken(
    autojump_clock: object,
) -> None:
    actor = Budget(Mailbox("budget"), tuned(budget=CAPS), ("small", "other"), {"small": Cash(4 * PUSD)})
    async with living(actor):
        small, other = Market("small", actor), Market("other", actor)
        other.restate()
        await trio.sleep(0.01)
        assert await other.reserve(10) is None, "15 less the 4 that the small one may tie up"
        refusal = await small.reserve(5)
        assert refusal is not None
        assert dict(refusal.inputs)["markets[].budget"] == "4"
        small.restate()
        await trio.sleep(0.01)
        assert await small.reserve(4) is None
