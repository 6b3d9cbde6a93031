"""The one bot in a process of its own that `make test` starts: it quotes, is told to stop and leaves nothing behind."""

from __future__ import annotations

import signal

from tests.process.bot import Bot


def test_a_lost_terminal_stops_the_bot_as_orderly_as_sigterm(bot: Bot) -> None:
    bot.signal(signal.SIGHUP)
    end = bot.end()
    assert end.code == 0, end.out + end.err
    assert bot.left_open() == []
