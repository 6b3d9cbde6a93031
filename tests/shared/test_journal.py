"""Nothing is answered before it is durable, and what waits is written together (I2)."""

from __future__ import annotations

import pytest
import trio

from actors.kernel.ask import Ask, Desk
from actors.kernel.errors import Unanswered
from actors.kernel.mailbox import Mailbox
from actors.model.day import Day
from actors.model.order import Key
from actors.model.trading import Standing, Trading
from actors.records import Intent, Note
from actors.shared.journal import Answer, Journal, Question, Recall, Settle
from tests.shared.life import living, reborn
from tests.venue import wall
from tests.wiring.links import MemoryJournal

SAFE = Standing("alpha", Trading.SAFE, "looks wrong", 7.0)


def intent(number: int) -> Intent:
    return Intent(Key(1, number), f"0x{number}", "alpha", "0xalpha", "alpha-yes", "BUY", 4000, 10, b"{}", 0.0)


def journal() -> tuple[Journal, MemoryJournal, Desk[Question, Answer]]:
    store = MemoryJournal(latency=0.01)
    actor = Journal(Mailbox("journal"), store, 0.05, wall, Mailbox("audit"))
    return actor, store, Desk("journal", 0, actor.mailbox, 2.0)


async def test_an_intent_is_answered_once_it_is_durable_and_not_before(autojump_clock: object) -> None:
    actor, store, desk = journal()
    async with living(actor):
        await desk.ask(intent(1))
        assert store.durable("0x1")
        assert trio.current_time() >= 0.01


async def test_a_note_waits_for_company_and_leaves_with_the_next_intent(autojump_clock: object) -> None:
    actor, store, desk = journal()
    async with living(actor):
        actor.mailbox.tell(Note("closed", "alpha", "0x9", 0.0))
        await trio.sleep(0.02)
        assert store.rows == []
        await desk.ask(intent(1))
        assert len(store.rows) == 2
        assert len(store.commits) == 1


async def test_a_note_without_company_is_written_within_its_time(autojump_clock: object) -> None:
    actor, store, _ = journal()
    async with living(actor):
        actor.mailbox.tell(Note("closed", "alpha", "0x9", 0.0))
        await trio.sleep(0.07)
        assert len(store.rows) == 1


async def test_intents_that_come_together_are_committed_together(autojump_clock: object) -> None:
    actor, store, _ = journal()
    async with living(actor):
        asks = [Ask[Question, Answer](intent(number)) for number in range(5)]
        for ask in asks:
            actor.mailbox.tell(ask)
        for ask in asks:
            assert await ask.answer(1.0) == ()
        assert len(store.commits) == 1


async def test_an_order_known_to_be_over_is_not_recalled(autojump_clock: object) -> None:
    actor, _, desk = journal()
    async with living(actor):
        await desk.ask(intent(1))
        await desk.ask(intent(2))
        actor.mailbox.tell(Note("closed", "alpha", "0x1", 0.0))
        assert [i.order_id for i in await desk.ask(Recall("0xalpha"))] == ["0x2"]


async def test_a_failing_disk_answers_nobody_and_kills_the_life(autojump_clock: object) -> None:
    actor, store, desk = journal()
    async with living(actor) as child:
        store.ill = "fail"
        began = trio.current_time()
        try:
            await desk.ask(intent(1))
        except Unanswered:
            assert trio.current_time() - began < 0.1, "told at once, not by a timeout"
        else:
            raise AssertionError("an intent was confirmed that is not on the disk")
        assert child.crashes.total == 1
        store.ill = None
        await reborn()
        await desk.ask(intent(2))
        assert store.durable("0x2")
        assert not store.durable("0x1")


async def test_a_standing_is_written_at_once_and_other_states_with_the_group(autojump_clock: object) -> None:
    actor, store, _ = journal()
    async with living(actor):
        actor.mailbox.put(Day(7))
        await trio.sleep(0.03)
        assert store.rows == []
        actor.mailbox.put(SAFE, about="alpha")
        await trio.sleep(0.02)
        assert store.rows == [Day(7), SAFE]


async def test_a_state_that_a_crash_kept_from_the_disk_is_written_by_the_next_life(autojump_clock: object) -> None:
    actor, store, _ = journal()
    async with living(actor):
        store.ill = "fail"
        actor.mailbox.put(SAFE, about="alpha")
        await trio.sleep(0.02)
        store.ill = None
        await reborn()
        await trio.sleep(0.02)
        assert SAFE in store.rows


async def test_what_was_told_before_is_durable_once_a_settle_is_answered(autojump_clock: object) -> None:
    actor, store, desk = journal()
    async with living(actor):
        actor.mailbox.tell(Note("kill", "", "looks wrong", 0.0))
        actor.mailbox.put(SAFE, about="alpha")
        await desk.ask(Settle())
        assert store.rows == [Note("kill", "", "looks wrong", 0.0), SAFE]


async def test_a_life_after_a_crash_is_ready_only_once_it_has_written(autojump_clock: object) -> None:
    actor, store, desk = journal()
    async with living(actor) as child:
        store.ill = "fail"
        with pytest.raises(Unanswered):
            await desk.ask(intent(1))
        for _ in range(3):
            await reborn()
            assert not child.up
        store.ill = None
        await reborn()
        await trio.sleep(0.05)
        assert child.up
        assert [row.kind for row in store.rows if isinstance(row, Note)] == ["journal"]


async def test_a_disk_that_hangs_kills_the_life(autojump_clock: object) -> None:
    actor, store, desk = journal()
    async with living(actor) as child:
        store.ill = "hang"
        with pytest.raises(Unanswered):
            await desk.ask(intent(1))
        await trio.sleep(1.0)
        assert child.crashes.total == 1
        store.ill = None
        await trio.sleep(4.0)
        await desk.ask(intent(2))
        assert not store.durable("0x1")
