"""From settings to a running root and back to an exit code: the only place that calls `trio.run` for the bot."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from contextlib import nullcontext
from pathlib import Path
from random import Random

import trio
from attrs import evolve, frozen
from loguru import logger

from actors.config_secrets import secret_values
from actors.ending import Ending, Exit
from actors.model.settings import Settings
from actors.ports import JournalBroken
from actors.shared.board import Board
from actors.stop import Stop
from actors.wiring.collector import keep_pauses_short
from actors.wiring.demo import Demo
from actors.wiring.discreet import Discreet, DiscreetTrail
from actors.wiring.exchange_child import ExchangeChild, ExchangeFailed
from actors.wiring.live import Live
from actors.wiring.opening import Mode, Venue
from actors.wiring.places import PlaceError, Places, held
from actors.wiring.proof import proof
from actors.wiring.reload import Sources
from actors.wiring.root import Root, signals_to
from actors.wiring.secrets import take
from actors.wiring.selection import select
from actors.wiring.venue import PreflightFailed, UnknownMarkets, check_journal
from adapters.logs import Logs, start_logging


@frozen
class Start:
    """One run as the command line asks for it. `child` is the practice exchange, if we started one."""

    settings: Settings
    places: Places
    child: ExchangeChild | None
    seed: int
    duration: float | None
    sources: Sources

    def run(self, environ: MutableMapping[str, str]) -> int:
        """Run to the end; the exit code of architecture.md §7. Results go to stdout, logs to stderr.

        No text leaves unredacted: what nobody expected is logged here, as the interpreter would print it with secrets.
        """
        with start_logging(self.settings.log, secret_values(environ)) as logs:
            code = Exit.CRASHED
            try:
                ending = trio.run(self._main, self._mode(environ, logs), logs)
            except* (PreflightFailed, ExchangeFailed, JournalBroken) as failures:
                code = _say(failures, Exit.PREFLIGHT, logs)
            except* (UnknownMarkets, PlaceError) as failures:
                code = _say(failures, Exit.USAGE, logs)
            except* Exception as crash:  # noqa: BLE001
                logger.opt(exception=crash).critical(
                    "the program crashed: look at the orders on the venue, and report this"
                )
            else:
                code = ending.code
                _print(logs.redactor.clean(proof(ending)))
        return int(code)

    def _mode(self, environ: MutableMapping[str, str], logs: Logs) -> Mode:
        """Only live mode reads the secrets. Raises PreflightFailed."""
        if self.settings.mode != "live":
            return Demo(self.settings.venue, self.child)
        return Live.of(self.settings, take(environ, Path.cwd(), logs.add_secret), self.places.root)

    async def _main(self, mode: Mode, logs: Logs) -> Ending:
        board = Board()
        stop = Stop(board)
        async with signals_to(stop):
            venue = await mode.locate()
            account = f"{venue.host}-{mode.address}"
            # One engine per account; an exchange that we started ourselves nobody else can know.
            with nullcontext() if self.child is not None else held(self.places.account_lock(account), _TAKEN):
                places = self.places.of_account(self.settings, account) if self.settings.mode == "live" else self.places
                ending = await self._trade(mode, venue, places, board, stop, logs)
        return ending

    async def _trade(self, mode: Mode, venue: Venue, places: Places, board: Board, stop: Stop, logs: Logs) -> Ending:
        clean = logs.redactor.clean
        async with mode.ports(venue, places, logs.add_secret) as ports:
            if self.child is not None:
                await ports.journal.forget_venue()  # a new practice exchange knows nothing of the last one's orders
            chosen = await select(ports, self.settings)
            await check_journal(ports.journal, chosen.markets, str(places.journal))
            if not stop.wanted.is_set():
                await mode.vet(ports, chosen.markets, venue)
                self._tell_how_to_watch()
            root = Root(
                settings=self.settings,
                ports=evolve(ports, journal=Discreet(ports.journal, clean), trail=DiscreetTrail(ports.trail, clean)),
                markets=(),
                plots=chosen.plots,
                places=places,
                random=lambda name: Random(f"{self.seed}/{name}"),
                duration=self.duration,
                details=self._details(mode, venue),
                sources=self.sources,
                set_level=logs.set_level,
                clean=clean,
            )
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._watch_exchange, stop)
                nursery.start_soon(keep_pauses_short)
                ending = await root.run(board, stop)
                nursery.cancel_scope.cancel()
        return ending

    def _tell_how_to_watch(self) -> None:
        name = self.settings.instance
        which = "" if name == "default" else f" --instance {name}"
        logger.info(
            "watch with `python -m actors status{}`, stop with Ctrl-C or `python -m actors stop{}`", which, which
        )

    async def _watch_exchange(self, stop: Stop) -> None:
        """Without our exchange there is nothing to trade on, nor to prove anything by."""
        if self.child is not None:
            await self.child.ended()
            logger.critical("the practice exchange has died (see {})", self.places.exchange_log)
            stop.fail("the practice exchange died")

    def _details(self, mode: Mode, venue: Venue) -> dict[str, str]:
        ledger = {"ledger": str(self.places.ledger)} if self.child is not None else {}
        data = {"data": venue.data_url} if venue.data_url else {}
        gamma = {"gamma": venue.gamma_url} if venue.gamma_url else {}
        told = {"exchange": venue.clob_url, "account": mode.address, "seed": str(self.seed)}
        return {**told, **gamma, **data, **ledger}


def _print(text: str) -> None:
    """To stdout if anybody still listens there: a closed pipe or a full disk does not change how the run ended."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_TAKEN = "another bot (process {pid}) trades this account on this venue: stop it first; one engine per account"


def _say(failures: BaseExceptionGroup[BaseException], code: Exit, logs: Logs) -> Exit:
    """One clear line for each failure."""
    for failure in failures.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            _say(failure, code, logs)
        else:
            print(logs.redactor.clean(f"polyactors: {failure}"), file=sys.stderr)
    return code
