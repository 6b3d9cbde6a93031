"""What a real bot remembers after the worst of ends, and what it says of a journal that it cannot read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.process.bot import Bot, quoting

pytestmark = pytest.mark.process


def test_a_killed_bot_is_still_killed_after_kill_9_until_somebody_acknowledges_it(home: Path) -> None:
    first = Bot.start(home, "--seed", "7")
    first.until(quoting, 15, "every market quotes")
    assert first.command("pause", "demo-cup").code == 0
    assert first.command("kill", "looks wrong").code == 0
    first.process.kill()
    first.process.communicate()
    second = Bot.start(home, "--seed", "7")
    second.until(lambda s: s["state"] == "safe", 15, "it starts safe")
    status = second.status() or {}
    assert (status["kill"]["why"], len(status["kill"]["markets"]), status["open_orders"]) == ("looks wrong", 5, 0)
    assert "KILLED since 20" in second.command("status").out
    assert "since" in second.command("explain", "demo-cup").out
    assert second.command("resume").code == 1
    assert second.command("resume", "--ack-kill").code == 0
    second.until(quoting, 5, "quotes again")
    second.signal()
    end = second.end()
    assert end.code == 0, end.out + end.err
    assert "looks wrong" in end.err
    third = Bot.start(home, "--seed", "7")
    third.until(quoting, 15, "the acknowledgement is remembered, too")
    third.signal()
    assert third.end().code == 0


def test_a_damaged_journal_is_refused_with_what_to_do(home: Path) -> None:
    damaged = home / "polyactors" / "default" / "journal.db"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"SQLite format 3\x00" + b"\xa5" * 8192)
    end = Bot.start(home, "--seed", "7").end()
    assert end.code == 5, end.out + end.err
    assert "move it away" in end.err
    assert "Traceback" not in end.err
