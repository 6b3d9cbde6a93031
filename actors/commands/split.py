"""`split MARKET AMOUNT`: 1 pUSD becomes a YES and a NO share; for a plain key, the call that does it."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command()
@click.argument("market")
@click.argument("amount")
@to_bot
def split(market: str, amount: str, instance: str, socket: str | None, as_json: bool) -> None:
    """Turn AMOUNT pUSD into as many YES and NO shares of MARKET."""
    order("split", instance, socket, as_json, market=market, amount=amount)
