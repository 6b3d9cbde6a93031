"""A chain of lives of one instance, each but the last ended with `kill -9`, on one journal and one exchange.

The moments are drawn over start-up, recovery, quoting, flatten and shutdown; several wait for a line of the exchange's
ledger, so that they hit the milliseconds around an order, a fill or a cancel.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from attrs import define, field, frozen

from actors.model.numbers import PUSD
from tests.emulator.ledger_reader import Event
from tests.process.bot import MARKETS, STEADY, Bot, End
from tests.process.control import Control
from tests.process.judge import Caps, Case, Life, Recorded, is_fill, is_order, journal, left
from tests.process.venue import Exchange, Tail, is_mark

CAPS = Caps(40 * PUSD, 150 * PUSD)  # tight, so that both of them bind
_PATIENCE = 10.0  # s for a moment to come; the kill comes anyhow
QUOTES_WITHIN = 90.0  # s: T_late + 30 (I22)
_END_WITHIN = 45.0


@define(eq=False)
class Chain:
    """One instance's lives on `venue`; `config` are further options."""

    venue: Exchange
    random: Random
    caps: Caps = CAPS
    config: Sequence[str] = ()
    lives: list[Life] = field(factory=list)
    paused: bool = False
    faults: list[str] = field(factory=list)

    @property
    def journal(self) -> Path:
        return self.venue.home / "journal.db"

    def start(self, *more: str) -> Bot:
        """The next life."""
        settings = {
            "journal.path": self.journal,
            "budget.per_market": self.caps.per_market // PUSD,
            "budget.total": self.caps.total // PUSD,
        }
        given = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        return Bot.start(self.venue.home, *self.venue.options, *STEADY, *given, *self.config, *more)

    def killed(self, moment: Moment) -> float:
        """One life, up to its kill at such a moment; how long it was."""
        before = time.time()
        bot, tail = self.start(), Tail.of(self.venue)
        try:
            if self.paused and moment.trades:
                self.resume(bot)
            moment.come(Scene(bot, tail, self.random))
            self.paused = self.paused or moment.pauses
        except (TimeoutError, ConnectionError) as gone:
            self.faults.append(f"life {len(self.lives)}: {gone}")
        finally:
            tail.close()
        self.kill(bot, before, may_have_ended=moment.name == "shutdown")
        return self.lives[-1].ended - before

    def resume(self, bot: Bot) -> None:
        """A pause outlives its process, and a flatten ends in one."""
        self.sees(bot, _read, QUOTES_WITHIN)
        with suppress(TimeoutError, ConnectionError):  # a bot that is not there has been told of
            control = Control.of(bot)
            control.ask("resume")
            control.close()
            self.paused = False

    def kill(self, bot: Bot, before: float, *, may_have_ended: bool = False) -> None:
        """Kill -9; `before` is when the life began."""
        bot.process.kill()
        out, err = bot.process.communicate()
        self.lives.append(Life(before, time.time()))
        code = bot.process.returncode
        if code != -signal.SIGKILL and not may_have_ended:
            self.faults.append(f"life {len(self.lives) - 1} ended by itself: exit {code}\n{out}\n{err[-4000:]}")

    def stopped(self, bot: Bot, before: float) -> End:
        """The end of a life by SIGTERM."""
        bot.signal()
        return self.ended(bot, before)

    def ended(self, bot: Bot, before: float) -> End:
        """The end of a life that has been asked to stop."""
        try:
            end = bot.end(_END_WITHIN)
        except AssertionError as late:
            end = End(-1, "", str(late))
        self.lives.append(Life(before, time.time()))
        return end

    def last(self, *, patient: bool = True) -> None:
        """The last life: it settles what the others left in doubt, quotes, is stopped, and must leave nothing behind.

        An order that was recorded and never sent stays in doubt for a minute (T_late). One without patience is stopped
        earlier: it must then end with 3 and name it.
        """
        before = time.time()
        bot = self.start()
        if self.paused:
            self.resume(bot)
        self.sees(bot, (lambda status: settled(status) and quotes(status)) if patient else _read, QUOTES_WITHIN)
        self.stopped_flat(bot, before, doubtful=not patient)

    def stopped_flat(self, bot: Bot, before: float, *, doubtful: bool = False) -> None:
        """SIGTERM ends it with 0, flat, and no order of any life is foreign to it; with 3 if it may name doubtful orders."""
        end = self.stopped(bot, before)
        doubted = self._doubted(end) if doubtful else []
        remains = left(self.venue.events(), doubted)
        if (end.code and not doubted) or remains:
            self.faults.append(f"SIGTERM: exit {end.code}, {remains or 'flat'}\n{end.out}\n{end.err[-4000:]}")
        if "not ours" in end.out:
            self.faults.append(f"own orders are foreign to the last life\n{end.out}")

    def _doubted(self, end: End) -> list[Recorded]:
        """The orders that the last words name, if the exchange has seen none of them."""
        named = set(re.findall("0x[0-9a-f]{64}", end.out)) if end.code == 3 else set()
        if named & {event.line["order"] for event in self.venue.events() if is_order(event)}:
            return []
        return [intent for intent in journal(self.journal) if intent.order in named]

    def sees(self, bot: Bot, true: Callable[[dict[str, Any]], bool], within: float) -> None:
        """Wait until `status` shows it; a fault if it does not."""
        try:
            control = Control.of(bot)
            if control.until(true, within) >= within:
                self.faults.append(f"not quoting within {within:g} s: {_states(control.ask('status'))}")
            control.close()
        except (TimeoutError, ConnectionError) as gone:
            self.faults.append(f"life {len(self.lives)}: {gone}")

    def case(self) -> Case:
        """Everything to be judged, while no bot runs."""
        return Case(self.venue.events(), journal(self.journal), self.lives, self.caps)


