"""The limiter actor: one account of everything that the venue limits. Cancels have their own share (I14). Does no I/O.

Every request takes its permit here. Requotes leave a reserve of cancels to those that protect. A lane that the venue
refuses (HTTP 429) goes on at half its rate and recovers within five minutes. Where the venue says what is left of our
tokens, no more than that is used: it may count requests that we know nothing of. Its word never widens our own table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, ClassVar

import trio
from attrs import define, field, frozen
from loguru import logger

from actors.kernel.alarm import shared
from actors.kernel.ask import Ask, Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Gap, Mailbox
from actors.kernel.supervisor import Ready
from actors.model.bucket import Bucket
from actors.model.limit_settings import LimitSettings
from actors.model.line import Line
from actors.model.rates import TIERS, Call, Lane, Quota, Throttle, Window, windows
from actors.shared.board import Board
from actors.shared.tidings import Slowed

_SHOW_EVERY = 1.0
_NEWS = 0.25  # s of waiting that are told; less is the daily bread of a busy bot
_LONGEST_RESET = 10.0  # s without a token that are believed: a header gone wrong must not keep us from cancelling


class Haste(Enum):
    """How much a request may take."""

    PATIENT = "lets all others pass, and leaves them the reserve of cancels and a quarter of the reads at once"
    NORMAL = "waits for tokens"
    AT_ONCE = "does not wait: what is missing becomes a debt"


@frozen
class Permit:
    """May this call be made now? `cost` in tokens: orders, ids, or reads. Answered with the seconds to wait; 0 = taken.

    An `asker` that is told to wait holds a place in the line and comes again; without one it is asked once.
    """

    call: Call
    cost: int = 1
    haste: Haste = Haste.NORMAL
    asker: object | None = None

    @property
    def calls(self) -> int:
        """Requests as the windows count them: reads are one each, orders and ids travel together."""
        return self.cost if self.call.lane is Lane.READS else 1


@frozen
class Limited:
    """The venue refused a request of the lane for its rate, at `at` (state, trio time)."""

    lane: Lane
    at: float


@frozen
class Short:
    """The key of the settings that a request has met, what the request does, what is granted, and the seconds to wait."""

    key: str
    what: str
    granted: str
    wait: float


@frozen
class LaneUse:
    """A lane's tokens left, of how many, their rate now (a second), its part of the whole rate, and who waits."""

    left: float
    burst: float
    rate: float
    part: float
    waiting: int


@frozen
class Usage:
    """How much of every limit is used (state); windows as (used, most, seconds), unused ones left out. `tier` is the
    venue's name for how much it grants us, "" where it says nothing."""

    lanes: Mapping[Lane, LaneUse]
    windows: Mapping[str, tuple[int, int, float]]
    tier: str = ""

    def shown(self) -> dict[str, Any]:
        """For `status`: each lane's tokens and askers that wait, and the windows that are in use."""
        lanes = {
            lane.value: {
                "left": round(use.left, 1),
                "burst": use.burst,
                "rate": round(use.rate, 2),
                "part": round(use.part, 2),
                "waiting": use.waiting,
            }
            for lane, use in self.lanes.items()
        }
        used = {name: {"used": u, "most": most, "seconds": s} for name, (u, most, s) in self.windows.items()}
        return {**lanes, "windows": used, "tier": self.tier or None}


async def permitted(permits: Desk[Permit, float], permit: Permit) -> None:
    """Wait for tokens; without a limiter reads and cancels go ahead, as they only make things safer."""
    try:
        permit = Permit(permit.call, permit.cost, permit.haste, asker=object())
        wait = await permits.ask(permit)
        while wait > 0:
            await trio.sleep(wait)
            wait = await permits.ask(permit)
    except Unanswered:
        return


