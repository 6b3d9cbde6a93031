"""`kill [REASON]`: cancel everything and go SAFE; the process stays alive."""

from __future__ import annotations

import click

from actors.commands.options import order, to_bot


@click.command()
@click.argument("reason", required=False)
@to_bot
def kill(reason: str | None, instance: str, socket: str | None, as_json: bool) -> None:
    """Cancel everything at once and place nothing until `resume --ack-kill`; REASON goes to the journal."""
    order("kill", instance, socket, as_json, reason=reason)
