"""The risk actor: verdicts on orders, and the standing of every market (running, paused, …, safe). Does no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import frozen
from loguru import logger

from actors.kernel.ask import Ask
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Ready
from actors.model.limits import Caps, Exposure, judge
from actors.model.quote import Quote
from actors.model.trading import Order, Trading, after
from actors.shared.admission import Standings


@frozen
class Verdict:
    """May this order be placed, as far as caps go? Answered with None or the refusal."""

    market: str
    quote: Quote
    exposure: Exposure


@frozen
class Command:
    """A person or the shutdown orders a change of standing (fact); `market` None means all of them."""

    order: Order
    market: str | None = None
    why: str = ""


@frozen
class Standing:
    """A market's trading state (state). Risk also leaves it in its own mailbox, for its next life alone to read."""

    market: str
    trading: Trading
    why: str = ""


@frozen
class Risk:
    """Judges orders against the caps and moves markets between trading states.

    `audience` are the mailboxes to which every standing goes, per market; `initial` is the standing at start.
    """

    rank: ClassVar[int] = 1
    mailbox: Mailbox[object]
    caps: Caps
    initial: Trading
    audience: Mapping[str, tuple[Mailbox[object], ...]]
    standings: Standings

    async def run(self, ready: Ready) -> None:
        standings = {market: Standing(market, self.initial) for market in self.audience}
        letters = self.mailbox.read_nowait()
        standings |= {letter.market: letter for letter in letters if isinstance(letter, Standing)}
        for letter in letters:  # commands told while this actor was down come on top of where it stood
            self._take(letter, standings)
        for standing in standings.values():
            self._announce(standing)
        ready()
        while True:
            for letter in await self.mailbox.read():
                self._take(letter, standings)

    def _take(self, letter: object, standings: dict[str, Standing]) -> None:
        match letter:
            case Ask() if letter.open:
                letter.reply(judge(letter.question.quote, letter.question.exposure, self.caps))
            case Command():
                self._obey(letter, standings)

    def _obey(self, command: Command, standings: dict[str, Standing]) -> None:
        markets = list(standings) if command.market is None else [command.market]
        for market in markets:
            before = standings[market].trading
            now = after(before, command.order)
            if now is not None and now is not before:
                logger.log(
                    "DEBUG" if command.order is Order.DRAIN else "INFO",  # the end is told once, not for each market
                    "{}: {} (was {}), ordered: {}{}",
                    market,
                    now.value,
                    before.value,
                    command.order.value,
                    _because(command.why),
                )
                standings[market] = Standing(market, now, command.why)
                self.mailbox.put(standings[market], about=market)
                self._announce(standings[market])

    def _announce(self, standing: Standing) -> None:
        self.standings.set(standing.market, standing.trading)
        for mailbox in self.audience[standing.market]:
            mailbox.put(standing)


def _because(why: str) -> str:
    return f" ({why})" if why else ""
