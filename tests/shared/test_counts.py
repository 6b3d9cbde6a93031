"""Streaks follow what trades realise: a purchase, a settlement or a trade that failed is no losing trade."""

from __future__ import annotations

from attrs import evolve

from actors.kernel.mailbox import Mailbox
from actors.messages import Inventory
from actors.model.ledger import Holding, Position
from actors.model.numbers import PUSD, Cash
from actors.model.risk_settings import RiskSettings
from actors.model.tally import Tally
from actors.shared.counts import Counts
from tests.venue import wall


def realised(pusd: int, trades: int) -> Inventory:
    return Inventory("a", Position("a", yes=Holding(realised=Cash(pusd * PUSD)), trades=trades))


def streak(*heard: Inventory) -> int:
    counts = Counts(RiskSettings(), Mailbox("journal"), wall, Tally())
    for inventory in heard:
        counts.hear(inventory)
    return counts.tally.streaks.get("a", 0)


def test_losing_trades_add_up_until_one_gains() -> None:
    assert streak(realised(0, 0), realised(-1, 1), realised(-3, 2)) == 2
    assert streak(realised(0, 0), realised(-1, 1), realised(2, 2)) == 0


def test_what_was_realised_before_this_life_is_no_trade_of_now() -> None:
    assert streak(realised(-5, 3)) == 0


def test_a_trade_that_failed_takes_its_gain_back_without_being_a_loss() -> None:
    assert streak(realised(0, 0), realised(5, 1), realised(0, 0)) == 0


def test_a_purchase_realises_nothing_though_it_costs_a_fee() -> None:
    bought = realised(0, 1)
    paid = evolve(bought, position=evolve(bought.position, fees=Cash(PUSD)))
    assert streak(realised(0, 0), paid) == 0
