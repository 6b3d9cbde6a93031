"""Caps over several markets hold in the moment: what was granted counts until its tracker has restated it."""

from __future__ import annotations

import trio
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from actors.kernel.ask import Desk
from actors.kernel.mailbox import Mailbox
from actors.model.ledger import Holding, Position
from actors.model.limits import Exposure
from actors.model.market import Outcome, Side
from actors.model.numbers import PUSD, SHARE, Cash, Price, Size, cost
from actors.model.quote import Quote
from actors.model.reason import Reason, Refusal
from actors.model.risk_settings import RiskSettings
from actors.model.stake import Stake, worst_loss
from actors.model.trading import Trading
from actors.records import Memory
from actors.shared.admission import Standings
from actors.shared.board import Board
from actors.shared.risk import Risk, Verdict
from actors.shared.stakes import Group, Staked, Stakes
from tests.shared.life import crash, living, reborn
from tests.shared.tuned import tuned
from tests.venue import market, wall

BUY = Quote(Outcome.YES, Side.BUY, Price(5000), Size(10 * SHARE))  # 5 pUSD
NOTHING = Exposure(0, 0)
EVENT = RiskSettings(max_event_loss=Cash(8 * PUSD))


def risk(limits: RiskSettings, unread: int = 0) -> Risk:
    """Over two markets of one event that exclude each other."""
    groups = {
        slug: Group.of(evolve(market(slug), event_slug="7", neg_risk=True), "simple", Cash(unread * PUSD))
        for slug in ("a", "b")
    }
    return Risk(
        mailbox=Mailbox("risk"),
        tuning=tuned(limits),
        groups=groups,
        initial=Trading.RUNNING,
        audience={slug: () for slug in groups},
        standings=Standings(),
        memory=Memory(),
        journal=Mailbox("journal"),
        board=Board(),
        wall=wall,
        balance=lambda: Cash(1000 * PUSD),
    )


async def asked(of: Risk, name: str, seq: int, quote: Quote = BUY) -> Reason | None:
    desk: Desk[Verdict, Refusal | None] = Desk("risk", 1, of.mailbox)
    refusal = await desk.ask(Verdict(name, quote, NOTHING, seq))
    return refusal.reason if refusal is not None else None


async def test_two_orders_of_one_moment_do_not_pass_a_cap_together(autojump_clock: object) -> None:
    of = risk(EVENT)
    async with living(of):
        for name in ("a", "b"):
            of.mailbox.put(Staked(name, 1, Stake(Position(name))), about=name)
        assert await asked(of, "a", 2) is None
        assert await asked(of, "b", 2) is Reason.RISK_EVENT
        of.mailbox.put(Staked("a", 1, Stake(Position("a"))), about="a")
        assert await asked(of, "b", 3) is Reason.RISK_EVENT, "that was stated before the grant"
        of.mailbox.put(Staked("a", 3, Stake(Position("a"))), about="a")
        await trio.sleep(0.01)
        assert await asked(of, "b", 4) is None, "the order was never placed"


async def test_what_makes_an_event_safer_is_not_held_back_by_its_cap(autojump_clock: object) -> None:
    of = risk(EVENT)
    held = Holding(40 * SHARE, 40 * SHARE, Cash(20 * PUSD))
    async with living(of):
        of.mailbox.put(Staked("a", 1, Stake(Position("a", yes=held))), about="a")
        of.mailbox.put(Staked("b", 1, Stake(Position("b"))), about="b")
        await trio.sleep(0.01)
        assert await asked(of, "a", 2) is Reason.RISK_EVENT
        assert await asked(of, "a", 3, evolve(BUY, side=Side.SELL)) is None


async def test_a_market_that_has_not_spoken_counts_with_its_budget(autojump_clock: object) -> None:
    of = risk(RiskSettings(max_total_notional=Cash(11 * PUSD)), unread=6)
    async with living(of):
        assert await asked(of, "a", 1) is Reason.RISK_TOTAL
        of.mailbox.put(Staked("b", 1, Stake(Position("b"))), about="b")
        await trio.sleep(0.01)
        assert await asked(of, "a", 2) is None, "6 of a, the order among them or not, and 5"


async def test_a_restarted_risk_knows_what_markets_have_stated(autojump_clock: object) -> None:
    of = risk(EVENT)
    async with living(of):
        of.mailbox.put(Staked("a", 1, Stake(Position("a"), (BUY,))), about="a")
        of.mailbox.put(Staked("b", 1, Stake(Position("b"))), about="b")
        await crash(of)
        await reborn()
        assert await asked(of, "b", 2) is Reason.RISK_EVENT


def test_an_event_excludes_only_if_each_of_its_markets_does() -> None:
    groups = {name: Group("7", exclusive=name == "a", strategy="simple", budget=Cash(0)) for name in "ab"}
    stakes = Stakes(groups, lambda _: None, lambda: None)
    against = Holding(10 * SHARE, 10 * SHARE, Cash(7 * PUSD))
    for name in groups:
        stakes.hear(Staked(name, 1, Stake(Position(name, no=against))))
    assert stakes.whole("a", BUY).event_now == 14 * PUSD


QUOTES = st.builds(
    Quote,
    st.sampled_from(Outcome),
    st.just(Side.BUY),
    st.integers(1, 9999).map(Price),
    st.integers(1, 50 * SHARE).map(Size),
)
STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), QUOTES), max_size=20)


@given(STEPS, QUOTES)
def test_sums_that_follow_each_statement_and_grant_are_those_of_everything_added_up(
    steps: list[tuple[str, bool, Quote]], asked_for: Quote
) -> None:
    groups = {name: Group("7", exclusive=True, strategy=name, budget=Cash(6 * PUSD)) for name in "abc"}
    stakes = Stakes(groups, lambda _: None, lambda: None)
    true: dict[str, Stake] = {}
    for seq, (name, states, quote) in enumerate(steps):
        if states or name not in true:
            true[name] = Stake(Position(name), (quote,))
            stakes.hear(Staked(name, seq, true[name]))
        else:
            true[name] = true[name].plus(quote)
            stakes.grant(name, quote, seq)
    silent = 6 * PUSD * (3 - len(true))
    worth, price = {name: stake.notional(None) for name, stake in true.items()}, cost(asked_for.price, asked_for.size)
    whole = stakes.whole("a", asked_for)
    assert whole.total == sum(worth.values()) + silent + price
    assert whole.strategy == worth.get("a", 6 * PUSD) + price
    assert whole.event_now == worst_loss([stake.losses for stake in true.values()], exclusive=True) + silent
