"""`flatten [MARKET] [--cancel-only]`: cancel, sell what is held, then stay paused."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command()
@click.argument("market", required=False)
@click.option("--cancel-only", is_flag=True, help="Cancel the orders but keep the positions.")
@to_bot
def flatten(market: str | None, cancel_only: bool, instance: str, socket: str | None, as_json: bool) -> None:
    """Cancel the orders of MARKET (default: all markets), sell what is held, and stay paused until `resume`."""
    order("flatten", instance, socket, as_json, market=market, cancel_only=cancel_only)
