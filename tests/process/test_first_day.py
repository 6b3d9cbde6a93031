"""The first day of a stranger with a funded account, one story over sockets: what is wrong is told with its fix, then it is
mended, probed, armed by a ramp, traded, tuned, approved by hand, redeemed and left flat.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.emulator.accounts import EXCHANGES
from tests.adapters.polymarket.samples import ADDRESS, OTHER
from tests.emulator.ledger_reader import open_orders, positions
from tests.process.bot import MIN_SIZE, Bot, End
from tests.process.stranger import FUNDER, Rows, Stranger
from tests.process.test_live import leaks
from tests.process.venue import Exchange, Script, exchange

pytestmark = pytest.mark.process

_OFF: Script = [{"kind": "clock_skew", "by": 45}, {"kind": "close_market", "market": "demo-oscar"}]
_ENDS: Script = [{"kind": "resolve", "market": "demo-cup", "winner": "yes", "on": "request", "path": "/resolve-now"}]


def test_the_first_day(home: Path, tmp_path: Path) -> None:
    with (
        exchange(tmp_path, seed=7, faults=_OFF) as off,
        exchange(home, seed=7, flow="busy", faults=_ENDS) as venue,
    ):
        stranger = Stranger(home, venue)
        with ThreadPoolExecutor() as pool:  # to confirm a transaction takes seconds in which doctor can look elsewhere
            revoked = pool.submit(stranger.revoke, EXCHANGES[0])
            _diagnoses(Stranger(tmp_path, off), pool)
            revoked.result()
        _mends(stranger)
        bot = stranger.bot(FUNDER_ADDRESS=FUNDER, RELAYER_API_KEY=stranger.relayer_key)
        try:
            _arms(stranger, bot)
            _tunes(stranger, bot)
            _approves(bot)
            _redeems(venue, bot)
            status = bot.status()
            bot.signal()
            end = bot.end(60)
        finally:
            bot.process.kill()
        _ends_flat(venue, bot, end, status)


def _diagnoses(at: Stranger, pool: ThreadPoolExecutor) -> None:
    """A funder of somebody else, a type of another wallet, a clock that is off, a market that is closed."""
    given = ({"FUNDER_ADDRESS": OTHER}, {"FUNDER_ADDRESS": FUNDER, "SIGNATURE_TYPE": "1"}, {"FUNDER_ADDRESS": FUNDER})
    at.write()
    foreign, other_type, found = pool.map(lambda secrets: at.doctor(**secrets), given)
    assert f"belongs to another key than {ADDRESS}, whose wallets are 0 (EOA) {ADDRESS}" in _fix(foreign, "account")
    assert "take one of these, or the key that owns the funder" in _fix(foreign, "account")
    assert "is this key's Safe: set SIGNATURE_TYPE=2, not 1" in _fix(other_type, "account")
    assert _ill(found) == {"clock", "market demo-oscar"}
    assert "s off the venue's: set it (NTP) and start again" in _fix(found, "clock")
    assert "not accepting orders: take it out of `markets`" in _fix(found, "market demo-oscar")


def _mends(at: Stranger) -> None:
    """A missing allowance is named, given and read back; then a probe goes all the way."""
    at.write()
    found = at.doctor(FUNDER_ADDRESS=FUNDER)
    assert _ill(found) == {"funds"}
    assert f"`doctor --fix` has the relayer send it (the Safe calls approve({EXCHANGES[0]}, AMOUNT)" in _fix(
        found, "funds"
    )
    words = ("--fix", "--yes", "--probe", "--live")
    found = at.doctor(*words, FUNDER_ADDRESS=FUNDER, RELAYER_API_KEY=at.relayer_key)
    assert _ill(found) == set(), found
    assert found["fix"][1].startswith("1 approvals were sent and are confirmed")
    assert "the exchange any amount" in found["funds"][1]
    assert [found[f"probe {step}"][0] for step in ("placed", "seen", "gone")] == [True] * 3
    assert at.sizes() == ["5"]


def _arms(at: Stranger, bot: Bot) -> None:
    """Paused until a resume, which brings a tenth of every limit, then half, then all."""
    bot.until(lambda s: [m["state"] for m in s["markets"]] == ["paused"] * 5, 20, "five markets are paused")
    assert at.sizes() == ["5"], "nothing but the probe"
    assert bot.command("resume", "--ramp", "10%,50%,100%", "--every", "3s").code == 0
    bot.until(lambda s: any(m["our_bid"] for m in s["markets"]), 10, "a tenth is quoted")
    assert _status(bot)["ramp"]["part"] == 10
    assert _status(bot)["budget"] == 40.0
    assert set(at.sizes()) == {"5"}
    assert "ramp: 10 % of the limits count, 50 % in" in bot.command("status").out
    bot.until(lambda s: s["ramp"] is None, 15, "the limits count as a whole")
    bot.until(lambda s: any(m["position"] for m in s["markets"]), 20, "something was traded")
    bot.until(lambda _: "20" in at.sizes(), 10, "an order of the whole size")


def _tunes(at: Stranger, bot: Bot) -> None:
    """What the file says counts after a reload; what could lose more only once that is confirmed."""
    at.write(size="12", max_daily_loss="150")
    assert "it loosens a limit of a live bot" in bot.command("reload").err
    done = bot.command("reload", "--confirm")
    assert "strategy.size: 20 → 12: applied now" in done.out
    assert "risk.max_daily_loss: 100 → 150: applied now" in done.out


def _approves(bot: Bot) -> None:
    """A person is asked about every order: one may go, one may not."""
    assert bot.command("set", "approval.orders=all").code == 0
    bot.until(lambda s: s["proposals"] >= 2, 20, "two orders wait for a person")
    one, other = [row["number"] for row in json.loads(bot.command("approve", "--json").out)["proposals"]][:2]
    assert "approved: " in bot.command("approve", str(one)).out
    assert "rejected: " in bot.command("reject", str(other)).out
    assert bot.command("set", "approval.orders=none", "--confirm").code == 0


def _redeems(venue: Exchange, bot: Bot) -> None:
    """Pairs of a market that ends: what has won is paid out, by the relayer."""
    assert bot.command("split", "demo-cup", "10").code == 0
    bot.until(lambda s: s["settlement"]["last"].startswith("split 10 pairs of demo-cup"), 20, "10 pairs are split")
    condition = next(m["condition_id"] for m in venue.banner["markets"] if m["slug"] == "demo-cup")
    httpx.get(f"{venue.clob_url}/resolve-now?market={condition}")
    bot.until(lambda s: s["settlement"]["last"].startswith("redeem demo-cup: "), 30, "what has won is redeemed")


def _ends_flat(venue: Exchange, bot: Bot, end: End, status: object) -> None:
    assert end.code == 0, end.out + end.err
    assert "positions: flat" in end.out
    assert "demo-cup: " in end.out
    assert "pUSD redeemed" in end.out
    assert open_orders(venue.events(), FUNDER) == []
    held = positions(venue.events(), FUNDER)
    assert {token: size for token, size in held.items() if size >= MIN_SIZE} == {}
    assert leaks(bot, end, status) == []


def _ill(found: Rows) -> set[str]:
    return {what for what, (fine, _) in found.items() if not fine}


def _fix(found: Rows, what: str) -> str:
    """What a row that is not fine says."""
    fine, said = found[what]
    assert not fine, found
    return said


def _status(bot: Bot) -> dict[str, Any]:
    status = bot.status()
    assert status is not None, "the bot does not answer"
    return status
