"""`exchange`: the emulated Polymarket alone, for any client. Options in, exit code out; everything else is the adapter's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actors import signals

if TYPE_CHECKING:
    from adapters.emulator import server

_TIERS = ["off", "standard", "copper", "bronze", "silver", "gold", "platinum", "diamond", "elite"]
_HIGHEST_PORT = 65530
_OK, _USAGE = 0, 2


def _port(_: click.Context, __: click.Parameter, port: int) -> int:
    if not 0 <= port <= _HIGHEST_PORT:
        raise click.BadParameter(
            f"{port}: six consecutive ports are needed (clob, sockets, gamma, data, relayer, rpc), so the first can be "
            f"{_HIGHEST_PORT} at most; 0 takes any free ones"
        )
    return port


def _one_flow(_: click.Context, __: click.Parameter, flows: tuple[str, ...]) -> str:
    if len(flows) > 1:
        raise click.BadParameter(f"given {len(flows)} times ({', '.join(flows)}): an exchange has one flow")
    return flows[0]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback address to bind; others are refused.")
@click.option(
    "--port",
    type=int,
    default=0,
    callback=_port,
    show_default=True,
    help="Port of the CLOB's REST; the sockets and the other services get the next five. 0: any free ones.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same markets, keys and flow.")
@click.option(
    "--flow",
    multiple=True,
    default=["demo"],
    callback=_one_flow,
    metavar="NAME|FILE",
    help="Who else trades: demo (the default), quiet, busy, trending, resolving, crypto, none, or a recording: "
    "NAME.csv.gz (or .csv) with NAME_pairs.json beside it, the two tokens of every market.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0.01, 10_000),
    help="Of a recording; 1 (the default) is its own.",
)
@click.option("--loop", is_flag=True, help="Play a recording again when it ends; else its last orders stay.")
@click.option("--faults", type=click.Path(path_type=Path), help="JSON list of what goes wrong on purpose.")
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    help="Write every mutation here as one JSON line. The file starts anew; a former one is kept as FILE.1.",
)
@click.option(
    "--rate-limits",
    type=click.Choice(_TIERS),
    default="off",
    show_default=True,
    help="Enforce the venue's limits per signer (of this tier) and per address.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="First line of stdout: one JSON object with all addresses, token ids, wallets and keys. Last line, if there is "
    'anything to tell: {"summary": ...}.',
)
@click.option("--die-with-stdin", is_flag=True, help="End when stdin does, so that no orphan outlives its parent.")
def exchange(
    host: str,
    port: int,
    seed: int,
    flow: str,
    speed: float | None,
    loop: bool,
    faults: Path | None,
    ledger: Path | None,
    rate_limits: str,
    as_json: bool,
    die_with_stdin: bool,
) -> None:
    """Run a practice Polymarket exchange on this machine. Ctrl-C, SIGTERM or SIGHUP end it with 0."""
    from adapters.emulator import server
    from adapters.emulator.flow_choice import NAMES

    if flow in NAMES and (speed is not None or loop):
        given = " and ".join(["--speed"] * (speed is not None) + ["--loop"] * loop)
        raise click.UsageError(f"{given} can only be used with a recording: --flow {flow} has its own pace")
    options = server.Options(
        host, port, seed, faults, ledger, flow, die_with_stdin, rate_limits, 1.0 if speed is None else speed, loop
    )
    code = _serve(options, as_json)
    signals.ignore()
    raise SystemExit(code)


def _serve(options: server.Options, as_json: bool) -> int:
    """Until somebody ends it; every problem in the way is a line, each mistake of a file one of them."""
    import trio

    from actors.kernel.deterministic import seed_scheduler
    from adapters.emulator import server
    from adapters.emulator.faults import BadFaults
    from adapters.emulator.flow_choice import UnknownFlow
    from adapters.emulator.recorded_rows import BadRecording

    announce = server.print_json if as_json else server.print_summary
    code = _OK
    seed_scheduler(options.seed)  # of the crowd's tasks that wake at one instant, the seed says who is first
    try:
        trio.run(server.serve, options, announce, time.time, signals.early)
    except* (server.NotLoopback, server.NoDoor, server.BadFile, BadFaults, UnknownFlow, BadRecording, OSError) as found:
        code = _USAGE
        for problem in _each(found):
            for line in str(problem).splitlines():
                click.echo(f"exchange: {line}", err=True)
    return code


def _each(found: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for problem in found.exceptions:
        if isinstance(problem, BaseExceptionGroup):
            yield from _each(problem)
        else:
            yield problem
