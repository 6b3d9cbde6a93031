"""What goes wrong at the venue, over real sockets while bots are killed: the E-tier faults of reliability.md §3.

An ordeal is a script of the exchange's faults (docs/faults.md), each under its F-number. Two lives are killed in the midst
of it; the third must come through: when the faults are over it quotes again (I22), and SIGTERM ends it with a code that
is true on the ledger. The kills' own sentences hold throughout.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from attrs import frozen

from actors.model.numbers import PUSD
from tests.process.bot import MARKETS
from tests.process.chain import QUOTES_WITHIN, Chain, quotes, settled
from tests.process.judge import Caps, untrue
from tests.process.venue import TAKER, Script, exchange, is_mark, marked

_CAPS = Caps(100 * PUSD, 400 * PUSD)
_LIFE = 5.0  # s, about, of the lives that are killed
_POST: dict[str, Any] = {"method": "POST", "path": "/order*"}
_READ: dict[str, Any] = {"method": "GET", "path": "/data/orders"}
_LENGTHS = ("for", "seconds", "post_only")
_ROUNDS = (4.0, 15.0, 24.0, 33.0)  # s after the exchange's start; in the first two lives, and three in the last

_STARTS = [float(start) for start in range(0, 40, 4)]  # a life is at least 4 s, so each starts in another one


def fault(name: str, kind: str, delay: float, *, rounds: Sequence[float] = _ROUNDS, **keys: Any) -> Script:  # noqa: ANN401 - JSON
    """A fault that opens once a round, `delay` seconds into it; `for_` stands for `for`."""
    given = {key.rstrip("_"): value for key, value in keys.items()}
    return [{"name": f"{name} {kind}", "kind": kind, "at": start + delay, **given} for start in rounds]


@frozen
class Ordeal:
    """`gone` are markets that need not quote afterwards; `codes` the exits that are right; one that does not recover is
    stopped in the midst of its last fault."""

    name: str
    script: Script
    gone: tuple[str, ...] = ()
    codes: tuple[int, ...] = (0,)
    recovers: bool = True
    taker: Script = tuple(TAKER)
    markets: tuple[str, ...] = MARKETS

    @property
    def over(self) -> float:
        """Seconds after the exchange's start at which the last fault has opened and closed."""
        if not self.recovers:
            return 1.0 + float(self.script[0]["at"])
        ends = (entry["at"] + max(entry.get(key, 0.0) for key in _LENGTHS) for entry in self.script)
        return 1.0 + float(max(ends))


