"""`doctor`: is this machine fit to trade? The signer is compared with the venue's own client."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("config.yaml"))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(file: Path, as_json: bool) -> None:
    """Check Python, the signer, FILE and the state directory. Exit 5 if anything is not fine."""
    from actors.wiring.checkup import checkup

    findings = list(checkup(file))
    if as_json:
        click.echo(json.dumps([{"what": f.what, "fine": f.fine, "said": f.said} for f in findings]))
    else:
        for finding in findings:
            click.echo(f"{'ok  ' if finding.fine else 'FAIL'} {finding.what:<8} {finding.said}")
    raise SystemExit(0 if all(finding.fine for finding in findings) else 5)
