"""Each key that limits in a run of the whole bot in which it fires: its reason code, its audit row, its effect.

A key without a row fails the last test; a rule that is unplugged never gives its code.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import evolve, frozen

from actors.config_keys import described
from actors.ending import Exit
from actors.messages import Draft, Place, Refused
from actors.model.limit_settings import LimitSettings
from actors.model.market import Side
from actors.model.numbers import PUSD, SHARE, Cash, Price
from actors.model.order import Key
from actors.model.risk_settings import RiskSettings
from actors.model.settings import BudgetSettings, Settings
from actors.records import Note
from tests.venue import Fate, market
from tests.wiring.firing import FIRES, Fires, fire, settled, tripping
from tests.wiring.lives import console, life, quoted, status
from tests.wiring.rooted import quoting_root
from tests.wiring.staging import Resting, lose, pusd, shares
from tests.wiring.test_settlement import no_more_than_the_relayer_takes
from tests.wiring.waiting import WAITS
from tests.wiring.world import ALPHA, World, bot, move, until, world

Step = Callable[[World], Awaitable[None]]
_LATER = 10**9  # a generation that no fence of this run keeps out
PAIR = (evolve(ALPHA, event_slug="7", neg_risk=True), evolve(market("beta"), event_slug="7", neg_risk=True))


@frozen
class InMemory:
    """A `Stage` over the venue in memory; the audit is read from the journal."""

    of: World

    @classmethod
    def of_row(cls, row: Fires) -> InMemory:
        of = world(*(PAIR if row.pair else (ALPHA,)), settings=row.settings)
        of.venue.money = row.money * PUSD
        of.venue.fates.extend(row.fates)
        of.venue.latency["place"] = row.slow / 2  # on the way there and back
        return cls(of)

    def obey(self, command: str, args: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return console(self.of).obey(command, args)

    def told(self) -> dict[str, dict[str, Any]]:
        return told(self.of)

    def live(self) -> Sequence[Resting]:
        return self.of.venue.live()

    @property
    def posts(self) -> int:
        return len(self.of.venue.since(0.0, "place"))

    def audited(self, kind: str, code: str) -> int:
        return notes(self.of, kind, "" if kind == "kill" else f"{code}: ")

    async def take_buy(self) -> None:
        self.of.venue.fill(self.of.buy().order_id, 20 * SHARE)
        await trio.sleep(1.5)

    async def take_sale_below_cost(self) -> None:
        sale = next(o for o in self.of.live() if o.side is Side.SELL)
        self.of.venue.fill(sale.order_id, 20 * SHARE, price=4000)

    async def move(self, bid: int) -> None:
        move(self.of, bid)

    def hold(self, money: Cash) -> None:
        self.of.venue.money = money

    def hurry(self) -> None:
        self.of.venue.latency.clear()


def told(of: World) -> dict[str, dict[str, Any]]:
    """`explain` of every market."""
    return {m.slug: console(of).obey("explain", {"market": m.slug}) for m in of.venue.markets}


def notes(of: World, kind: str, text: str) -> int:
    return sum(isinstance(row, Note) and row.kind == kind and text in row.body for row in of.journal.rows)


@pytest.mark.parametrize("key", FIRES)
async def test_a_limit_fires_with_its_reason_its_audit_row_and_its_effect(key: str, autojump_clock: object) -> None:
    stage = InMemory.of_row(FIRES[key])
    async with life(stage.of):
        await fire(FIRES[key], stage)


# ── keys that say how another one counts, and one for a relayer in memory ─────────────────────────────────────────────


async def rests(risk: RiskSettings, provoke: Step) -> None:
    """Nothing trips: both quotes rest, though what was provoked has happened."""
    of = world(ALPHA, settings=settled(risk))
    async with life(of):
        await provoke(of)
        await trio.sleep(12.0)
        assert told(of)["alpha"]["reason"] is None
        assert not any(isinstance(row, Note) and row.kind == "breaker" for row in of.journal.rows)


async def a_window_forgets() -> None:
    async def slowly(of: World) -> None:
        """One refusal, and the next once it is forgotten."""
        for _ in range(2):
            of.venue.fates.append(Fate.REJECT)
            of.venue.fates.extend([Fate.ACCEPT] * 2)
            await quoted(of)
            await trio.sleep(3.0)
            of.venue.fill(of.live()[0].order_id, 20 * SHARE)
            await trio.sleep(0.5)

    await rests(tripping(reject_rate=20, least=5, window=2.0), slowly)


async def lose_two_answers(of: World) -> None:
    of.venue.fates.extend([Fate.UNHEARD] * 2)


async def few_orders_prove_nothing() -> None:
    await rests(tripping(error_rate=50, least=20), lose_two_answers)


async def a_cool_down_lasts_as_long_as_it_says() -> None:
    of = world(ALPHA, settings=settled(tripping(error_rate=50, cool_down=50.0)))
    of.venue.fates.extend([Fate.UNHEARD] * 2)
    async with life(of):
        await until(lambda: status(of)["state"] == "paused", within=3.0)
        await until(lambda: not of.live(), within=1.0)
        took = await until(lambda: len(of.live()) == 2, within=60.0)
        assert took == pytest.approx(50.0, abs=2.5)


async def what_takes_shorter_is_not_slow_and_what_is_never_answered_is_an_error() -> None:
    async def dawdle(of: World) -> None:
        of.venue.latency["place"] = 1.5  # twice: on the way there and back

    async def lose_answers(of: World) -> None:
        of.venue.latency["place"] = 3.0
        await lose_two_answers(of)

    await rests(tripping(slow_rate=50, slow_after=4.0), dawdle)
    await rests(tripping(slow_rate=60, slow_after=2.0, least=1), lose_answers)


async def a_markout_waits_for_its_time() -> None:
    async def recover(of: World) -> None:
        await lose(InMemory(of))
        await trio.sleep(3.0)
        move(of, 4800)

    await rests(tripping(markout=Price(500), markout_after=8.0), recover)


async def one_fill_is_no_mean_of_two() -> None:
    of = world(ALPHA, settings=settled(tripping(markout=Price(500), markout_fills=2)))
    async with life(of):
        await lose(InMemory(of))
        await trio.sleep(5.0)
        assert status(of)["state"] == "running"
        of.venue.fill(of.live()[0].order_id, 5 * SHARE, price=6000)
        await until(lambda: status(of)["state"] == "reducing", within=5.0)


async def log_only_lets_it_pass_and_says_so() -> None:
    risk = evolve(tripping(error_rate=50), mode="log_only", max_order_size=shares(10), max_daily_loss=pusd(2))
    of = world(ALPHA, settings=settled(risk))
    of.venue.fates.extend([Fate.UNHEARD] * 2)
    async with life(of):
        await quoted(of)
        await trio.sleep(3.0)
        assert len(of.live()) == 2
        assert notes(of, "log_only", "risk_order_size")
        assert notes(of, "log_only", "error_rate")
        move(of, 5000)
        await trio.sleep(3.0)
        assert notes(of, "log_only", "risk_order_size") == 1, "once a minute"
        await lose(InMemory(of))
        await until(lambda: status(of)["state"] == "safe", within=3.0)


async def a_budget_that_shrinks_places_what_it_can() -> None:
    of = world(ALPHA, settings=settled(None, BudgetSettings(per_market=pusd(5), shrink=True)))
    async with life(of):
        await until(lambda: len(of.live()) == 1, within=3.0)
        (order,) = of.live()
        assert (order.size, order.price) == (10_410_000, 4800), "4.9968 of 5 pUSD"
        await trio.sleep(3.0)
        assert of.venue.exposure(ALPHA) <= 5 * PUSD


async def an_order_that_is_too_old_is_replaced() -> None:
    of = world(ALPHA, settings=evolve(settled(), limits=LimitSettings(order_ttl=5.0)))
    async with life(of):
        await quoted(of)
        first = {order.order_id for order in of.live()}
        await trio.sleep(4.0)
        assert {order.order_id for order in of.live()} == first
        await trio.sleep(4.0)
        assert len(of.live()) == 2
        assert not first & {order.order_id for order in of.live()}


PARAMETERS: dict[str, Callable[[], Awaitable[None]]] = {
    "risk.mode": log_only_lets_it_pass_and_says_so,
    "risk.breakers.window": a_window_forgets,
    "risk.breakers.least": few_orders_prove_nothing,
    "risk.breakers.cool_down": a_cool_down_lasts_as_long_as_it_says,
    "risk.breakers.slow_after": what_takes_shorter_is_not_slow_and_what_is_never_answered_is_an_error,
    "risk.breakers.markout_after": a_markout_waits_for_its_time,
    "risk.breakers.markout_fills": one_fill_is_no_mean_of_two,
    "budget.shrink": a_budget_that_shrinks_places_what_it_can,
    "limits.order_ttl": an_order_that_is_too_old_is_replaced,
    "limits.windows.relayer": no_more_than_the_relayer_takes,
}


@pytest.mark.parametrize("key", PARAMETERS)
async def test_a_parameter_counts(key: str, autojump_clock: object) -> None:
    await PARAMETERS[key]()


async def test_on_kill_exit_ends_the_run(autojump_clock: object, tmp_path: Path) -> None:
    of = world(ALPHA, settings=settled(RiskSettings(max_hourly_loss=pusd(2), on_kill="exit")))
    async with quoting_root(of, tmp_path) as run:
        await lose(InMemory(of))
        assert (await run.until_over(60.0)).code is Exit.KILLED


@pytest.mark.parametrize(
    ("limit", "code"),
    [({"max_order_size": shares(30)}, "risk_order_size"), ({"max_order_notional": pusd(12)}, "risk_order_notional")],
)
async def test_the_gateway_sends_no_order_that_is_too_large_whoever_asks(
    limit: dict[str, Any], code: str, autojump_clock: object
) -> None:
    of = world(ALPHA, settings=settled(RiskSettings(**limit)))
    async with bot(of, trees=False):
        for counter, size in ((1, 40), (2, 30)):
            draft = Draft("alpha-yes", False, Side.BUY, 4000, size * SHARE, tick=100)
            of.shared("gateway").tell(Place("alpha", ALPHA.condition_id, Key(_LATER, counter), draft))
        await trio.sleep(1.0)
        assert Refused(Key(_LATER, 1), code) in of.box("alpha", "tracker").read_nowait()
        assert [call.draft and call.draft.size for call in of.venue.placed] == [30 * SHARE]


def test_every_key_that_limits_has_a_row() -> None:
    keys = {info.path for info in described(Settings) if info.path.startswith(("risk.", "budget.", "limits."))}
    rows = FIRES.keys() | PARAMETERS.keys() | WAITS.keys() | {"risk.on_kill"}
    assert keys == {key for key in rows if not key.startswith("markets")}
