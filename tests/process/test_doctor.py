"""`doctor` beside a running demo: the bot tells where it trades, and both sides of the exchange are read for real."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process.bot import ROOT, Bot, End, environment, quoting

pytestmark = pytest.mark.process


def doctor(home: Path) -> End:
    command = [sys.executable, "-m", "actors", "doctor", "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=20, check=False
    )
    return End(done.returncode, done.stdout, done.stderr)


def said(end: End) -> str:
    assert end.code == 0, end.out + end.err
    return str(next(row["said"] for row in json.loads(end.out) if row["what"] == "data"))


def test_doctor_compares_reported_positions_while_a_demo_runs(
    home: Path,
) -> None:
    bot = Bot.start(home, "--seed", "7")
    try:
        bot.until(quoting, 15, "every market quotes")
        text = said(doctor(home))
        assert text.startswith(("the Data API and the venue agree on", "differs from the venue: "))
        assert "it lags by seconds to minutes and is never used for risk" in text
    finally:
        bot.signal()
        assert bot.end(40).code == 0
