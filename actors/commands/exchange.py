"""`exchange`: the emulated Polymarket alone, for any client. Options in, exit code out; everything else is the adapter's."""

from __future__ import annotations

import time
from pathlib import Path

import click

_TIERS = ["off", "standard", "copper", "bronze", "silver", "gold", "platinum", "diamond", "elite"]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback address to bind; others are refused.")
@click.option(
    "--port",
    type=click.IntRange(0, 65530),
    default=0,
    show_default=True,
    help="Port of the CLOB's REST; the sockets and the other services get the next ones. 0: any free ones.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same markets, keys and flow.")
@click.option(
    "--flow",
    default="demo",
    show_default=True,
    metavar="NAME|FILE",
    help="Who else trades: demo, quiet, busy, trending, resolving, crypto, none, or a recording (csv.gz).",
)
@click.option(
    "--speed", type=click.FloatRange(0.01, 10_000), default=1.0, show_default=True, help="Of a recording, 1 is its own."
)
@click.option("--loop", is_flag=True, help="Play a recording again when it ends; else its last orders stay.")
@click.option("--faults", type=click.Path(path_type=Path), help="JSON list of what goes wrong on purpose.")
@click.option("--ledger", type=click.Path(path_type=Path), help="Write every mutation here as one JSON line.")
@click.option(
    "--rate-limits",
    type=click.Choice(_TIERS),
    default="off",
    show_default=True,
    help="Enforce the venue's limits per signer (of this tier) and per address.",
)
@click.option("--json", "as_json", is_flag=True, help="First line of stdout: one JSON object with all addresses.")
@click.option("--die-with-stdin", is_flag=True, help="End when stdin does, so that no orphan outlives its parent.")
def exchange(
    host: str,
    port: int,
    seed: int,
    flow: str,
    speed: float,
    loop: bool,
    faults: Path | None,
    ledger: Path | None,
    rate_limits: str,
    as_json: bool,
    die_with_stdin: bool,
) -> None:
    """Run a practice Polymarket exchange on this machine."""
    import trio

    from adapters.emulator import server
    from adapters.emulator.faults import BadFaults
    from adapters.emulator.flow_choice import UnknownFlow
    from adapters.emulator.recorded_rows import BadRecording

    options = server.Options(host, port, seed, faults, ledger, flow, die_with_stdin, rate_limits, speed, loop)
    announce = server.print_json if as_json else server.print_summary
    try:
        trio.run(server.serve, options, announce, time.time)
    except* (server.NotLoopback, BadFaults, UnknownFlow, BadRecording, OSError) as problems:
        for problem in problems.exceptions:
            click.echo(f"exchange: {problem}", err=True)
        raise SystemExit(2) from None
