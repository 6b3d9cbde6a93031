"""`reject NUMBER`: refuse a proposed order."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command()
@click.argument("number", type=int)
@to_bot
def reject(number: int, instance: str, socket: str | None, as_json: bool) -> None:
    """Refuse the order proposed as NUMBER; it is not proposed again for `approval.timeout` seconds."""
    order("reject", instance, socket, as_json, number=number)
