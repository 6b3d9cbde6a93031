"""Hypothesis strategies for faults: single ones, and plans of several. Every value they draw parses and prints."""

from __future__ import annotations

from typing import Any

from attrs import fields
from hypothesis import strategies as st

from adapters.emulator.faults import KINDS, BadFaults, Fault, check
from adapters.emulator.faults_script import filters
from adapters.emulator.faults_when import EVENTS, When
from adapters.emulator.faults_where import EVENTS as EVENTS_OF
from adapters.emulator.faults_where import Where

MARKETS = ("demo-election", "demo-cup")

_FILTERS: dict[str, st.SearchStrategy[str]] = {
    "service": st.just("clob"),
    "method": st.sampled_from(["GET", "POST", "DELETE"]),
    "path": st.sampled_from(["/order", "/orders", "/data/*", "/book*", "/*"]),
    "channel": st.sampled_from(["market", "user"]),
    "event": st.sampled_from(["book", "price_change", "order", "trade"]),
    "market": st.sampled_from(MARKETS),
    "token": st.sampled_from(["yes", "no"]),
    "account": st.sampled_from(["first", "second"]),
    "side": st.sampled_from(["BUY", "SELL"]),
}
_SECONDS = st.integers(0, 12).map(lambda half: half / 2)
_KEYS: dict[str, st.SearchStrategy[Any]] = {
    "code": st.sampled_from([400, 425, 500, 503]),
    "seconds": st.integers(1, 12).map(lambda half: half / 2),
    "by": st.sampled_from([-120.0, 45.0]),
    "legs": st.sampled_from(["", "0", "0,1"]),
    "size": st.sampled_from(["5", "20"]),
    "price": st.sampled_from(["0.2", "0.5", "0.8"]),
    "amount": st.sampled_from(["1", "50"]),
    "tick": st.sampled_from(["0.01", "0.001"]),
    "winner": st.sampled_from(["yes", "no", "half"]),
    "life": st.sampled_from(["GTC", "FAK"]),
    "way": st.sampled_from(["split", "merge"]),
    "via": st.sampled_from(["same", "complement"]),
    "then": st.sampled_from(["hang", "close", "status"]),
    "reply": st.sampled_from(["refused", "canceled"]),
    "style": st.sampled_from(["v1", "v2"]),
    "percent": st.integers(1, 99),
    "retries": st.integers(0, 2),
    "times": st.integers(1, 3),
}
_OWN: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("disconnect", "code"): st.sampled_from([1001, 1006]),
    ("restart", "code"): st.sampled_from([400, 503]),
    ("post_only", "code"): st.sampled_from([400, 503]),
    ("overfill", "size"): st.sampled_from(["0.001", "0.01"]),
    ("join", "size"): st.integers(2, 4),
}


@st.composite
def faults(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(sorted(KINDS))) -> Fault:
    """One fault; its simplest form is the first kind with nothing but its defaults."""
    kind = KINDS[draw(st.sampled_from(kinds))]
    effect = kind(**{f.name: value for f in fields(kind) if (value := _drawn(draw, kind, f.name, f.type)) is not None})
    when = draw(whens())
    allowed = filters(kind, when.on)
    chosen = draw(st.lists(st.sampled_from(sorted(allowed)), max_size=2, unique=True)) if allowed else []
    where = {key: draw(_FILTERS[key]) for key in chosen}
    if "channel" in where and where.get("event") not in (None, *EVENTS_OF[where["channel"]]):
        del where["event"]
    fault = Fault(effect, when, Where(**where))
    return fault if _fits(fault) else Fault(effect, When(**_timing(kind)), fault.where if when.on is None else Where())


@st.composite
def whens(draw: st.DrawFn) -> When:
    """A trigger within the first seconds."""
    on = draw(st.sampled_from([None, None, *EVENTS]))
    every = None if on else draw(st.sampled_from([None, None, 3.0]))
    return When(
        at=0 if on else draw(_SECONDS),
        for_=draw(st.sampled_from([None, 0.5, 2.0])),
        every=every,
        on=on,
        after=draw(st.sampled_from([0.0, 0.3, 2.0])) if on else 0,
        nth=draw(st.sampled_from([1, 1, 2, 5])),
        count=draw(st.sampled_from([None, 1, 3])),
        probability=draw(st.sampled_from([1.0, 1.0, 0.5])),
    )


def plans(most: int = 6) -> st.SearchStrategy[list[Fault]]:
    """A list of faults that shrinks to fewer and simpler ones."""
    return st.lists(faults(), max_size=most)


def _drawn(draw: st.DrawFn, kind: type[Any], name: str, of: object) -> Any:  # noqa: ANN401 - a value of the key
    """A value for an effect's own key, None to leave it at its default."""
    shared = st.booleans() if of == "bool" else _KEYS.get(name)
    strategy = _OWN.get((kind.KIND, name), shared)
    return None if strategy is None else draw(strategy)


def _timing(kind: type[Any]) -> dict[str, Any]:
    return {"for_": 5.0} if kind.KIND == "gap" else {}


def _fits(fault: Fault) -> bool:
    try:
        check(fault)
    except BadFaults:
        return False
    return True