ANSWERS = Ordeal(
    "answers to orders",
    [
        *fault("F1", "status", 0.0, code=500, after_accept=True, **_POST),
        *fault("F1", "close", 1.0, after_accept=True, **_POST),
        *fault("F1", "cut", 2.0, **_POST),
        *fault("F1", "garble", 3.0, **_POST),
        *fault("F1", "hang", 4.0, after_accept=True, seconds=8, **_POST),
        *fault("F1", "delay", 5.0, seconds=3, **_POST),
        *fault("F4", "duplicate_order", 6.0),
        *fault("F5", "odd_answer", 7.0, text="", after_accept=True, **_POST),
        *fault("F34", "trickle", 8.0, seconds=8, **_READ),
    ],
)
ENGINE = Ordeal("the engine away", fault("F6", "restart", 0.0, seconds=3, post_only=2))
# Each of these stops posts for a minute, so that only a new life runs into the next one.
CANCELS_ONLY = Ordeal("cancels only", fault("F8", "cancel_only", 0.0, for_=3.99, rounds=_STARTS[:4]))
DISABLED = Ordeal("trading disabled", fault("F8", "disabled", 0.0, for_=3.99, rounds=_STARTS[:4]))
BLOCKED = Ordeal("blocked at the edge", fault("F9", "block", 0.0, for_=3.99, rounds=_STARTS[:4], **_POST))
EDGE = Ordeal(
    "limits and keys",
    [
        # One without headers leaves an order in doubt for a minute, so it is one a round.
        *fault("F9", "rate_limit", 0.0, headers=False, for_=2, count=1, **_POST),
        *fault("F9", "rate_limit", 2.0, headers=True, for_=2, **_POST),
        # Not in the first round: a life that starts just then rightly refuses.
        *fault("F10", "clock_skew", 6.0, by=45, for_=3, rounds=_ROUNDS[1:]),
    ],
)
FEEDS = Ordeal(
    "the market channel",
    [
        *fault("F11", "silence", 0.0, channel="market", for_=5),
        *fault("F12", "silence", 0.0, channel="market", market="demo-cup", token="no", for_=8),
        *fault("F12", "no_snapshot", 5.0, channel="market", market="demo-rates", count=2),
        *fault("F14", "disconnect", 5.1, channel="market"),
        *fault("F13", "drop", 6.0, channel="market", probability=0.1, for_=2),
        *fault("F13", "repeat", 6.0, channel="market", for_=1),
        *fault("F13", "reorder", 7.0, channel="market", count=5),
        *fault("F13", "split", 7.0, channel="market", for_=1),
        *fault("F13", "join", 8.0, channel="market", size=4, for_=1),
        *fault("F13", "garbage", 8.0, channel="market", count=3),
        *fault("F13", "unknown_type", 8.0, channel="market", count=3),
    ],
)
USER = Ordeal(
    "the user channel, balances and heartbeats",
    [
        *fault("F14", "gap", 0.0, channel="user", for_=4),
        *fault("F14", "disconnect", 5.0, channel="user"),
        *fault("F14", "refuse_socket", 5.0, channel="user", for_=1),  # the next ones need a socket again
        *fault("F14", "lag", 7.0, channel="user", for_=2),
        *fault("F13", "drop", 7.0, channel="user", count=2),
        *fault("F13", "repeat", 8.0, channel="user", count=3),
        *fault("F17", "stale_balance", 2.0, for_=4),
        *fault("F23", "break_heartbeat", 1.0),
        *fault("F23", "expire_heartbeat", 6.0),
    ],
)
_LIONS = (
    "busy-league-lions"  # a neg-risk market: both of its descriptions are wrong; of others only one is, and refused
)
_ENDED = ("demo-cup", "demo-bitcoin", "demo-rates")
MARKETS_MOVE = Ordeal(
    "ticks, flags and ends",
    [
        *fault("F18", "retick", 0.0, market="demo-election", tick="0.001", rounds=(5.0, 15.0)),
        *fault("F18", "retick", 0.0, market="demo-election", tick="0.01", rounds=(10.0, 20.0)),
        *fault("F20", "close_market", 0.0, market="demo-cup", rounds=(12.0,)),
        *fault("F20", "close_market", 0.0, market="demo-bitcoin", rounds=(14.0,)),
        *fault("F20", "close_market", 0.0, market="demo-rates", rounds=(16.0,)),
        *fault("F20", "resolve", 0.0, market="demo-cup", winner="yes", rounds=(19.0,)),
        *fault("F20", "resolve", 0.0, market="demo-bitcoin", winner="no", rounds=(22.0,)),
        *fault("F20", "resolve", 0.0, market="demo-rates", winner="yes", rounds=(25.0,)),
        *fault("F20", "drop", 0.0, channel="market", event="market_resolved", for_=12, rounds=(18.0,)),
    ],
    gone=_ENDED,
    codes=(0, 4),
)
FLAG = Ordeal(
    "a wrong neg-risk flag",
    fault("F19", "wrong_neg_risk", 0.0, market=_LIONS, for_=3.99, rounds=_STARTS),
    gone=(_LIONS,),
    markets=(*MARKETS, _LIONS),
)
NO_CANCELS = Ordeal(
    "an engine that is off at the end",
    fault("F8", "disabled", 0.0, rounds=(22.0,), for_=60),
    codes=(3, 4),  # 4 if all that could not be cancelled has been filled
    recovers=False,
    taker=(),
)
ORDEALS = (ANSWERS, ENGINE, CANCELS_ONLY, DISABLED, BLOCKED, EDGE, FEEDS, USER, MARKETS_MOVE, FLAG, NO_CANCELS)


@frozen
class Endured:
    """An ordeal, judged: how often each of its faults has bitten, and what did not hold."""

    name: str
    hits: Counter[str]
    seconds: float
    faults: tuple[str, ...]


def endure(ordeal: Ordeal, seed: int) -> Endured:
    """Two killed lives, and one that must come through."""
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="pa") as home,
        exchange(
            Path(home), seed=seed, flow="busy", faults=[*marked(*ordeal.markets), *ordeal.taker, *ordeal.script]
        ) as venue,
    ):
        opened = time.monotonic()
        chain = Chain(venue, Random(f"ordeals/{seed}"), _CAPS, ("--market", ",".join(ordeal.markets)))
        for _ in range(2):
            before = time.time()
            bot = chain.start()
            time.sleep(chain.random.uniform(0.8, 1.2) * _LIFE)
            chain.kill(bot, before)
        before = time.time()
        bot = chain.start()
        time.sleep(max(0.0, opened + ordeal.over - time.monotonic()))
        if ordeal.recovers:
            chain.sees(bot, lambda status: settled(status) and quotes(status, ordeal.gone), QUOTES_WITHIN)
        end = chain.stopped(bot, before)
        lie = untrue(end, venue.events())
        if end.code not in ordeal.codes or lie:
            chain.faults.append(f"exit {end.code}, right is {ordeal.codes}; {lie}\n{end.out}\n{end.err[-4000:]}")
        hits = Counter(e.line["fault"] for e in venue.events() if e.kind == "fault" and not is_mark(e))
        return Endured(ordeal.name, hits, time.monotonic() - begun, (*chain.faults, *chain.case().violations()))


def named() -> set[str]:
    """The faults of every ordeal."""
    return {entry["name"] for ordeal in ORDEALS for entry in ordeal.script}
