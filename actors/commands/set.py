"""`set KEY=VALUE`: change settings of the running bot until its next `reload`, or its end."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command()
@click.argument("pairs", metavar="KEY=VALUE...", nargs=-1, required=True)
@click.option("--confirm", is_flag=True, help="Loosen limits of a live bot, too.")
@to_bot
def set(pairs: tuple[str, ...], confirm: bool, instance: str, socket: str | None, as_json: bool) -> None:
    """Change KEY to VALUE, as `--set` does at the start; all of them or, if one cannot be, none."""
    order("set", instance, socket, as_json, keys="\n".join(pairs), confirm=confirm)
