"""What goes wrong with the process itself: the P-tier faults of reliability.md §3, each on a real bot and a real exchange.

A peril is a few lives of one instance on one exchange; it returns what it has put the bot through. Everything it finds is
added to the chain's faults, and the sentences of the kills are judged as well.
"""

from __future__ import annotations

import resource
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

from attrs import frozen

from tests.process.bot import MARKETS, Bot
from tests.process.chain import CAPS, QUOTES_WITHIN, Chain, Scene, quotes, settled
from tests.process.judge import is_fill, is_order, left, untrue
from tests.process.ordeals import Endured
from tests.process.prices import outdated
from tests.process.venue import MARKED, TAKER, Script, Tail, exchange, is_mark

_SILENT_FROM, _SILENT_FOR = 9.0, 9.0
_STALE, _MOVED, _PAST_A_BEAT = 4.5, 8.0, 17.0  # s: past feed.stale; for prices to move; past the venue's patience
_SLOW_SALES: Script = [*TAKER, {"kind": "delay", "seconds": 3, "for": 1_000_000, "path": "/order*", "side": "SELL"}]
_QUIET: Script = [*TAKER, {"kind": "silence", "channel": "market", "at": _SILENT_FROM, "for": _SILENT_FOR}]
_APART = 1.1  # s: signals closer than one second count once


@frozen
class Peril:
    """`does` are the faults that one `run` puts a bot through."""

    name: str
    run: Callable[[Chain, float], None]
    does: tuple[str, ...]
    script: Script = tuple(TAKER)
    flow: str = "busy"
    config: tuple[str, ...] = ()


def suffer(peril: Peril, seed: int) -> Endured:
    """The peril on an exchange of its own, judged."""
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="pa") as home,
        exchange(Path(home), seed=seed, flow="busy", faults=[*MARKED, *TAKER, *peril.script]) as venue,
    ):
        chain = Chain(venue, Random(f"perils/{seed}"), CAPS, peril.config)
        peril.run(chain, time.monotonic())
        return Endured(
            peril.name,
            Counter(peril.does),
            time.monotonic() - begun,
            (*chain.faults, *chain.case().violations()),
        )


# ── F24: the process stands still ─────────────────────────────────────────────────────────────────────────────────


def _stopped(chain: Chain, opened: float) -> None:
    """Standing still while no frame comes, then for longer than the venue waits for a heartbeat."""
    before, bot = _quoting(chain)
    time.sleep(max(0.0, opened + _SILENT_FROM + 0.3 - time.monotonic()))
    resumed = _still(bot, _STALE)
    time.sleep(3.0)
    _placed_before(chain, resumed, ("books",))
    time.sleep(max(0.0, opened + _SILENT_FROM + _SILENT_FOR + 1.0 - time.monotonic()))
    resumed = _still(bot, _PAST_A_BEAT)
    time.sleep(3.0)
    expired = [e for e in chain.venue.events() if e.kind == "heartbeat" and e.line["status"] == "expired"]
    if not expired:
        chain.faults.append(f"the exchange did not miss a heartbeat in {_PAST_A_BEAT:g} s")
    _placed_before(chain, resumed, ("orders", "trades"))
    _ends(chain, bot, before, 0)


def _stopped_while_prices_move(chain: Chain, _: float) -> None:
    """What has waited in the sockets meanwhile is news from the past, frame after frame."""
    before, bot = _quoting(chain)
    for _ in range(3):
        time.sleep(2.0)
        resumed = _still(bot, _MOVED)
        time.sleep(2.0)
        chain.faults += outdated(chain.venue.events(), resumed, resumed + 1.5)
    _ends(chain, bot, before, 0, 4)


def _still(bot: Bot, seconds: float) -> float:
    """When (wall seconds) it goes on."""
    bot.signal(signal.SIGSTOP)
    time.sleep(seconds)
    bot.signal(signal.SIGCONT)
    return time.time()


def _placed_before(chain: Chain, resumed: float, reads: tuple[str, ...]) -> None:
    """Find orders that left after `resumed` and before the market was read again."""
    events = [event for event in chain.venue.events() if event.t > resumed]
    conditions = {e.line["market"]: e.line["slug"] for e in chain.venue.events() if e.kind == "market"}
    read: set[str] = set()
    for event in events:
        if is_mark(event):
            read.add(event.line["fault"])
        elif is_order(event) and not all(f"{what} {conditions[event.line['market']]}" in read for what in reads):
            chain.faults.append(
                f"line {event.id}: placed {event.t - resumed:.3f} s after SIGCONT, {reads} not yet read"
            )


# ── F29: the journal cannot be used ───────────────────────────────────────────────────────────────────────────────


def _journal_locked(chain: Chain, _: float) -> None:
    """Somebody else holds the file's write lock for a while."""
    before, bot = _quoting(chain)
    with closing(sqlite3.connect(chain.journal, isolation_level=None, timeout=5.0)) as other:
        other.execute("BEGIN IMMEDIATE")
        locked = time.time()
        time.sleep(4.0)
        _none_since(chain, locked, "while the journal was locked")
        other.execute("ROLLBACK")
    _goes_on(chain, bot)
    _ends(chain, bot, before, 0)


def _journal_full(chain: Chain, _: float) -> None:
    """No file of the process may grow, as on a full disk."""
    before, bot = _quoting(chain)
    most = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (1024, most[1]))
    full = time.time()
    time.sleep(2.5)
    _none_since(chain, full, "while the disk was full")
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, most)
    _goes_on(chain, bot)
    _ends(chain, bot, before, 0)


