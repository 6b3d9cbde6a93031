"""`stop [--keep-positions]`: the graceful end, as SIGTERM would bring it."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command()
@click.option("--keep-positions", is_flag=True, help="Cancel the orders but do not sell what is held.")
@to_bot
def stop(keep_positions: bool, instance: str, socket: str | None, as_json: bool) -> None:
    """End the bot: cancel orders, sell positions, prove it by reading the venue.

    Returns at once: the bot has ended when `status` finds none. The proof, and the exit code that tells the truth, are those of its `run`.
    """
    order("stop", instance, socket, as_json, keep_positions=keep_positions)
