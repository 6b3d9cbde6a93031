"""`doctor`: is this machine fit to trade? The signer is compared with the venue's own client."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from actors.commands.link import NoAnswer, ask


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("config.yaml"))
@click.option("--fix", is_flag=True, help="Live: send missing approvals through the relayer, or print the exact calls.")
@click.option("--yes", is_flag=True, help="Do not ask before --fix sends anything.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(file: Path, fix: bool, yes: bool, as_json: bool) -> None:
    """Check Python, the signer, FILE, the state directory and, in live mode, the account. Exit 5 if anything is not fine."""
    from actors.wiring.checkup import checkup

    agree = _agreed if yes else _asked
    findings = list(checkup(file, _details, agree if fix else None))
    if as_json:
        click.echo(json.dumps([{"what": f.what, "fine": f.fine, "said": f.said} for f in findings]))
    else:
        width = max(len(finding.what) for finding in findings)
        for finding in findings:
            click.echo(f"{'ok  ' if finding.fine else 'FAIL'} {finding.what:<{width}} {finding.said}")
    raise SystemExit(0 if all(finding.fine for finding in findings) else 5)


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
