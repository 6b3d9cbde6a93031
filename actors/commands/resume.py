"""`resume [MARKET] [--ack-kill] [--ramp PARTS --every TIME]`: quote again after a pause, a park or an acknowledged kill."""

from __future__ import annotations

import click

from actors.commands.options import order, seconds, to_bot


@click.command()
@click.argument("market", required=False)
@click.option("--ack-kill", is_flag=True, help="Yes, the reason of the kill is understood and gone.")
@click.option("--ramp", metavar="PARTS", help="Begin with a part of every limit and raise it by steps: 10%,50%,100%.")
@click.option("--every", callback=seconds, metavar="TIME", help="Time between the steps of --ramp: 30m, 2h.")
@to_bot
def resume(
    market: str | None,
    ack_kill: bool,
    ramp: str | None,
    every: float | None,
    instance: str,
    socket: str | None,
    as_json: bool,
) -> None:
    """Quote MARKET (default: all markets) again; also tries a parked market again at once.

    A ramp is of budgets, caps and order sizes, of all markets. Whatever stops a market (pause, breaker, kill) stops it
    from rising, and the next resume begins it anew; so it does after a crash. `--ramp 100%` ends it.
    """
    if (ramp is None) != (every is None) and ramp != "100%":
        raise click.UsageError("--ramp and --every go together: resume --ramp 10%,50%,100% --every 30m")
    timing = {} if ramp is None else {"ramp": ramp, "every": str(every or 1.0)}
    order("resume", instance, socket, as_json, market=market, ack_kill=ack_kill, **timing)
