"""The standing of markets survives the actor that keeps it, and a kill is never overruled by anything older."""

from __future__ import annotations

import pytest
import trio

from actors.kernel.ask import Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Mailbox
from actors.model.limits import Exposure
from actors.model.market import Outcome, Side
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.quote import Quote
from actors.model.reason import Reason, Refusal
from actors.model.risk_settings import RiskSettings
from actors.model.trading import Order, Standing, Trading, after
from actors.records import Memory
from actors.shared.admission import Standings
from actors.shared.board import Board
from actors.shared.risk import Command, Heeded, Risk, Verdict
from actors.shared.stakes import Group, Staked
from tests.shared.life import crash, living, reborn
from tests.shared.tuned import tuned
from tests.venue import market, wall

LIMITS = RiskSettings(
    max_order_size=Size(100 * SHARE),
    max_order_notional=Cash(50 * PUSD),
    max_position=Size(100 * SHARE),
    max_orders_per_market=4,
)


def risk(audience: Mailbox[object]) -> Risk:
    boxes: list[Mailbox[object]] = [Mailbox("risk"), Mailbox("journal")]
    told = {"alpha": (audience,)}
    return Risk(
        mailbox=boxes[0],
        tuning=tuned(LIMITS),
        groups={"alpha": Group.of(market("alpha"), "simple", Cash(0))},
        initial=Trading.RUNNING,
        audience=told,
        standings=Standings(),
        memory=Memory(),
        journal=boxes[1],
        board=Board(),
        wall=wall,
        balance=lambda: Cash(1000 * PUSD),
    )


def heard(audience: Mailbox[object]) -> Trading:
    """What the market was last told."""
    audience.renew()
    return next(letter.trading for letter in audience.read_nowait() if isinstance(letter, Standing))


@pytest.mark.parametrize(
    ("order", "standing"),
    [(Order.PAUSE, Trading.PAUSED), (Order.FLATTEN, Trading.FLATTENING), (Order.KILL, Trading.SAFE)],
)
async def test_a_standing_survives_a_crash(order: Order, standing: Trading, autojump_clock: object) -> None:
    audience: Mailbox[object] = Mailbox("alpha")
    actor = risk(audience)
    async with living(actor):
        actor.mailbox.tell(Command(order))
        await trio.sleep(0.01)
        await crash(actor)
        await reborn()
        assert heard(audience) is standing


@pytest.mark.parametrize("before", [Order.PAUSE, Order.RESUME, Order.FLATTEN])
async def test_a_kill_told_while_risk_is_down_kills(before: Order, autojump_clock: object) -> None:
    audience: Mailbox[object] = Mailbox("alpha")
    actor = risk(audience)
    async with living(actor):
        actor.mailbox.tell(Command(Order.PAUSE))
        actor.mailbox.tell(Command(before))
        await trio.sleep(0.01)
        await crash(actor)
        actor.mailbox.tell(Command(Order.KILL))
        await reborn()
        assert heard(audience) is Trading.SAFE


@pytest.mark.parametrize("order", [Order.KILL, Order.PAUSE, Order.FLATTEN])
async def test_an_order_to_stop_that_died_with_its_reader_is_not_answered_before_it_is_obeyed(
    order: Order, autojump_clock: object
) -> None:
    audience: Mailbox[object] = Mailbox("alpha")
    actor = risk(audience)
    desk: Desk[Heeded, None] = Desk("risk", 1, actor.mailbox)
    async with living(actor):
        poison = Staked("alpha", 1, None)  # type: ignore[arg-type]  # the life that reads it dies, with all of its batch
        actor.mailbox.tell(poison)
        actor.mailbox.tell(Command(order))
        with pytest.raises(Unanswered):
            await desk.ask(Heeded(Command(order)))
        await reborn()
        assert heard(audience) is Trading.RUNNING, "the order is lost"
        await desk.ask(Heeded(Command(order)))
        assert heard(audience) is after(Trading.RUNNING, order)


async def test_a_kill_that_a_full_queue_drops_is_obeyed_before_it_is_answered(autojump_clock: object) -> None:
    audience: Mailbox[object] = Mailbox("alpha")
    actor = risk(audience)
    async with living(actor):
        for n in range(actor.mailbox.bound):
            actor.mailbox.tell(Command(Order.KILL if n == actor.mailbox.bound - 1 else Order.RESUME))
        await Desk[Heeded, None]("risk", 1, actor.mailbox).ask(Heeded(Command(Order.KILL)))
        assert heard(audience) is Trading.SAFE


async def test_commands_in_quick_succession_take_effect_in_their_order(autojump_clock: object) -> None:
    audience: Mailbox[object] = Mailbox("alpha")
    actor = risk(audience)
    async with living(actor):
        for order in (Order.PAUSE, Order.RESUME, Order.KILL, Order.PAUSE, Order.RESUME):
            actor.mailbox.tell(Command(order))
            await trio.lowlevel.checkpoint()
        await trio.sleep(0.01)
        assert heard(audience) is Trading.SAFE


async def test_only_an_acknowledged_resume_ends_a_kill(autojump_clock: object) -> None:
    audience: Mailbox[object] = Mailbox("alpha")
    actor = risk(audience)
    async with living(actor):
        for order in (Order.KILL, Order.RESUME, Order.FLATTEN, Order.FLAT):
            actor.mailbox.tell(Command(order, "alpha"))
        await trio.sleep(0.01)
        assert heard(audience) is Trading.SAFE
        actor.mailbox.tell(Command(Order.ACK_KILL))
        await trio.sleep(0.01)
        assert heard(audience) is Trading.RUNNING


async def test_a_verdict_names_the_cap_and_the_value_that_would_lift_it(autojump_clock: object) -> None:
    actor = risk(Mailbox("alpha"))
    desk: Desk[Verdict, Refusal | None] = Desk("risk", 1, actor.mailbox)
    quote = Quote(Outcome.YES, Side.BUY, Price(1000), Size(60 * SHARE))
    async with living(actor):
        assert await desk.ask(Verdict("alpha", quote, Exposure(shares=40 * SHARE, orders=0))) is None
        refusal = await desk.ask(Verdict("alpha", quote, Exposure(shares=41 * SHARE, orders=0)))
    assert refusal is not None
    assert (refusal.reason, refusal.hint and refusal.hint.value) == (Reason.RISK_POSITION, "101")
