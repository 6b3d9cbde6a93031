"""What can be done to a whole bot, and what should follow: the verbs of the runs in `firing`, over whatever venue.

A `Stage` is what the venue in memory and the practice exchange can both do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import trio

from actors.model.market import Side
from actors.model.numbers import PUSD, SHARE, Cash, Size
from tests.wiring.world import until


class Resting(Protocol):
    """An own order at the venue."""

    @property
    def side(self) -> Side: ...


class Stage(Protocol):
    """The whole bot over some venue, and whoever trades with it there. Both markets' mids are 0.50 at first."""

    def obey(self, command: str, args: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """What the control socket answers."""
        ...

    def told(self) -> dict[str, dict[str, Any]]:
        """`explain` of every market."""
        ...

    def live(self) -> Sequence[Resting]: ...

    @property
    def posts(self) -> int:
        """Orders sent so far."""
        ...

    def audited(self, kind: str, code: str) -> int:
        """Rows of the audit that tell of it: a refused order, a tripped breaker, a kill."""
        ...

    async def take_buy(self) -> None:
        """Somebody fills the resting buy of YES, and it settles."""
        ...

    async def take_sale_below_cost(self) -> None: ...

    async def move(self, bid: int) -> None:
        """The others quote at `bid` and four cents above it (price units)."""
        ...

    def hold(self, money: Cash) -> None:
        """The account's free balance is this."""
        ...

    def hurry(self) -> None:
        """Answers come at once from here on."""
        ...


Step = Callable[[Stage], Awaitable[None]]


def pusd(amount: float) -> Cash:
    return Cash(int(amount * PUSD))


def shares(size: float) -> Size:
    return Size(int(size * SHARE))


async def quoted(of: Stage) -> None:
    await until(lambda: len(of.live()) >= 2 * len(of.told()), within=5.0)


# ── what provokes ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def nothing(_: Stage) -> None:
    """The strategy alone asks for too much, or the venue's answers do the rest."""


async def lose(of: Stage) -> None:
    """20 YES bought at 0.48 are worth 0.37: a loss of 2.2."""
    await quoted(of)
    await of.take_buy()
    await of.move(3500)


async def grow_poor(of: Stage) -> None:
    await quoted(of)
    await of.take_buy()
    of.hold(pusd(40))


async def sell_at_a_loss(of: Stage) -> None:
    await quoted(of)
    await of.take_buy()
    await until(lambda: any(o.side is Side.SELL for o in of.live()), within=5.0)
    await of.take_sale_below_cost()


async def forget(of: Stage) -> None:
    """One of two orders is never heard of again, and the other one is to be placed anew."""
    await until(lambda: len(of.live()) == 1, within=3.0)
    await of.move(4300)


async def wander(of: Stage) -> None:
    """The price moves, and again."""
    await quoted(of)
    for bid in (4700, 4900, 4600):
        await of.move(bid)
        await trio.sleep(2.0)


async def rise(of: Stage) -> None:
    await quoted(of)
    await of.move(4900)


async def come_back(of: Stage) -> None:
    """A person stops the market and lets it go on at once."""
    await quoted(of)
    of.obey("pause", {})
    await until(lambda: not of.live(), within=5.0)
    of.obey("resume", {})


# ── what follows ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def nothing_rests(of: Stage) -> None:
    await trio.sleep(2.0)
    before = of.posts
    await trio.sleep(3.0)
    assert not of.live()
    assert of.posts == before


async def one_rests(of: Stage) -> None:
    await trio.sleep(3.0)
    assert len(of.live()) == 1


async def nothing_new(of: Stage) -> None:
    before = of.posts
    await of.move(4800)
    await trio.sleep(3.0)
    assert of.posts == before


async def placed_later(of: Stage) -> None:
    before = of.posts
    await trio.sleep(3.0)
    assert of.posts == before
    await until(lambda: of.posts > before, within=20.0)


async def both_rest_later(of: Stage) -> None:
    await until(lambda: len(of.live()) == 2, within=25.0)


async def at_most_two_rest(of: Stage) -> None:
    """One market's pair or one order of each: the next would be too much."""
    await trio.sleep(3.0)
    assert 1 <= len(of.live()) <= 2


async def paused_until_resumed(of: Stage) -> None:
    """And what was lost before the resume is not held against it."""
    await nothing_rests(of)
    of.hurry()
    of.obey("resume", {})
    await quoted(of)
    await trio.sleep(3.0)
    assert of.told()["alpha"]["reason"] is None


async def killed(of: Stage) -> None:
    await nothing_rests(of)
    status = of.obey("status", {})
    assert (status["state"], status["kill"]["markets"]) == ("safe", ["alpha"])


async def paused_for_a_while(of: Stage) -> None:
    await nothing_rests(of)
    assert "until" in of.told()["alpha"]["inputs"]
    of.hurry()
    await until(lambda: len(of.live()) == 2, within=10.0)


async def only_reducing(of: Stage) -> None:
    await trio.sleep(2.0)
    assert {o.side for o in of.live()} == {Side.SELL}
    assert of.obey("status", {})["state"] == "reducing"


async def reducing_for_a_while(of: Stage) -> None:
    await only_reducing(of)
    await until(lambda: any(o.side is Side.BUY for o in of.live()), within=12.0)


async def reducing_until_there_is_money(of: Stage) -> None:
    await only_reducing(of)
    of.hold(pusd(1000))
    await until(lambda: any(o.side is Side.BUY for o in of.live()), within=35.0)
