"""From settings to a running root and back to an exit code: the only place that calls `trio.run` for the bot."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import trio
from attrs import frozen
from loguru import logger

from actors.config_problems import secret_values
from actors.model.settings import Settings
from actors.ports import JournalBroken
from actors.shared.board import Board
from actors.shutdown import Ending, Exit, Stop
from actors.wiring.demo import Venue, demo_ports, is_loopback, locate
from actors.wiring.exchange_child import ExchangeChild, ExchangeFailed
from actors.wiring.places import PlaceError, Places, held
from actors.wiring.proof import proof
from actors.wiring.root import Root, signals_to
from actors.wiring.venue import PreflightFailed, UnknownMarkets, check_journal, find_markets
from adapters.logs import start_logging


@frozen
class Start:
    """One run as the command line asks for it. `child` is the practice exchange, if we started one."""

    settings: Settings
    places: Places
    child: ExchangeChild | None
    seed: int
    duration: float | None

    def run(self, environ: Mapping[str, str]) -> int:
        """Run to the end; the exit code of architecture.md §7. Results go to stdout, logs to stderr."""
        with start_logging(self.settings.log, secret_values(environ)) as logs:
            try:
                ending = trio.run(self._main, logs.add_secret)
            except* (PreflightFailed, ExchangeFailed, JournalBroken) as failures:
                code = _say(failures, Exit.PREFLIGHT)
            except* (UnknownMarkets, PlaceError) as failures:
                code = _say(failures, Exit.USAGE)
            else:
                code = ending.code
                _print(proof(ending))
        return int(code)

    async def _main(self, hide: Callable[[str], None]) -> Ending:
        board = Board()
        stop = Stop(board)
        async with signals_to(stop):
            venue = await locate(self.settings.venue, self.child)
            # One engine per account; an exchange that we started ourselves nobody else can know.
            lock = nullcontext() if self.child is not None else held(self._account_lock(venue), _TAKEN)
            with lock:
                ending = await self._trade(venue, board, stop, hide)
        return ending

    async def _trade(self, venue: Venue, board: Board, stop: Stop, hide: Callable[[str], None]) -> Ending:
        async with demo_ports(venue, self.places, hide) as ports:
            if self.child is not None:
                await ports.journal.forget_venue()  # a new practice exchange knows nothing of the last one's orders
            markets = await find_markets(ports.public, [m.market for m in self.settings.markets])
            await check_journal(ports.journal, markets, str(self.places.journal))
            if not stop.wanted.is_set():
                self._greet(len(markets), venue)
            root = Root(
                settings=self.settings,
                ports=ports,
                markets=markets,
                places=self.places,
                random=lambda name: Random(f"{self.seed}/{name}"),
                duration=self.duration,
                details=self._details(venue),
            )
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._watch_exchange, stop)
                ending = await root.run(board, stop)
                nursery.cancel_scope.cancel()
        return ending

    def _greet(self, markets: int, venue: Venue) -> None:
        name = self.settings.instance
        which = "" if name == "default" else f" --instance {name}"
        logger.info("demo: {} markets on {}, account {}", markets, venue.clob_url, venue.address)
        logger.info(
            "watch with `python -m actors status{}`, stop with Ctrl-C or `python -m actors stop{}`", which, which
        )

    async def _watch_exchange(self, stop: Stop) -> None:
        """Without our exchange there is nothing to trade on, nor to prove anything by."""
        if self.child is not None:
            await self.child.ended()
            logger.critical("the practice exchange has died (see {})", self.places.exchange_log)
            stop.fail("the practice exchange died")

    def _account_lock(self, venue: Venue) -> Path:
        """The lock is on venue host and account address (reliability.md F31)."""
        parts = urlsplit(venue.clob_url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = f"{'loopback' if is_loopback(venue.clob_url) else parts.hostname}_{port}"
        return self.places.root.parent / "locks" / f"{host}-{venue.address}.lock"

    def _details(self, venue: Venue) -> dict[str, str]:
        ledger = {"ledger": str(self.places.ledger)} if self.child is not None else {}
        data = {"data": venue.data_url} if venue.data_url else {}
        return {"exchange": venue.clob_url, "account": venue.address, "seed": str(self.seed), **data, **ledger}


def _print(text: str) -> None:
    """To stdout if anybody still listens there: a closed pipe does not change how the run ended."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_TAKEN = "another bot (process {pid}) trades this account on this venue: stop it first; one engine per account"


def _say(failures: BaseExceptionGroup[BaseException], code: Exit) -> Exit:
    """One clear line for each failure."""
    for failure in failures.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            _say(failure, code)
        else:
            print(f"polyactors: {failure}", file=sys.stderr)
    return code
