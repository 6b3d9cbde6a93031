"""Whatever the bot writes down or says is searched for its secrets: journal, log, replies, last words (I20)."""

from __future__ import annotations

import pytest
import trio

from actors.model.numbers import PUSD, Cash
from actors.model.order import Key
from actors.model.settings import BudgetSettings
from actors.records import Intent, Note
from actors.wiring.demo import DEMO_KEY
from tests.faults.trace import Trace
from tests.faults.watch import Watch

API_KEY, PASSPHRASE = "5f2c1a90-77aa-4c1e-9a00-1b2c3d4e5f60", "b1946ac92492d2347c6235b4d2611184"


def watch() -> Watch:
    """Who watches a bot that has signed in."""
    new = Watch.of(Trace(keep=False), BudgetSettings(Cash(PUSD), Cash(PUSD)), lambda: 1)
    for secret in (API_KEY, PASSPHRASE, PASSPHRASE):
        new.hide(secret)
    return new


def intent(more: str = "") -> Intent:
    order = f'{{"order":{{"salt":1}},"owner":"{API_KEY}","orderType":"GTC"{more}}}'
    return Intent(Key(1, 1), "0x1", "alpha", "0xalpha", "101", "BUY", 4000, 10_000_000, order.encode(), 0.0)


def broken(of: Watch) -> list[str]:
    return [breach.text for breach in of.judge.breaches if breach.invariant == "I20"]


async def test_an_ordinary_journal_holds_no_secret_but_the_owner_of_its_orders(autojump_clock: object) -> None:
    of = watch()
    of.recorded([intent(), Note("fill", "alpha", "MATCHED BUY 10 YES at 0.4", 0.0)])
    assert broken(of) == []


@pytest.mark.parametrize("row", [intent(f',"why":"{PASSPHRASE}"'), Note("outcome", "alpha", f"as {API_KEY}", 0.0)])
async def test_a_secret_in_a_row_of_the_journal_is_found(row: Intent | Note, autojump_clock: object) -> None:
    of = watch()
    of.recorded([row])
    assert broken(of) == ["the journal holds a secret, or a long part of one"]


@pytest.mark.parametrize("where", ["the log", "the reply to kill", "the status"])
async def test_a_secret_that_is_told_to_somebody_is_found(where: str, autojump_clock: object) -> None:
    of = watch()
    for text in ("nothing", f"signed in with {DEMO_KEY[:40]}", f"{{'POLY_PASSPHRASE': '{PASSPHRASE.upper()}'}}"):
        of.printed(where, text)
    assert broken(of) == [f"{where} holds a secret, or a long part of one"] * 2
    await trio.lowlevel.checkpoint()
