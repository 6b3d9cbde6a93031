"""`doctor`: is this machine fit to trade? The signer is compared with the venue's own client."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click

from actors.commands.link import NoAnswer, ask

_MARKS = {True: "ok  ", False: "FAIL", None: "skip"}


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("config.yaml"))
@click.option("--fix", is_flag=True, help="Live: send missing approvals through the relayer, or print the exact calls.")
@click.option("--yes", is_flag=True, help="Do not ask before --fix sends anything.")
@click.option(
    "--probe", is_flag=True, help="Live: place the smallest order deep in a book, see it, cancel it; needs --live."
)
@click.option("--live", is_flag=True, help="Yes, --probe may place an order with real money.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(file: Path, fix: bool, yes: bool, probe: bool, live: bool, as_json: bool) -> None:
    """Check Python, the signer, FILE, the state directory and, in live mode, the account. Exit 5 if anything is not fine.

    --probe takes the same two words as a run, for its order is as real: `mode: live` in FILE, and --live.
    """
    from actors.wiring.checkup import Wishes, checkup

    os.umask(0o077)  # the API key that is kept, and its folders, are its user's alone
    if probe:
        _check_armed(file, live)
    agree = _agreed if yes else _asked
    findings = list(checkup(file, _details, Wishes(agree if fix else None, probe)))
    if as_json:
        click.echo(json.dumps([{"what": f.what, "fine": f.fine, "said": f.said} for f in findings]))
    else:
        width = max(len(finding.what) for finding in findings)
        for finding in findings:
            click.echo(f"{_MARKS[finding.fine]} {finding.what:<{width}} {finding.said}")
    raise SystemExit(5 if any(finding.fine is False for finding in findings) else 0)


def _check_armed(file: Path, live: bool) -> None:
    """Raise UsageError unless a run with these words would be live."""
    from actors.commands.config import load_or_exit
    from actors.commands.run import armed

    if armed(load_or_exit(file, ()), file, live).mode != "live":
        raise click.UsageError(f"--probe places an order of a live account, and {file} does not say `mode: live`")


def _agreed(_: Sequence[str]) -> bool:
    return True


def _asked(lines: Sequence[str]) -> bool:
    """Show what would be sent, and ask; nobody there is a no."""
    for line in lines:
        click.echo(line, err=True)
    try:
        return click.confirm("Send this?", err=True)
    except click.Abort:
        return False


def _details(instance: str, path: str | None) -> dict[str, str]:
    """Where a running bot's exchange listens; empty if none runs."""
    try:
        details = ask(instance, "status", path)["details"]
    except NoAnswer:
        return {}
    return {str(name): str(value) for name, value in details.items()}
