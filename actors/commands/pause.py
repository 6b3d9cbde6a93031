"""`pause [MARKET]`: cancel quotes and stay away until `resume`."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command()
@click.argument("market", required=False)
@to_bot
def pause(market: str | None, instance: str, socket: str | None, as_json: bool) -> None:
    """Cancel the quotes of MARKET (default: all markets) and place no new ones until `resume`."""
    order("pause", instance, socket, as_json, market=market)
