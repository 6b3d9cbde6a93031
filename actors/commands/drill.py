"""`drill crash MARKET ACTOR`: break something on purpose and watch it recover. Demo mode only."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.group()
def drill() -> None:
    """Break something on purpose (demo mode only)."""


@drill.command()
@click.argument("market")
@click.argument("actor")
@click.option("--times", default=1, show_default=True, type=click.IntRange(1, 1000), help="Lives to crash in a row.")
@to_bot
def crash(market: str, actor: str, times: int, instance: str, socket: str | None, as_json: bool) -> None:
    """Crash ACTOR (feed, quoter, tracker) of MARKET; with MARKET `shared` a shared actor such as gateway or risk."""
    order("drill", instance, socket, as_json, market=market, actor=actor, times=times)