def _journal_torn(chain: Chain, _: float) -> None:
    """Half of the file is gone; then its beginning is something else: refused, and nothing is sent."""
    before, bot = _quoting(chain)
    _ends(chain, bot, before, 0)
    whole = chain.journal.read_bytes()
    for broken in (whole[: len(whole) // 2], b"years of work" + whole[13:]):
        chain.journal.write_bytes(broken)
        refused = time.time()
        end = chain.start().end()
        if end.code != 5 or str(chain.journal) not in end.err or "Traceback" in end.err:
            chain.faults.append(f"a torn journal: exit {end.code}, not 5 with the file's name\n{end.out}\n{end.err}")
        _none_since(chain, refused, "with a torn journal")
        chain.journal.write_bytes(whole)
    before, bot = _quoting(chain)
    _ends(chain, bot, before, 0)


def _none_since(chain: Chain, since: float, when: str) -> None:
    slack = 0.1  # s: what was recorded before may still be on its way
    late = [event for event in chain.venue.events() if is_order(event) and event.t > since + slack]
    chain.faults += [f"line {event.id}: an order {when}" for event in late]


# ── F30, F31: signals at any time, and a second bot ───────────────────────────────────────────────────────────────


def _signalled(chain: Chain, _: float) -> None:
    """SIGTERM in start-up, recovery and flatten; twice; three times. Sales take three seconds, so that it takes a while."""
    for name, (come, times, codes) in SIGNALS.items():
        before = time.time()
        bot, tail = chain.start(), Tail.of(chain.venue)
        if chain.paused:
            chain.resume(bot)
        come(Scene(bot, tail, chain.random))
        tail.close()
        for number in range(times):
            bot.signal()
            time.sleep(_APART if number + 1 < times else 0.0)
        _ends(chain, bot, before, *codes, what=name)
        if name == "in flatten":
            chain.paused = True
    before, bot = _quoting(chain)
    _ends(chain, bot, before, 0)


def _recovering(scene: Scene) -> None:
    scene.see(is_mark, scene.random.randint(1, 2 * len(MARKETS)))


def _flattening(scene: Scene) -> None:
    _holding(scene)
    scene.ask("flatten")
    scene.pause(0.5)


def _holding(scene: Scene) -> None:
    scene.see(is_fill, 2)


SIGNALS: dict[str, tuple[Callable[[Scene], None], int, tuple[int, ...]]] = {
    "in start-up": (lambda scene: scene.pause(1.0), 1, (0, -signal.SIGTERM)),  # -15: before a handler, and an order
    "in recovery": (_recovering, 1, (0,)),
    "in flatten": (_flattening, 1, (0,)),
    "twice": (_holding, 2, (0, 4)),
    "three times": (_holding, 3, (0, 3, 4)),
}


def _second(chain: Chain, _: float) -> None:
    """A second bot of the same account, as another instance, is refused and the first one does not notice."""
    before, bot = _quoting(chain)
    second = Bot.start(chain.venue.home, *chain.venue.options, instance="second").end()
    if second.code != 2 or "one engine per account" not in second.err or str(bot.process.pid) not in second.err:
        chain.faults.append(f"a second bot: exit {second.code}, not 2 with the reason\n{second.out}\n{second.err}")
    _ends(chain, bot, before, 0)


# ── common ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _quoting(chain: Chain) -> tuple[float, Bot]:
    """A life that quotes, and when it began."""
    before = time.time()
    bot = chain.start()
    _goes_on(chain, bot)
    return before, bot


def _goes_on(chain: Chain, bot: Bot) -> None:
    """Every market quotes, and nothing is in doubt."""
    chain.sees(bot, lambda status: settled(status) and quotes(status), QUOTES_WITHIN)


def _ends(chain: Chain, bot: Bot, before: float, *codes: int, what: str = "SIGTERM") -> None:
    """The life ends, by a signal sent now or before, with one of the codes and truly."""
    end = chain.stopped(bot, before) if what == "SIGTERM" else chain.ended(bot, before)
    events = chain.venue.events()
    lie = "" if end.code == -signal.SIGTERM else untrue(end, events)
    if end.code not in codes or lie:
        remains = left(events) or "flat"
        chain.faults.append(
            f"{what}: exit {end.code}, right is {codes}; {remains}; {lie}\n{end.out}\n{end.err[-4000:]}"
        )


PERILS = (
    Peril(
        "standing still", _stopped, ("F24 stopped for longer than feed.stale", "F24 stopped past a heartbeat"), _QUIET
    ),
    Peril(
        "standing still while prices move",
        _stopped_while_prices_move,
        ("F24 stopped while prices move",),
        script=(),
        flow="trending",
        config=("--set", "strategy.skew_max=0", "--set", "strategy.limit=1000", "--set", "risk.max_position=2000"),
    ),
    Peril("a locked journal", _journal_locked, ("F29 journal locked",)),
    Peril("a full disk", _journal_full, ("F29 disk full",)),
    Peril("a torn journal", _journal_torn, ("F29 journal cut short", "F29 journal overwritten")),
    Peril("signals", _signalled, tuple(f"F30 SIGTERM {when}" for when in SIGNALS), _SLOW_SALES),
    Peril("a second bot", _second, ("F31 second instance",)),
)
PERFORMED = {name for peril in PERILS for name in peril.does}
