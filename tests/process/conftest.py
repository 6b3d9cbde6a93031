"""A home of its own for every bot, and a bot that quotes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.bot import STEADY, Bot, quoting


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("h")


@pytest.fixture
def bot(home: Path) -> Iterator[Bot]:
    """A quoting five-market demo."""
    running = Bot.start(home, "--seed", "7", *STEADY)
    running.until(quoting, 15, "every market quotes")
    yield running
    running.process.kill()
    running.process.communicate()
