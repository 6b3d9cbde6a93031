"""`reload`: have the running bot read its configuration again."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command()
@click.option("--confirm", is_flag=True, help="Loosen limits of a live bot, too.")
@to_bot
def reload(confirm: bool, instance: str, socket: str | None, as_json: bool) -> None:
    """Read file and environment again; say of each changed key whether it counts now or after a restart.

    A mistake anywhere, or a key that may not change, and nothing changes. What `set` has changed goes back to the file.
    """
    order("reload", instance, socket, as_json, confirm=confirm)
