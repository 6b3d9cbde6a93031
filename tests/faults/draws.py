"""Plans drawn at random: one table of everything that can go wrong, fed by a seeded generator or by Hypothesis.

Every row names the rows of reliability.md §3 that it stands for, so that a sweep can tell what it has not met.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Protocol, TypeVar

from attrs import frozen

from tests.faults.plan import MARKETS, Act, Plan
from tests.faults.taps import POINTS

T = TypeVar("T")
Entry = dict[str, Any]

SHARED = ("journal", "limiter", "risk", "budget", "gateway", "account", "heartbeat", "streams")
ACTORS = ("feed", "quoter", "tracker")
_PLACE, _CANCEL, _ANY_ORDER = (
    {"method": "POST", "path": "/order*"},
    {"method": "DELETE", "path": "/order*"},
    {"path": "/order*"},
)
_READS = (
    "/data/orders",
    "/data/trades",
    "/data/order/*",
    "/books",
    "/balance-allowance",
    "/data/*",
    "/v1/heartbeats",
    "/*",
)


class Pick(Protocol):
    """Where choices come from; smaller is simpler. `markets` are those that the bot trades."""

    @property
    def markets(self) -> tuple[str, ...]: ...

    def number(self, low: int, high: int) -> int: ...

    def one(self, choices: Sequence[T]) -> T: ...


@frozen
class Dice:
    """Choices of a seeded generator."""

    random: Random
    markets: tuple[str, ...] = MARKETS[:2]

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def one(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)


@frozen
class Row:
    """One thing that can go wrong: `rows` of the fault matrix, and its entry but for the time.

    What happens but once is drawn several `times`, or a sweep would have to be endless to meet it often; what needs
    trades of ours comes in the `company` of somebody who takes our orders, and what bites only orders that take, with
    `acts` while it lasts.
    """

    rows: tuple[str, ...]
    entry: Callable[[Pick], Entry]
    times: int = 1
    company: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()


def _lasting(pick: Pick, longest: int) -> Entry:
    return {"for": pick.number(1, longest)}


def _chance(pick: Pick, longest: int = 60) -> Entry:
    """Some of all matches in a window."""
    return {"for": pick.number(5, longest), "probability": pick.one((0.3, 0.3, 1.0))}


def _market(pick: Pick) -> Entry:
    return {"market": pick.one(pick.markets)}


FAULTS: dict[str, Row] = {
    "delay": Row(("F1",), lambda p: {"seconds": p.number(1, 8), **p.one((_PLACE, _CANCEL)), **_chance(p)}),
    "late_answer": Row(("F1",), lambda p: {"seconds": p.number(1, 4), **_ANY_ORDER, **_chance(p)}),
    "status": Row(
        ("F1", "F10"),
        lambda p: {
            "code": p.one((500, 502, 503, 425, 401)),
            "after_accept": p.one((False, True)),
            "path": p.one(("/order*", "/order*", *_READS)),
            **_chance(p, 45),
        },
    ),
    "hang": Row(
        ("F1", "F3"),
        lambda p: {
            "after_accept": p.one((False, True)),
            "path": p.one(("/order*", "/order*", *_READS)),
            **_chance(p, 45),
        },
    ),
    "close": Row(("F1", "F3"), lambda p: {"after_accept": p.one((False, True)), **_ANY_ORDER, **_chance(p, 45)}),
    "cut": Row(("F1",), lambda p: {"path": p.one(("/order*", *_READS)), **_chance(p, 45)}),
    "garble": Row(("F1",), lambda p: {"path": p.one(("/order*", *_READS)), **_chance(p, 45)}),
    "zombie": Row(
        ("F2",),
        lambda p: {"seconds": p.number(5, 55), "then": p.one(("hang", "close", "status")), **_PLACE, **_chance(p, 45)},
    ),
    "duplicate_order": Row(("F4",), lambda p: {"style": p.one(("v2", "v1")), **_chance(p)}),
    "odd_answer": Row(
        ("F5",),
        lambda p: {"text": p.one(("could not insert order", "")), "after_accept": p.one((False, True)), **_chance(p)},
    ),
    "restart": Row(
        ("F6", "F7"),
        lambda p: {
            "seconds": p.number(3, 30),
            "post_only": p.number(0, 30),
            "heartbeats": p.one((False, True)),
            "lose_orders": p.one((False, True)),
            "code": p.one((400, 503)),
        },
        times=5,
    ),
    "post_only": Row(
        ("F6",),
        lambda p: {"code": p.one((400, 503)), "for": p.number(8, 20)},
        times=11,
        company=("take",),
        acts=("flatten all",),
    ),
    "lose_orders": Row(("F7",), lambda p: {"forget": p.one((False, True))}, times=8),
    "cancel_only": Row(("F8",), lambda p: _lasting(p, 30), times=7),
    "disabled": Row(("F8",), lambda p: _lasting(p, 30), times=5),
    "rate_limit": Row(
        ("F9",),
        lambda p: {
            "headers": p.one((True, False)),
            "after_accept": False,
            "retry_after": p.one((1, 5, 60, 3600)),
            **_ANY_ORDER,
            **_chance(p, 45),
        },
    ),
    "block": Row(("F9",), lambda p: {"method": p.one(("POST", "DELETE", "GET")), **_chance(p, 12)}, times=5),
    "clock_skew": Row(("F10",), lambda p: {"by": p.one((-45, 45, 3)), **_lasting(p, 20)}, times=5),
    "silence": Row(
        ("F11", "F12", "F14"),
        lambda p: {
            "channel": p.one(("market", "user")),
            **p.one(({}, {"market": p.markets[0]}, {"market": p.markets[1], "token": "no"})),
            **_lasting(p, 40),
        },
        times=5,
    ),
    "no_snapshot": Row(("F12",), lambda p: {"token": p.one(("yes", "no")), "for": p.number(5, 40)}),
    "drop": Row(("F13",), lambda p: {"channel": p.one(("market", "user")), **_chance(p)}),
    "repeat": Row(("F13",), lambda p: {"channel": p.one(("market", "user")), "times": p.number(1, 3), **_chance(p)}),
    "reorder": Row(("F13",), lambda p: {"channel": p.one(("market", "user")), **_chance(p)}),
    "split": Row(("F13",), lambda p: {"channel": "market", **_lasting(p, 40)}),
    "join": Row(("F13",), lambda p: {"size": p.number(2, 4), "channel": p.one(("market", "user")), **_lasting(p, 40)}),
    "garbage": Row(
        ("F13",), lambda p: {"channel": p.one(("market", "user")), "instead": p.one((False, True)), **_chance(p)}
    ),
    "unknown_type": Row(("F13",), lambda p: {"channel": p.one(("market", "user")), **_chance(p)}),
    "shuffle": Row(("F13",), lambda p: _lasting(p, 60), times=5),
    "lag": Row(
        ("F14",),
        lambda p: {"channel": p.one(("user", "market")), "seconds": p.number(1, 5), **_lasting(p, 30)},
        times=3,
    ),
    "gap": Row(("F14",), lambda p: {"channel": p.one(("user", "market")), **_lasting(p, 20)}, times=5),
    "disconnect": Row(("F14",), lambda p: {"channel": p.one(("user", "market")), "code": p.one((1006, 1001))}, times=5),
    "refuse_socket": Row(("F14",), lambda p: {"channel": p.one(("user", "market")), **_lasting(p, 20)}, times=5),
    "slow_reader": Row(
        ("F13",), lambda p: {"seconds": 0.2, "most": 64, "channel": "market", **_lasting(p, 20)}, times=5
    ),
    "take": Row(
        ("F15",),
        lambda p: {"via": p.one(("complement", "same")), "percent": p.one((100, 30)), "every": p.number(3, 20)},
    ),
    "fail_trade": Row(
        ("F16",),
        lambda p: {"retries": p.number(0, 2), "seconds": p.one((1, 8, 25)), "account": "first", **_chance(p, 120)},
        company=("take",),
    ),
    "retry_trade": Row(("F16",), lambda p: {"times": p.number(1, 3), **_chance(p, 120)}, company=("take",)),
    "late_trade": Row(("F16",), lambda p: {"seconds": p.number(10, 50), **_chance(p, 120)}, company=("take",)),
    "stale_balance": Row(
        ("F17",), lambda p: {"side": p.one(("SELL", "BUY")), **_lasting(p, 20)}, times=6, company=("take",)
    ),
    "freeze_balance": Row(("F17",), lambda p: {"account": "first"}, times=5, company=("take",)),
    "retick": Row(("F18",), lambda p: {"tick": p.one(("0.001", "0.005", "0.0025")), **_market(p)}, times=5),
    "wrong_neg_risk": Row(("F19",), lambda p: {**_market(p), **_lasting(p, 30)}, times=5),
    "close_market": Row(("F20",), _market, times=5),
    "propose": Row(("F20",), lambda p: {"winner": p.one(("yes", "no", "half")), **_market(p)}, times=5),
    "resolve": Row(("F20",), lambda p: {"winner": p.one(("yes", "no", "half")), **_market(p)}, times=5),
    "refuse_cancel": Row(("F21",), lambda p: {"for": p.number(1, 5), "every": p.number(8, 20)}, company=("take",)),
    "fill_on_cancel": Row(
        ("F21", "F22"), lambda p: {"reply": p.one(("refused", "canceled")), "percent": p.one((30, 99)), **_chance(p)}
    ),
    "overfill": Row(
        ("F22",), lambda p: {"on": "trade", "after": p.number(1, 3), "count": p.number(1, 3)}, company=("take",)
    ),
    "break_heartbeat": Row(("F23",), lambda p: {"account": "first"}, times=5),
    "expire_heartbeat": Row(("F23",), lambda p: {"account": "first"}, times=5),
    "external_order": Row(
        ("F32",),
        lambda p: {"side": p.one(("BUY", "SELL")), "price": p.one(("0.2", "0.8")), "life": "GTC", **_market(p)},
        times=7,
    ),
    "external_trade": Row(("F32",), lambda p: {"size": p.one(("5", "20")), **_market(p)}, times=5),
    "external_move": Row(
        ("F32",),
        lambda p: {"way": p.one(("split", "merge", "merge")), "amount": p.one(("10", "20")), **_market(p)},
        times=8,
        company=("take",),
    ),
    "trickle": Row(("F34",), lambda p: {"seconds": p.number(1, 9), "path": p.one(_READS), **_chance(p, 45)}),
}

ACTS: dict[str, Row] = {
    "kill": Row(("F28",), lambda p: {}),
    "kill at": Row(("F28",), lambda p: {"point": p.one(POINTS), "nth": p.number(1, 5)}),
    "crash": Row(("F25",), lambda p: {"market": p.one(p.markets), "who": p.one(ACTORS), "times": p.one((1, 1, 2))}),
    "twins": Row(("F25",), lambda p: {"market": p.markets[0], "point": p.markets[1], "who": p.one(ACTORS)}),
    "poison": Row(("F26",), lambda p: {"market": p.one(p.markets), "who": p.one(ACTORS), "times": 8}),
    "shared": Row(("F27",), lambda p: {"market": "shared", "who": p.one(SHARED), "times": p.one((1, 1, 2))}),
    "step": Row(
        ("F25",), lambda p: {"who": p.one([f"{m} {a}" for m in p.markets for a in ACTORS]), "nth": p.number(1, 60)}
    ),
    "disk": Row(("F29",), lambda p: {"who": p.one(("fail", "slow")), "seconds": p.number(1, 6)}),
    "network": Row(("F3",), lambda p: {"seconds": p.number(1, 20)}),
    "stall": Row(("F33",), lambda p: {"seconds": p.one((1.0, 4.0, 15.0))}),
    "wall": Row(("F33",), lambda p: {"seconds": p.one((-30.0, 30.0, 1.0))}),
    "order": Row(  # drawn twice as often: half of them count as something else
        (),
        lambda p: {
            "who": p.one(
                ("pause", "flatten", "flatten cancel_only", "resume", "resume", "resume ack_kill", "cancel-all")
            ),
            "market": p.one(p.markets),
        },
    ),
    "flatten": Row((), lambda p: {"who": "flatten", "market": p.one(p.markets)}),
    "flatten all": Row((), lambda p: {"who": "flatten"}),
    "kill switch": Row((), lambda p: {"who": "kill"}),
}
_KIND_OF_ACT = {
    "kill at": "kill",
    "poison": "crash",
    "shared": "crash",
    "flatten": "order",
    "flatten all": "order",
    "kill switch": "order",
}


def draw_plan(
    pick: Pick,
    *,
    seed: int,
    weather: int = 120,
    quiet: int = 100,
    faults: tuple[int, int] = (0, 8),
    acts: tuple[int, int] = (0, 8),
    kills: int = 0,
    often: float = 1.0,
    flows: tuple[str, ...] = ("quiet", "quiet", "quiet", "demo"),
) -> Plan:
    """A plan of so many kinds of faults and so many acts (least, most), with `kills` more kills.

    What is drawn several times comes `often` times as much: most of it strikes every order at once, and costs by their number.
    """
    drawn = [pick.one(list(FAULTS)) for _ in range(pick.number(*faults))]
    kinds = [one for kind in drawn for one in (kind, *FAULTS[kind].company)]
    entries = [_fault(pick, kind, weather) for kind in kinds for _ in range(_times(kind, often))]
    if not quiet and pick.one((False, True)):  # the engine restarts while the bot leaves
        entries.append(
            {"kind": "restart", "at": weather - pick.number(1, 4), "seconds": pick.number(3, 12), "post_only": 5}
        )
    misfortunes = [pick.one([*ACTS, "order"]) for _ in range(pick.number(*acts))]
    misfortunes += [pick.one(("kill", "kill at", "kill at")) for _ in range(kills)]
    befallen = [_act(pick, kind, weather) for kind in misfortunes]
    befallen += [_during(pick, act, entry) for entry in entries for act in FAULTS[entry["kind"]].acts]
    tight, taken = pick.one((False, True)), pick.one((False, False, True))
    return Plan(
        seed=seed,
        weather=float(weather),
        quiet=float(quiet),
        flow=pick.one(flows),
        markets=pick.markets,
        per_market=30 if tight else 100,
        total=25 * len(pick.markets) if tight else 100 * len(pick.markets),
        orphans=pick.one(("adopt", "cancel")),
        takers=pick.markets[-1:] if taken and len(pick.markets) > 1 else (),
        faults=tuple(entries),
        acts=tuple(sorted(befallen, key=lambda act: act.at)),
    )


def _times(kind: str, often: float) -> int:
    times = FAULTS[kind].times
    return max(1, round(times * often)) if times > 1 else 1


def draw_from(pick: Pick, faults: Sequence[str], acts: Sequence[str], *, seed: int, weather: int, **rest: Any) -> Plan:  # noqa: ANN401
    """A plan of six of these kinds of faults and four of these acts, with the `rest` of a plan's parts as given."""
    chosen = [_fault(pick, pick.one(faults), weather) for _ in range(6 if faults else 0)]
    befallen = [_act(pick, pick.one(acts), weather) for _ in range(4 if acts else 0)]
    ordered = tuple(sorted(befallen, key=lambda act: act.at))
    return Plan(seed=seed, weather=float(weather), faults=tuple(chosen), acts=ordered, **rest)


def _fault(pick: Pick, kind: str, weather: int) -> Entry:
    entry = FAULTS[kind].entry(pick)
    at = {} if "on" in entry else {"at": pick.number(1, weather - 5)}
    return {"kind": kind, **entry, **at}


def _act(pick: Pick, kind: str, weather: int) -> Act:
    return act_at(pick.number(0, weather * 10) / 10, pick, kind)


def act_at(at: float, pick: Pick, kind: str) -> Act:
    """An act of the table."""
    return Act(_KIND_OF_ACT.get(kind, kind), at, **ACTS[kind].entry(pick))


def _during(pick: Pick, kind: str, entry: Entry) -> Act:
    """An act while the fault lasts."""
    return act_at(entry["at"] + pick.number(1, 5), pick, kind)
