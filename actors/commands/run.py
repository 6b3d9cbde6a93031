"""`run config.yaml`: the bot, in the foreground, until SIGTERM, Ctrl-C, `stop` or the end of `--for`."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import evolve

from actors.commands.config import load_or_exit
from actors.commands.options import seconds
from actors.config import Loaded
from actors.config_tree import DEFAULT
from actors.model.settings import Settings

if TYPE_CHECKING:
    from actors.wiring.exchange_child import ExchangeChild
    from actors.wiring.places import Places

_LIVE_GRACE = 90.0  # s to get flat (architecture.md §3): real books are thinner, and real shares take longer to settle


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("config.yaml"))
@click.option("--for", "duration", callback=seconds, help="End gracefully after this long: 60s, 5m, 2h.")
@click.option("--seed", type=int, help="Makes the demo exchange and our jitter repeatable.")
@click.option("--market", "markets", multiple=True, help="Trade only this market, by slug, id or address (repeatable).")
@click.option("--instance", help="Name of this bot, for a second one on the same machine.")
@click.option(
    "--live", is_flag=True, help="Yes, trade real money: needs `mode: live` in FILE, too, and `resume` once it runs."
)
@click.option("--mode", help="Only makes it safer: demo.")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Set a configuration key (repeatable).")
def run(
    file: Path,
    duration: float | None,
    seed: int | None,
    markets: tuple[str, ...],
    instance: str | None,
    live: bool,
    mode: str | None,
    overrides: tuple[str, ...],
) -> None:
    """Run the bot described by FILE in the foreground."""
    given = [*overrides, *as_overrides(markets, instance, mode)]
    loaded = load_or_exit(file, given)
    loaded = evolve(loaded, settings=armed(loaded, file, live))
    raise SystemExit(_run(loaded, file, given, duration, seed, os.environ))


def as_overrides(markets: Sequence[str], instance: str | None, mode: str | None) -> list[str]:
    """The options as `--set` would give them; names are quoted, for a condition id is a number to YAML.

    Who names markets here wants no discovered ones beside them.
    """
    names = [name.strip() for option in markets for name in option.split(",")]
    given = [f"markets={json.dumps(names)}", "discover.max_markets=0"] if names else []
    given += [f"instance={instance}"] if instance else []
    return given + ([f"mode={mode}"] if mode else [])


def armed(loaded: Loaded, file: Path, live: bool) -> Settings:
    """Real money takes two words, the file's and the command line's. Raises UsageError with what to change."""
    settings, origin = loaded.settings, loaded.origins["mode"]
    if settings.mode != "live" and live:
        leave = f"leave --live out, or write `mode: live` into {file}"
        raise click.UsageError(f"--live trades real money, but {origin} says mode {settings.mode}: {leave}")
    if settings.mode == "live" and origin.line is None:
        raise click.UsageError(f"mode live counts only where it stands in {file}; {origin} can only make it safer")
    if settings.mode == "live" and not live:
        confirm = "add --live to confirm, or --mode demo to practise"
        raise click.UsageError(f"{origin} says mode live, which trades real money: {confirm}")
    return cautious(loaded)


def cautious(loaded: Loaded) -> Settings:
    """A live bot starts paused, and leaves with more time unless somebody said how much."""
    settings = loaded.settings
    if settings.mode != "live":
        return settings
    unhurried = loaded.origins["shutdown.grace"] is DEFAULT
    shutdown = evolve(settings.shutdown, grace=_LIVE_GRACE) if unhurried else settings.shutdown
    return evolve(settings, start_paused=True, shutdown=shutdown)


def _run(
    loaded: Loaded,
    file: Path,
    overrides: Sequence[str],
    duration: float | None,
    seed: int | None,
    environ: MutableMapping[str, str],
) -> int:
    """Start the practice exchange first: it gets going while we import the rest."""
    from actors.wiring.places import PlaceError, check_socket, held, places

    os.umask(0o077)  # everything this instance writes is its user's alone
    settings = loaded.settings
    seed = random.SystemRandom().randrange(1, 2**31) if seed is None else seed
    try:
        where = places(settings, environ)
        taken = (
            f"instance {settings.instance!r} already runs (process {{pid}}): `python -m actors stop --instance "
            f"{settings.instance}` ends it, or give this one another name with --instance"
        )
        with held(where.lock, taken):
            check_socket(where.socket)
            with _exchange(settings, where, seed, environ) as child:
                from actors.wiring.reload import Sources
                from actors.wiring.start import Start

                sources = Sources(file, environ, tuple(overrides), loaded, cautious)
                return Start(settings, where, child, seed, duration, sources).run(environ)
    except PlaceError as problem:
        print(f"polyactors: {problem}", file=sys.stderr)
        return 2


@contextmanager
def _exchange(
    settings: Settings, where: Places, seed: int, environ: MutableMapping[str, str]
) -> Iterator[ExchangeChild | None]:
    """The practice exchange of a demo that was given none; ended with the run."""
    from actors.wiring.exchange_child import ExchangeChild

    if settings.mode != "demo" or settings.venue.clob_url is not None:
        yield None
        return
    child = ExchangeChild.start(
        seed=seed,
        ledger=where.ledger,
        log=where.exchange_log,
        faults=settings.venue.faults,
        flow=settings.venue.flow,
        environ=environ,
    )
    try:
        yield child
    finally:
        child.stop()
