"""`cancel-all`: cancel every order of the account, those of others included."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command("cancel-all")
@to_bot
def cancel_all(instance: str, socket: str | None, as_json: bool) -> None:
    """Cancel every open order of the ACCOUNT, also those this bot did not place, and pause all markets."""
    order("cancel-all", instance, socket, as_json)
