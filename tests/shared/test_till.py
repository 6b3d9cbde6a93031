"""The till: a look a minute, a day that ends and is compared, and nothing forgotten over a crash or a restart."""

from __future__ import annotations

from random import Random

import pytest
import trio
from attrs import define, evolve, field

from actors.kernel.mailbox import Mailbox
from actors.model.book import Book, Depth, Level, OwnLevel
from actors.model.income import Kind, Resting, Takings
from actors.model.income_settings import IncomeSettings
from actors.model.market import FeeSchedule
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size
from actors.model.outcome import Unread
from actors.model.rewards import Rewards
from actors.records import Note
from actors.shared.board import Board
from actors.shared.statements import IncomeRead, ReadIncome
from actors.shared.till import Till
from tests.shared.life import crash, living, reborn
from tests.venue import market

DAY, HOUR = 86_400.0, 3_600.0
TODAY = 20_400
PAYING = evolve(
    market("alpha"),
    fees=FeeSchedule(700, rebate=2_000),
    rewards=Rewards(Cash(30 * PUSD), Size(20 * SHARE), Price(300)),
)
BID, ASK = OwnLevel(True, Price(4900), Size(100 * SHARE)), OwnLevel(False, Price(5100), Size(100 * SHARE))
YES = Depth((Level(BID.price, Size(200 * SHARE)),), (Level(ASK.price, Size(200 * SHARE)),))


@define(eq=False)
class Shop:
    """A till with what it reads and writes; it opens `before` midnight (UTC), so many seconds."""

    before: float
    board: Board = field(factory=Board)
    gateway: Mailbox[object] = field(factory=lambda: Mailbox("gateway"))
    journal: Mailbox[object] = field(factory=lambda: Mailbox("journal"))
    memory: Takings = Takings()

    def wall(self) -> float:
        return (TODAY + 1) * DAY - self.before + trio.current_time()

    def till(self) -> Till:
        settings = IncomeSettings()
        boxes = (self.gateway, self.journal)
        return Till(Mailbox("till"), settings, *boxes, self.memory, self.board, self.wall, Random(3))

    def stand(self, rebates: int = 0, *, live: bool = True, since: float = -60.0, confirmed: float = 1e9) -> None:
        """Half of the book is ours."""
        self.board.put(PAYING, about="alpha")
        self.board.put(Book("alpha", YES, Depth(), Price(100), 1, confirmed, live), about="alpha")
        orders = ((BID, since), (ASK, since))
        self.board.put(Resting("alpha", orders, {TODAY: Cash(rebates)} if rebates else {}), about="alpha")

    @property
    def takings(self) -> Takings:
        return self.board.last(Takings) or Takings()

    def asked(self) -> list[int]:
        return [letter.number for letter in self.gateway.read_nowait() if isinstance(letter, ReadIncome)]

    def notes(self) -> list[str]:
        return [letter.body for letter in self.journal.read_nowait() if isinstance(letter, Note)]


def told(rewards: int, rebates: int = 0) -> IncomeRead:
    """What the venue paid, in pUSD."""
    return IncomeRead(TODAY, {PAYING.condition_id: Cash(rewards * PUSD)}, {PAYING.condition_id: Cash(rebates * PUSD)})


async def test_every_book_is_looked_at_once_a_minute_and_half_of_it_is_half_of_the_pool(autojump_clock: object) -> None:
    shop = Shop(2 * HOUR)
    shop.stand()
    async with living(shop.till()):
        await trio.sleep(HOUR)
        stood = shop.takings.today.markets[PAYING.condition_id]
        assert 60 <= stood.looks <= 61
        assert stood.most == 15 * PUSD
        assert stood.least == 15 * PUSD * stood.looks // 1_440


@pytest.mark.parametrize("why", ["no live book", "an old book", "too young", "closed"])
async def test_what_would_score_nothing_is_not_counted_as_earned(why: str, autojump_clock: object) -> None:
    shop = Shop(2 * HOUR)
    confirmed = -60.0 if why == "an old book" else 1e9
    shop.stand(live=why != "no live book", since=10_000.0 if why == "too young" else -60.0, confirmed=confirmed)
    if why == "closed":
        shop.board.put(evolve(PAYING, accepting=False), about="alpha")
    async with living(shop.till()):
        await trio.sleep(600.0)
        assert shop.takings.today.expected(Kind.REWARDS).most == 0


async def test_a_day_that_has_ended_is_compared_once_with_what_the_venue_says(autojump_clock: object) -> None:
    shop, till = Shop(HOUR), None
    shop.stand(rebates=3 * PUSD)
    till = shop.till()
    async with living(till):
        await trio.sleep(HOUR + 600.0)
        assert shop.asked() == [], "payments are made at about midnight: not yet"
        assert shop.takings.before is not None
        await trio.sleep(400.0)
        assert shop.asked() == [TODAY]
        till.mailbox.tell(told(rewards=15, rebates=3))
        await trio.sleep(1.0)
        compared = shop.takings.compared
        assert compared is not None
        assert (compared.number, compared.differs) == (TODAY, ())
        assert [shop.takings.before] == [None]
        assert shop.notes()[-1].startswith("2025-11-08 rebates 3 pUSD paid, 3 expected; rewards 15 pUSD paid, ")
        await trio.sleep(2 * HOUR)
        assert shop.asked() == []


async def test_a_payment_that_is_missing_is_awaited_for_hours_and_then_told(autojump_clock: object) -> None:
    shop = Shop(HOUR)
    shop.stand(rebates=3 * PUSD)
    till = shop.till()
    async with living(till):
        await trio.sleep(HOUR)
        for hour in range(1, 6):
            await trio.sleep(HOUR)
            assert shop.asked() == [TODAY], hour
            till.mailbox.tell(told(rewards=15))
        assert shop.takings.compared is None
        await trio.sleep(1.5 * HOUR)
        assert set(shop.asked()) == {TODAY}
        till.mailbox.tell(told(rewards=15))
        await trio.sleep(1.0)
        compared = shop.takings.compared
        assert compared is not None
        assert compared.differs == (Kind.REBATES,)


async def test_an_answer_that_cannot_be_read_or_is_of_another_day_concludes_nothing(autojump_clock: object) -> None:
    shop = Shop(HOUR)
    shop.stand()
    till = shop.till()
    async with living(till):
        await trio.sleep(2 * HOUR)
        till.mailbox.tell(IncomeRead(TODAY, Unread("500"), {}))
        till.mailbox.tell(evolve(told(rewards=15), number=TODAY - 1))
        await trio.sleep(1.0)
        assert shop.takings.compared is None
        shop.asked()
        await trio.sleep(HOUR)
        assert shop.asked() == [TODAY]


async def test_a_crash_and_a_restart_go_on_where_the_last_life_stood(autojump_clock: object) -> None:
    shop = Shop(HOUR)
    shop.stand(rebates=7)
    till = shop.till()
    async with living(till):
        await trio.sleep(1_800.0)
        before = shop.takings.today
        await crash(till)
        await reborn()
        await trio.sleep(90.0)
        after = shop.takings.today.markets[PAYING.condition_id]
        assert after.looks > before.markets[PAYING.condition_id].looks >= 30
    kept = [letter for letter in shop.journal.read_nowait() if isinstance(letter, Takings)][-1]
    assert kept.today == shop.takings.today
    again = Shop(HOUR, memory=kept)
    async with living(again.till()):
        await trio.sleep(1.0)
        assert again.takings.today.markets[PAYING.condition_id].looks == after.looks