@define(eq=False)
class _Account:
    """What one life of the limiter knows to be used, and who was refused and waits."""

    limits: LimitSettings
    buckets: dict[Lane, Bucket]
    windows: tuple[Window, ...]
    throttles: dict[Lane, Throttle] = field(factory=lambda: dict.fromkeys(Lane, Throttle()))
    lines: dict[Lane, Line] = field(factory=lambda: {lane: Line() for lane in Lane})
    told: Quota | None = None
    short: Short | None = None
    _own: dict[Lane, tuple[float, float, int]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        own = self.limits
        self._own = {
            Lane.ORDERS: (own.order_rate, own.order_burst, 1),
            Lane.CANCELS: (own.cancel_rate, own.cancel_burst, own.cancel_reserve + 1),
            Lane.READS: (own.read_rate, own.read_burst, 1),
        }

    def take(self, permit: Permit, now: float) -> float:
        """Take from every limit that the call counts against, or from none."""
        bucket = self._paced(permit.call.lane, now)
        counting = [window for window in self.windows if permit.call in window.calls]
        line, patient = self.lines[permit.call.lane], permit.haste is Haste.PATIENT
        reserve, ahead = self._reserve(permit) if patient else 0, self._ahead(permit, patient, now)
        tokens = bucket.wait(permit.cost, now, reserve=reserve, ahead=ahead)
        full = max(counting, key=lambda window: window.wait(permit.calls, now))
        wait = max(tokens, full.wait(permit.calls, now))
        if wait > 0:
            self.short = self._short(permit, full if wait > tokens else None, bucket, wait)
            if permit.haste is not Haste.AT_ONCE:
                line.stay(permit.asker, permit.cost if tokens else 0, patient, now + wait)
                return wait
        line.leave(permit.asker)
        bucket.spend(permit.cost, now)
        for window in counting:
            window.add(permit.calls, now)
        return 0.0

    def _short(self, permit: Permit, full: Window | None, bucket: Bucket, wait: float) -> Short:
        """What is used up: a window, the tokens that are not in reserve, or the lane's."""
        lane, own = permit.call.lane, self.limits
        what = f"{permit.call.value} {'goes ahead' if permit.haste is Haste.AT_ONCE else 'waits'}"
        if full is not None:
            granted = f"{full.most} in {full.seconds:g} s (limits.share {own.share:g})"
            return Short(f"limits.windows.{full.name}", what, granted, wait)
        rate, burst = (f"limits.{lane.value[:-1]}_{of}" for of in ("rate", "burst"))
        granted = f"{bucket.rate:.4g} a second, {bucket.burst:.4g} at once ({burst})"
        if lane is Lane.CANCELS and permit.haste is Haste.PATIENT and bucket.level >= min(permit.cost, bucket.burst):
            return Short("limits.cancel_reserve", what, f"{own.cancel_reserve} kept for what protects", wait)
        return Short(rate, what, granted, wait)

    def _reserve(self, permit: Permit) -> int:
        """Tokens that the patient leave to others: a cancel that protects, the check of a book must not stand behind them."""
        return self.limits.cancel_reserve if permit.call.lane is Lane.CANCELS else self.limits.read_burst // 4

    def _ahead(self, permit: Permit, patient: bool, now: float) -> int:
        """Tokens that those before it in the line wait for; for orders nobody waits, they are refused."""
        lane = permit.call.lane
        return 0 if lane is Lane.ORDERS else self.lines[lane].ahead(permit.asker, patient, now)

    def refused(self, heard: Limited, now: float) -> None:
        """The venue counts more than we do: what was saved up is not there, but for the cancels held in reserve."""
        known = self.throttles[heard.lane]
        self.throttles[heard.lane] = known.refused(heard.at)
        if self.throttles[heard.lane] is not known:
            logger.warning(
                "the venue limits our {}: on at {:.0%} of their rate",
                heard.lane.value,
                self.throttles[heard.lane].now(now),
            )
            bucket = self._paced(heard.lane, now)
            bucket.level = min(bucket.level, self.limits.cancel_reserve if heard.lane is Lane.CANCELS else 0)

    def allowed(self, heard: Quota, now: float) -> None:
        """The venue says what is left: never more than that is used, nor before a token comes if there is none."""
        bucket = self._paced(heard.lane, now)
        left = heard.left
        if left < 1:  # so few that the next one comes with the reset
            left = min(left, 1 - min(heard.resets_in, _LONGEST_RESET) * bucket.rate)
        bucket.level = min(bucket.level, left + (now - heard.at) * bucket.rate)
        if heard.warned and not (self.told is not None and self.told.warned):
            logger.warning("the venue warns that our {} come too fast for its tier {!r}", heard.lane.value, heard.tier)
        self.told = heard

    def forget(self, now: float) -> None:
        """Questions were lost, so it is not known how much was used."""
        self.buckets[Lane.ORDERS].empty(now)
        self.buckets[Lane.READS].empty(now)

    def usage(self, now: float) -> Usage:
        for window in self.windows:
            window.forget(now)
        used = {w.name: (w.used, w.most, w.seconds) for w in self.windows if w.used}
        tier = self.told.tier if self.told is not None else ""
        return Usage({lane: self._use(lane, now) for lane in Lane}, used, tier)

    def _use(self, lane: Lane, now: float) -> LaneUse:
        bucket = self._paced(lane, now)
        part = self.throttles[lane].now(now)
        return LaneUse(bucket.level, bucket.burst, bucket.rate, part, self.lines[lane].waiting(now))

    def _paced(self, lane: Lane, now: float) -> Bucket:
        """The lane's bucket, as large and filling as fast as we may and the venue lets it, by its tier if it names one."""
        bucket, part, (rate, burst, least) = self.buckets[lane], self.throttles[lane].now(now), self._own[lane]
        granted = TIERS.get(self.told.tier, {}).get(lane) if self.told is not None else None
        if granted is not None:
            rate, burst = min(rate, granted[0] * self.limits.share), min(burst, granted[1] * self.limits.share)
        bucket.become(rate * part, max(burst * part, least), now)
        return bucket


@frozen
class Limiter:
    """Starts with full buckets; after a crash orders and reads start empty, since what was used is not known."""

    rank: ClassVar[int] = 1
    mailbox: Mailbox[object]
    limits: LimitSettings
    board: Board
    slowed: Slowed

    async def run(self, ready: Ready) -> None:
        now = trio.current_time()
        account = _Account(self.limits, self._buckets(now), windows(self.limits.windows, self.limits.share))
        show_at, changed = shared(_SHOW_EVERY, now), False

        def turn(letters: list[object]) -> None:
            nonlocal changed
            changed |= bool(letters)
            now = trio.current_time()
            for letter in letters:
                self._take(letter, account, now)

        ready()
        while True:
            turn(await self.mailbox.read(until=show_at, turn=turn))
            if (now := trio.current_time()) >= show_at:
                show_at = shared(_SHOW_EVERY, now)
                if changed:
                    self.board.put(account.usage(now))
                    changed = False

    def _take(self, letter: object, account: _Account, now: float) -> None:
        match letter:
            case Gap():
                account.forget(now)
            case Limited():
                account.refused(letter, now)
            case Quota():
                account.allowed(letter, now)
            case Ask() if letter.open:
                letter.reply(account.take(letter.question, now))
                if (short := account.short) is not None:
                    account.short = None
                    if short.wait >= _NEWS:
                        self.slowed.say(short.key, short.what, short.granted)

    def _buckets(self, now: float) -> dict[Lane, Bucket]:
        own = self.limits
        return {
            Lane.ORDERS: Bucket.full(own.order_rate, own.order_burst, now),
            Lane.CANCELS: Bucket.full(own.cancel_rate, own.cancel_burst, now),
            Lane.READS: Bucket.full(own.read_rate, own.read_burst, now),
        }
