"""`approve`: the orders that wait for a person, one line each, and the person's answers."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import click

from actors.commands.link import NoAnswer, ask, fail, send
from actors.commands.options import order, to_bot

_LOOK_EVERY = 0.5  # s between looks while nothing waits
_HELP = "y = approve, n = reject, Enter = look again, q = quit"


@click.command()
@click.argument("number", type=int, required=False)
@to_bot
def approve(number: int | None, instance: str, socket: str | None, as_json: bool) -> None:
    """Approve the order proposed as NUMBER; without it, show one proposal after the other and ask (--json: list them).

    An approved order is placed by the next try of its market, on a fresh book, or not at all.
    """
    if number is not None:
        order("approve", instance, socket, as_json, number=number)
        return
    answer = send(instance, "approvals", socket)
    if as_json:
        click.echo(json.dumps(answer))
    elif answer["orders"] == "none":
        fail("no order waits for approval: `set approval.orders=all` asks about each")
    else:
        click.echo(_HELP)
        _converse(instance, socket)


def _converse(instance: str, socket: str | None) -> None:
    """Until `q`, the end of the input, or the end of the bot."""
    while True:
        answer = send(instance, "approvals", socket)
        if not answer["proposals"]:
            time.sleep(_LOOK_EVERY)
            continue
        proposal = answer["proposals"][0]
        click.echo(line(proposal, answer["spent"], answer["budget"]))
        word = sys.stdin.readline()
        if word.strip().lower() in ("q", "quit") or not word:
            return
        command = {"y": "approve", "n": "reject"}.get(word.strip().lower())
        if command is not None:
            click.echo(_answered(instance, socket, command, proposal["number"]))
        elif word.strip():
            click.echo(_HELP)


def _answered(instance: str, socket: str | None, command: str, number: int) -> str:
    """What came of an answer: it may be too late for it."""
    try:
        return str(ask(instance, command, socket, number=number)["done"])
    except NoAnswer as problem:
        return str(problem)


def line(proposal: dict[str, Any], spent: float, budget: float) -> str:
    """Market, side, price, size, cost and what is spent, of the market and of all, in one line."""
    what = f"{proposal['side']} {proposal['size']:g} {proposal['outcome']} at {proposal['price']:g}"
    money = f"cost {proposal['cost']:.2f}, spent {proposal['spent']:.2f} of {proposal['budget']:g} there"
    return (
        f"{proposal['number']}  {proposal['market']}: {what}, {money}, {spent:.2f} of {budget:g} in all, "
        f"{proposal['left_s']:.0f} s left"
    )
