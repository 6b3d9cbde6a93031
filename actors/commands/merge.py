"""`merge MARKET [AMOUNT]`: a YES and a NO share become 1 pUSD; for a plain key, the call that does it."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command()
@click.argument("market")
@click.argument("amount", required=False)
@to_bot
def merge(market: str, amount: str | None, instance: str, socket: str | None, as_json: bool) -> None:
    """Turn pairs of MARKET (default: all that are idle) into cash, one pUSD each."""
    order("merge", instance, socket, as_json, market=market, amount=amount)
