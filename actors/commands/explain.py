"""`explain MARKET`: why it quotes or does not, and what would change that."""

from __future__ import annotations

import json
from typing import Any

import click

from actors.commands.link import send
from actors.commands.options import to_bot


@click.command()
@click.argument("market")
@to_bot
def explain(market: str, instance: str, socket: str | None, as_json: bool) -> None:
    """Name the rule that holds MARKET's quotes back, what it was judged on, and what would change it."""
    answer = send(instance, "explain", socket, market=market)
    if as_json:
        click.echo(json.dumps(answer))
        return
    if answer["reason"] is None:
        click.echo(f"{answer['market']}: {answer['rule']}")
        _show(answer["inputs"])
    else:
        _refused(answer)
    if takers := answer["takers"]:
        click.echo(f"  takers  {takers['reason']}: {takers['rule']}")


def _refused(answer: dict[str, Any]) -> None:
    click.echo(f"{answer['market']}: {answer['state']}")
    click.echo(f"  reason  {answer['reason']}: {answer['rule']}")
    _show(answer["inputs"])
    if answer["remedy"]:
        click.echo(f"  remedy  {answer['remedy']}")


def _show(inputs: dict[str, str]) -> None:
    for name, value in inputs.items():
        click.echo(f"  input   {name} = {value}")
