"""The real spine keeps the rank rule: whoever may ask, asks only actors strictly below itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

import attrs
import pytest
import trio

from actors.kernel.ask import Desk
from actors.kernel.mailbox import Mailbox
from actors.model.market import Market
from actors.model.numbers import Price, Size
from actors.model.settings import MarketSettings, Settings
from actors.records import Memory
from actors.shared.board import Board
from actors.wiring.builder import build
from actors.wiring.spine import Spine
from tests.wiring_ports import untouched_ports

ROOT = 5  # architecture.md §4: tree and root


@attrs.frozen
class Held:
    """A desk, and the rank of the actor that holds it, however deep inside."""

    holder: str
    rank: int
    desk: Desk[object, object]


def desks(thing: object, holder: str, rank: int, seen: set[int]) -> Iterator[Held]:
    """Every desk within reach, through attrs fields, collections and the actors behind bound methods."""
    thing = getattr(thing, "__self__", thing)
    if id(thing) in seen or isinstance(thing, Mailbox | trio.Nursery | type):
        return
    seen.add(id(thing))
    if isinstance(thing, Desk):
        yield Held(holder, rank, thing)
        return
    if isinstance(own := getattr(thing, "rank", None), int):
        holder, rank = type(thing).__name__, own
    for part in parts(thing):
        yield from desks(part, holder, rank, seen if not isinstance(part, Desk) else set())


def parts(thing: object) -> list[object]:
    if isinstance(thing, Mapping):
        return list(thing.values())
    if isinstance(thing, tuple | list):
        return list(thing)
    kind = type(thing)
    return [getattr(thing, each.name) for each in attrs.fields(kind)] if attrs.has(kind) else []


def market(slug: str) -> Market:
    return Market(slug, f"0x{slug}", f"yes {slug}", f"no {slug}", Price(100), Size(5_000_000))


async def spine() -> Spine:
    async with trio.open_nursery() as nursery:
        return build(
            Settings(markets=(MarketSettings("a"), MarketSettings("b"))),
            untouched_ports(),
            (market("a"), market("b")),
            run=1,
            memory=Memory(),
            random=Random,
            nursery=nursery,
            board=Board(),
        )


@pytest.fixture(scope="module")
def built() -> Spine:
    return trio.run(spine)


def test_every_desk_an_actor_holds_is_strictly_below_it(built: Spine) -> None:
    held = list(desks(built, "root", ROOT, set()))
    assert {each.desk.name for each in held} == {
        "risk",
        "budget",
        "journal",
        "limiter",
        "account",
        "approvals",
        "universe",
    }
    assert {each.holder for each in held} == {"root", "Tracker", "Gateway", "Undertaker"}
    assert [each for each in held if each.desk.rank >= each.rank] == []


def test_every_desk_states_the_rank_of_the_actor_that_answers_there(built: Spine) -> None:
    ranks = {id(child.mailbox): child.run.__self__.rank for child in built.services}  # type: ignore[attr-defined]
    held = list(desks(built, "root", ROOT, set()))
    assert [each for each in held if ranks[id(each.desk.mailbox)] != each.desk.rank] == []


def test_a_desk_deep_inside_an_actor_is_found() -> None:
    @attrs.frozen
    class Inner:
        many: dict[str, Desk[object, object]]

    @attrs.frozen
    class Actor:
        inner: Inner
        rank: int = 1

    desk: Desk[object, object] = Desk("above", 7, Mailbox("above"))
    assert list(desks([Actor(Inner({"x": desk}))], "root", ROOT, set())) == [Held("Actor", 1, desk)]
