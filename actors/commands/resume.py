"""`resume [MARKET] [--ack-kill]`: quote again after a pause, a park or an acknowledged kill."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command()
@click.argument("market", required=False)
@click.option("--ack-kill", is_flag=True, help="Yes, the reason of the kill is understood and gone.")
@to_bot
def resume(market: str | None, ack_kill: bool, instance: str, socket: str | None, as_json: bool) -> None:
    """Quote MARKET (default: all markets) again; also tries a parked market again at once."""
    order("resume", instance, socket, as_json, market=market, ack_kill=ack_kill)
