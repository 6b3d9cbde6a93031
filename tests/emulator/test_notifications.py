"""What the bell shows: an account's own cancels, fills and payouts, newest first, until they are dropped."""

from __future__ import annotations

import pytest

from actors.model.numbers import PUSD, SHARE
from adapters.emulator.accounts import Account
from adapters.emulator.events import Paid
from adapters.emulator.lifecycle import YES_WINS
from adapters.emulator.notifications import CANCELLED, FILLED, KEPT, RESOLVED, REWARDED, Notification
from tests.emulator.floor import BUY, CENT, NO, YES, Floor, open_floor


def busy() -> tuple[Floor, Account, Account]:
    """Ann and Bob have traded 10 and Ann has cancelled another order."""
    floor = open_floor()
    ann, bob = floor.account("ann"), floor.account("bob")
    floor.place(bob, NO, BUY, 40 * CENT, 10 * SHARE)
    floor.place(ann, YES, BUY, 60 * CENT, 10 * SHARE)
    floor.exchange.cancel(floor.place(ann, YES, BUY, 30 * CENT, 7 * SHARE), "test")
    return floor, ann, bob


def kinds(notes: list[Notification]) -> list[int]:
    return [note.type for note in notes]


def test_cancels_and_fills_are_kept_for_their_account_alone_newest_first() -> None:
    floor, ann, bob = busy()
    assert kinds(floor.notifications.of(ann)) == [CANCELLED, FILLED]
    assert kinds(floor.notifications.of(bob)) == [FILLED]
    cancelled, fill = floor.notifications.of(ann)
    assert (cancelled.payload["original_size"], cancelled.payload["matched_size"], cancelled.owner) == (
        "7",
        "0",
        "key-ann",
    )
    assert (fill.payload["matched_size"], fill.payload["price"], fill.payload["outcome"]) == ("10", "0.6", "Yes")


def test_a_fill_is_notified_once_however_its_status_moves() -> None:
    floor, _, bob = busy()
    floor.pass_time(60)
    assert kinds(floor.notifications.of(bob)) == [FILLED]


def test_dropped_ones_are_gone_and_nobody_drops_anothers() -> None:
    floor, ann, bob = busy()
    mine, theirs = floor.notifications.of(ann), floor.notifications.of(bob)
    floor.notifications.drop([mine[0].id, theirs[0].id, 999], ann)
    assert (floor.notifications.of(ann), floor.notifications.of(bob)) == (mine[1:], theirs)
    floor.notifications.drop([theirs[0].id])
    assert floor.notifications.of(bob) == []


def test_only_the_newest_are_kept_and_the_flow_gets_none() -> None:
    floor = open_floor()
    ann, flow = floor.account("ann"), floor.account("flow", internal=True)
    for account in (ann, flow):
        for _ in range(KEPT + 5):
            floor.exchange.cancel(floor.place(account, YES, BUY, 30 * CENT, 7 * SHARE), "test")
    notes = floor.notifications.of(ann)
    assert (len(notes), notes[0].id - notes[-1].id) == (KEPT, KEPT - 1)
    assert floor.notifications.of(flow) == []


def test_the_venues_client_reads_every_payload() -> None:
    account = pytest.importorskip("polymarket._internal.actions.account")
    floor, ann, _ = busy()
    rich = floor.exchange.accounts.open("0x" + "ab" * 20, cash=PUSD)
    floor.chain.split(rich, floor.listings[0], PUSD)
    floor.lifecycle.resolve(floor.listings[0], YES_WINS)
    floor.exchange.emit(Paid(rich, "reward", 1_500_000, 20_000, "0x" + "cd" * 32))
    notes = floor.notifications.of(ann)[-2:] + floor.notifications.of(rich)
    rows = [
        {"id": note.id, "type": note.type, "owner": note.owner, "timestamp": int(note.at), "payload": note.payload}
        for note in notes
    ]
    assert [int(read.type) for read in account.parse_notifications(rows)] == [CANCELLED, FILLED, REWARDED, RESOLVED]
