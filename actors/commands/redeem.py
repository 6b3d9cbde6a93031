"""`redeem MARKET`: what a resolved market pays becomes cash; for a plain key, the call that does it."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command()
@click.argument("market")
@to_bot
def redeem(market: str, instance: str, socket: str | None, as_json: bool) -> None:
    """Turn all shares of MARKET, which has to be resolved, into what they pay."""
    order("redeem", instance, socket, as_json, market=market)