def settled(status: dict[str, Any]) -> bool:
    """Every market has read the venue, and no order is in doubt."""
    return _read(status) and all(m["unknown_orders"] == 0 for m in status["markets"])


def _read(status: dict[str, Any]) -> bool:
    return all(m["state"] != "starting" for m in status["markets"])


def quotes(status: dict[str, Any], but: Sequence[str] = ()) -> bool:
    """Every market quotes, one side at least, `but` these; both need money, and the caps are tight."""
    return all(m["state"] == "quoting" for m in status["markets"] if m["market"] not in but)


def _states(status: dict[str, Any]) -> dict[str, str]:
    return {m["market"]: f"{m['state']}, {m['reason_text']}, {m['unknown_orders']} unknown" for m in status["markets"]}


@frozen
class Scene:
    """A running bot and what can be seen of it."""

    bot: Bot
    tail: Tail
    random: Random

    def see(self, true: Callable[[Event], bool], times: int = 1) -> None:
        for _ in range(times):
            self.tail.until(true, _PATIENCE)

    def pause(self, most: float) -> None:
        time.sleep(self.random.uniform(0.0, most))

    def ask(self, command: str) -> None:
        control = Control.of(self.bot)
        control.ask(command)
        control.close()


@frozen
class Moment:
    """When to kill: `come` returns at that moment. One that waits for orders `trades`; one may leave the bot paused."""

    name: str
    come: Callable[[Scene], None]
    trades: bool = True
    pauses: bool = False


def _start_up(scene: Scene) -> None:
    scene.pause(1.5)


def _recovery(scene: Scene) -> None:
    scene.see(is_mark, scene.random.randint(1, 2 * len(MARKETS)))
    scene.pause(0.03)


def _order(scene: Scene) -> None:
    scene.see(is_order, scene.random.randint(1, 12))
    scene.pause(0.02)


def _fill(scene: Scene) -> None:
    scene.see(is_fill, scene.random.randint(1, 3))
    scene.pause(0.05)


def _quoting(scene: Scene) -> None:
    scene.see(is_order, 2 * len(MARKETS))
    scene.pause(4.0)


def _flatten(scene: Scene) -> None:
    scene.see(is_fill)
    scene.ask("flatten")
    scene.pause(0.6)


def _shutdown(scene: Scene) -> None:
    scene.see(is_order, scene.random.randint(1, 12))
    scene.pause(2.0)
    scene.bot.signal()
    scene.pause(0.8)


MOMENTS = (
    Moment("start-up", _start_up, trades=False),
    Moment("recovery", _recovery, trades=False),
    Moment("order", _order),
    Moment("fill", _fill),
    Moment("quoting", _quoting),
    Moment("flatten", _flatten, pauses=True),
    Moment("shutdown", _shutdown),
)
