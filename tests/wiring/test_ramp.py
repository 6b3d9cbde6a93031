"""`resume --ramp` on a whole bot: no order above the part that counts, whatever stops, resumes or crashes meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import trio
from attrs import evolve
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actors.commands.status import _lines
from actors.messages import Draft
from actors.model.market import Side
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size, cost
from actors.model.ramp import Ramp, ramp_of
from actors.model.risk_settings import BreakerSettings, RiskSettings
from actors.model.settings import BudgetSettings, MarketSettings, RestartSettings, Settings
from actors.model.simple_settings import SimpleParameters
from actors.model.strategy_settings import StrategySettings
from actors.model.trading import Order
from actors.shared.control import CommandRefused
from actors.shared.risk import Command
from actors.stop import Stop
from actors.wiring.console import Console
from tests.depth import examples
from tests.venue import Fate
from tests.wiring.world import ALPHA, BETA, World, bot, move, order, until, virtually, world

PAUSED = Settings(
    (MarketSettings("alpha"), MarketSettings("beta")),
    start_paused=True,
    strategy=StrategySettings("simple", SimpleParameters(size=Size(50 * SHARE), limit=Size(200 * SHARE))),
    risk=RiskSettings(max_order_size=Size(60 * SHARE), max_order_notional=Cash(40 * PUSD)),
    budget=BudgetSettings(per_market=Cash(100 * PUSD), total=Cash(150 * PUSD)),
    restarts=RestartSettings(crashes=1000, backoff_cap=0.25),
)


def say(of: World, command: str, **args: str | bool) -> dict[str, Any]:
    """A command as the control socket brings it."""
    answer: dict[str, Any] = Console(of.spine, Stop(of.board), of.settings, of.services, {}, 0.0).obey(command, args)
    return answer


def shown(of: World) -> dict[str, Any]:
    """What `status` says of the ramp; the whole where it says nothing."""
    return say(of, "status")["ramp"] or {"part": 100, "halted": ""}


def sizes(of: World) -> set[int]:
    """Shares at rest on each side of each market: an order that may stay does, and what is missing is placed beside it."""
    rests = Counter[str]()
    for rest in of.live():
        rests[f"{rest.token} {rest.side}"] += rest.size // SHARE
    return set(rests.values())


async def resting(of: World, shares: int) -> None:
    await until(lambda: sizes(of) == {shares}, within=5.0)


async def test_a_ramp_arms_with_a_part_and_rises_by_its_steps_to_the_whole(autojump_clock: object) -> None:
    async with bot(world(ALPHA, BETA, settings=PAUSED)) as of:
        await trio.sleep(2.0)
        assert of.venue.placed == []
        done = say(of, "resume", ramp="10%,50%,100%", every="15")["done"]
        assert done == "resume: all markets, with 10% of every limit: 10%, 50%, 100% every 15 s"
        await resting(of, 5)
        assert say(of, "status")["budget"] == 15.0
        await trio.sleep(10.0)
        assert (sizes(of), shown(of)["part"]) == ({5}, 10)
        await until(lambda: sizes(of) == {25}, within=10.0)
        await until(lambda: sizes(of) == {50}, within=20.0)
        assert shown(of)["part"] == 100
        assert of.spine.tuning.settings == PAUSED
        said = [row["text"] for row in of.trail.rows(kind="risk", event="ramp")]
        assert [text.rpartition(": ")[2] for text in said] == [f"{n} % of the limits count" for n in (10, 50, 100)]


async def test_a_person_sees_what_counts_and_when_it_grows(autojump_clock: object) -> None:
    async with bot(world(ALPHA, BETA, settings=PAUSED)) as of:
        say(of, "resume", ramp="10%,100%", every="1800")
        await resting(of, 5)
        await trio.sleep(10.0)
        assert any("ramp: 10 % of the limits count, 100 % in 179" in line for line in _lines(say(of, "status")))
        say(of, "pause", market="alpha")
        await trio.sleep(0.1)
        said = "ramp: halted at 10 % of the limits (alpha: paused): the next `resume` begins it anew"
        assert said in _lines(say(of, "status"))


BREAKERS = BreakerSettings(error_rate=1, least=1, cool_down=5.0)


@pytest.mark.parametrize("what", ["pause", "breaker", "kill"])
async def test_whatever_stops_a_market_halts_it_until_a_resume_begins_it_anew(
    what: str, autojump_clock: object
) -> None:
    own = evolve(PAUSED, risk=evolve(PAUSED.risk, breakers=BREAKERS))
    async with bot(world(ALPHA, BETA, settings=own)) as of:
        say(of, "resume", ramp="10%,50%,100%", every="10")
        await trio.sleep(13.0)
        assert sizes(of) == {25}
        if what == "breaker":
            of.venue.fates.append(Fate.NEVER_SENT)
            move(of, 4000)
            await until(lambda: (of.board.last(Ramp) or Ramp()).halted != "", within=30.0)
            await until(lambda: len(of.live("beta")) == 2, within=30.0)  # the breaker lifts by itself
        else:
            say(of, what)
        await trio.sleep(20.0)
        assert shown(of)["part"] == 50
        assert of.venue.breaches == []
        say(of, "resume", **({"ack_kill": True} if what == "kill" else {}))
        await resting(of, 5)
        assert shown(of)["part"] == 10
        await until(lambda: shown(of)["part"] == 100, within=30.0)


async def test_what_a_ramp_forbids_is_explained_by_it(autojump_clock: object) -> None:
    tight = evolve(PAUSED, risk=evolve(PAUSED.risk, max_order_size=Size(49 * SHARE)))
    async with bot(world(ALPHA, BETA, settings=tight)) as of:
        say(of, "resume", ramp="10%,100%", every="60")
        await trio.sleep(5.0)
        told = say(of, "explain", market="alpha")
        assert (told["reason"], told["hint"], told["inputs"]["risk.max_order_size"]) == ("risk_order_size", None, "4.9")
        assert told["remedy"].startswith("only 10 % of the limits count, by a ramp: wait until it rises")
        assert of.venue.placed == []


async def test_a_resume_of_one_step_ends_it(autojump_clock: object) -> None:
    async with bot(world(ALPHA, BETA, settings=PAUSED)) as of:
        say(of, "resume", ramp="10%,100%", every="60")
        await resting(of, 5)
        say(of, "resume", ramp="100%", every="1")
        await resting(of, 50)
        assert shown(of)["part"] == 100


@pytest.mark.parametrize("crash", ["risk", "budget", "gateway", "journal"])
async def test_it_survives_the_crash_of_the_actor_that_owns_it(crash: str, autojump_clock: object) -> None:
    async with bot(world(ALPHA, BETA, settings=PAUSED)) as of:
        say(of, "resume", ramp="10%,50%,100%", every="15")
        await resting(of, 5)
        of.shared(crash).crash("drill")
        await trio.sleep(5.0)
        assert shown(of)["part"] == 10
        await until(lambda: sizes(of) == {25}, within=15.0)
        of.shared(crash).crash("drill")
        await until(lambda: sizes(of) == {50}, within=20.0)


async def test_after_a_kill_of_the_process_all_is_paused_and_a_resume_begins_it_anew(autojump_clock: object) -> None:
    of = world(ALPHA, BETA, settings=evolve(PAUSED, start_paused=False))
    async with bot(of):
        await resting(of, 50)
        say(of, "resume", ramp="10%,50%,100%", every="10")
        await until(lambda: sizes(of) == {5}, within=10.0)
        await trio.sleep(12.0)
        assert shown(of)["part"] == 50
    again = world(ALPHA, BETA, settings=of.settings)
    again.journal = of.journal
    async with bot(again):
        await trio.sleep(70.0)  # until the orders of the run that was killed are given up
        assert again.venue.placed == []
        ramp = shown(again)
        assert (ramp["part"], ramp["halted"]) == (10, "the run in which it went up has ended")
        say(again, "resume")
        await resting(again, 5)
        await until(lambda: shown(again)["part"] == 100, within=30.0)
        await trio.sleep(0.2)  # until that is on the disk: a kill before would leave the next start paused once more
    last = world(ALPHA, BETA, settings=of.settings)
    last.journal = of.journal
    async with bot(last):
        await until(lambda: sizes(last) == {50}, within=80.0)


async def test_what_makes_no_sense_changes_nothing(autojump_clock: object) -> None:
    async with bot(world(ALPHA, BETA, settings=PAUSED)) as of:
        for args in ({"ramp": "50%,10%,100%", "every": "60"}, {"ramp": "10%,100%"}, {"ramp": "10%,100%", "every": "x"}):
            with pytest.raises(CommandRefused):
                say(of, "resume", **args)
        with pytest.raises(CommandRefused, match="leave the market out"):
            say(of, "resume", market="alpha", ramp="10%,100%", every="60")
        await trio.sleep(5.0)
        assert (of.venue.placed, of.spine.tuning.part) == ([], 100)


ACTS = ("pause", "resume", "resume alpha", "ramp", "kill", "ack", "crash risk", "crash budget", "fill", "move", "move")
STEPS = st.tuples(st.sampled_from(ACTS), st.sampled_from([0.0, 0.001, 0.01, 0.02, 0.03, 0.05, 0.3, 1.1, 4.0, 9.0]))
LOOSE = evolve(PAUSED.risk, max_order_size=Size(250 * SHARE), max_order_notional=Cash(200 * PUSD))  # budgets bind first


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(STEPS, max_size=16), st.sampled_from([PAUSED.risk, LOOSE]))
@example([("move", 0.02), ("ramp", 1.1)], LOOSE)  # an order that was decided before less counted
def test_no_order_is_above_the_part_in_force_when_it_leaves(steps: list[tuple[str, float]], risk: RiskSettings) -> None:
    async def main() -> None:
        of = world(ALPHA, BETA, settings=evolve(PAUSED, risk=risk))
        of.journal.latency = 0.02  # so that much happens between an order's reservation and its bytes
        async with bot(of):
            watched = _watched(of)
            say(of, "resume", ramp="10%,50%,100%", every="7")
            await trio.sleep(8.0)
            for what, pause in steps:
                _do(of, what)
                await trio.sleep(pause)
            await trio.sleep(8.0)
        assert watched == []
        assert of.venue.breaches == []

    virtually(main)


def _watched(of: World) -> list[str]:
    """Fills with every order that was above what counted in the instant in which the venue got it."""
    seen, breaches = [0], list[str]()

    def look() -> None:
        for call in of.venue.placed[seen[0] :]:
            seen[0] += 1
            assert call.draft is not None
            breaches.extend(_above(of, call.draft))

    of.venue.watch = look
    return breaches


def _above(of: World, draft: Draft) -> Iterator[str]:
    part, budget, risk = of.spine.tuning.part, of.settings.budget, of.settings.risk
    if draft.side is Side.SELL:
        return
    notional, spent = cost(Price(draft.price), Size(draft.size)), [of.venue.exposure(m) for m in (ALPHA, BETA)]
    caps = {
        "size": (draft.size, risk.max_order_size),
        "notional": (notional, risk.max_order_notional),
        "market": (max(of.venue.exposure(m) for m in (ALPHA, BETA) if draft.token in m.tokens), budget.per_market),
        "total": (sum(spent), budget.total),
    }
    yield from (f"{name}: {used} at {part} %" for name, (used, cap) in caps.items() if used * 100 > cap * part)


def _do(of: World, what: str) -> None:
    match what.split():
        case ["pause"]:
            order(of, Order.PAUSE, "beta")
        case ["resume", *market]:
            of.shared("risk").tell(Command(Order.RESUME, next(iter(market), None)))
        case ["ramp"]:
            of.shared("risk").tell(Command(Order.ACK_KILL, ramp=ramp_of("10%,50%,100%", 7.0)))
        case ["kill"]:
            say(of, "kill")
        case ["ack"]:
            of.shared("risk").tell(Command(Order.ACK_KILL))
        case ["crash", actor]:
            of.shared(actor).crash("drill")
        case ["move"]:
            move(of, 4300 + len(of.venue.calls) % 7 * 100)
        case ["fill"]:
            for bought in [o for o in of.live("alpha") if o.side is Side.BUY][:1]:
                of.venue.fill(bought.order_id, bought.size)
