"""The planted bugs by name, each with what brings it out in a run, or with the test that shows it."""

from __future__ import annotations

from typing import Any

from tests.faults import planting

_LOST_ANSWERS = ("status", "hang", "close", "zombie", "cut", "garble")
_FILLS = ("take", "repeat", "reorder", "lag")
_PAIRS_MERGED = (
    *({"kind": "take", "market": "demo-election", "at": 10 + half / 2} for half in range(4)),
    *({"kind": "external_move", "way": "merge", "amount": "20", "at": 10 + half / 2} for half in range(40)),
)

BUGS: dict[str, dict[str, Any]] = {
    "timeout = dead": {"plant": planting.timeout_is_dead, "faults": _LOST_ANSWERS, "tight": True},
    "not-found = dead at once": {"plant": planting.not_found_is_dead, "faults": ("zombie", "delay"), "tight": True},
    "425 = rejection of a live order": {
        "plant": planting.engine_down_is_refused,
        "given": ({"kind": "status", "code": 425, "after_accept": True, "path": "/order", "at": 3, "for": 100},),
        "tight": True,
    },
    "a retry signs again": {"plant": planting.retry_signs_again, "faults": _LOST_ANSWERS},
    "send before journal": {"plant": planting.send_before_journal, "acts": ("kill at",)},
    "no recovery of journalled orders": {
        "plant": planting.no_recovery,
        "acts": ("kill", "kill at"),
        "faults": ("zombie", "hang"),
    },
    "keys repeat after a restart": {"plant": planting.keys_repeat_after_a_restart, "acts": ("kill",)},
    "restart without back-off": {"plant": planting.restart_without_back_off, "acts": ("poison",)},
    "a repeated fill counts again": {"plant": planting.a_repeat_counts_again, "faults": _FILLS},
    "a failed trade is not reversed": {"plant": planting.a_failed_trade_stays, "faults": ("fail_trade", "take")},
    "fills counted by asset": {"plant": planting.fills_by_asset, "faults": ("take",)},
    "reconcile without the trades": {
        "plant": planting.reconcile_reads_no_trades,
        "faults": ("gap", "take", "disconnect"),
    },
    "reconnect without a reconcile": {
        "plant": planting.reconnect_without_doubt,
        "test": "tests/shared/test_account.py",
    },
    "cancelling orders hold no money": {
        "plant": planting.cancelling_orders_hold_no_money,
        "faults": ("delay", "refuse_cancel"),
        "tight": True,
    },
    "self-cross via the complement": {
        "plant": planting.self_cross_via_the_complement,
        "faults": ("delay", "refuse_cancel", "hang"),
    },
    "quote on a stale book": {
        "plant": planting.quote_on_a_stale_book,
        "given": (
            {"kind": "silence", "channel": "market", "at": 20, "for": 80},
            {"kind": "hang", "path": "/books", "at": 20, "for": 80},
            {"kind": "take", "via": "same", "every": 7, "at": 25},
        ),
    },
    "any REST book confirms the socket's": {
        "plant": planting.any_book_confirms,
        "given": (
            {"kind": "silence", "channel": "market", "at": 20, "for": 80},
            {"kind": "take", "via": "same", "every": 7, "at": 25},
        ),
    },
    "a stall is not noticed": {
        "plant": planting.stalls_are_not_noticed,
        "acts": ("stall",),
        "given": ({"kind": "lag", "channel": "market", "seconds": 3, "at": 5, "for": 110},),
    },
    "ignore the tick epoch": {
        "plant": planting.ignore_the_epoch,
        "given": ({"kind": "retick", "market": "demo-cup", "tick": "0.1", "at": 30},),
    },
    "flat without a read": {
        "plant": planting.flat_without_reading,
        "given": ({"kind": "refuse_cancel", "at": 90, "count": 50},),
        "quiet": 0,
    },
    "exit 0 on refusal": {
        "plant": planting.exit_zero_on_refusal,
        "acts": ("kill at", "poison"),
        "faults": ("hang",),
        "quiet": 0,
    },
    "a wait without a deadline": {
        "plant": planting.wait_without_a_deadline,
        "given": ({"kind": "hang", "seconds": 600, "at": 60, "for": 600},),
        "quiet": 0,
    },
    "parking keeps the orders": {"plant": planting.park_keeps_the_orders, "acts": ("poison",)},
    "a crash cancels other markets' orders": {"plant": planting.a_crash_cancels_other_markets, "acts": ("crash",)},
    "cancels share the orders' bucket": {
        "plant": planting.cancels_share_the_orders_bucket,
        "test": "tests/shared/test_limiter.py",
    },
    "heartbeats of the blind": {"plant": planting.heartbeat_of_the_blind, "test": "tests/shared/test_heartbeat.py"},
    "missed heartbeats mean nothing": {
        "plant": planting.missed_beats_mean_nothing,
        "test": "tests/shared/test_heartbeat.py",
    },
    "admission never closes": {  # an account that crashed is not restored while it hears of no fills
        "plant": planting.admission_never_closes,
        "acts": ("shared",),
        "given": ({"kind": "refuse_socket", "channel": "user", "at": 5, "for": 110},),
    },
    "NaN is a price": {"plant": planting.nan_is_a_price, "test": "tests/model/test_numbers.py"},
    "requests are logged whole": {"plant": planting.requests_are_logged, "faults": ("delay",)},
    "credentials in the journal": {"plant": planting.credentials_in_the_journal, "faults": ("take",)},
    "a second instance may run": {"plant": planting.a_second_instance_may_run, "test": "tests/wiring/test_places.py"},
    "a request cut short counts as refused": {
        "plant": planting.requests_are_cut_short,
        "faults": ("late_answer", "delay"),
        "tight": True,
    },
    "unconfirmed shares back sales": {
        "plant": planting.unconfirmed_shares_back_sales,
        "faults": ("late_trade", "take"),
    },
    "shares moved by hand are not seen": {"plant": planting.moved_shares_are_not_seen, "given": _PAIRS_MERGED},
    "a sale frees money before it is confirmed": {
        "plant": planting.a_sale_frees_money_at_once,
        "faults": ("fail_trade", "take"),
        "tight": True,
    },
}
