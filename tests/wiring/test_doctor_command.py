"""What `doctor` asks before it changes anything, and what it does not do for play money."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from actors.commands.doctor import _asked, doctor


@click.command()
def asking() -> None:
    click.echo(str(_asked(["0xWallet: to 0xToken data 0x01"])))


@pytest.mark.parametrize(("answer", "agreed"), [("y\n", "True"), ("n\n", "False"), ("\n", "False"), ("", "False")])
def test_nobody_there_is_a_no(answer: str, agreed: str) -> None:
    result = CliRunner().invoke(asking, input=answer)
    assert result.stdout.splitlines()[-1] == agreed
    assert "0xWallet: to 0xToken data 0x01" in result.stderr
    assert "Send this? [y/N]" in result.stderr


def test_what_was_not_looked_at_is_neither_fine_nor_a_failure(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("markets: [demo-cup]\n")
    state = tmp_path / "state"
    result = CliRunner().invoke(doctor, [str(file)], env={"XDG_STATE_HOME": str(state)})
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].startswith("skip data   no Data API address known, nothing compared")


def test_play_money_has_nothing_to_mend(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("markets: [demo-cup]\n")
    result = CliRunner().invoke(doctor, [str(file), "--fix", "--json"], env={"XDG_STATE_HOME": str(tmp_path)})
    told = {row["what"]: (row["fine"], row["said"]) for row in json.loads(result.stdout)}
    assert result.exit_code == 5
    assert told["fix"] == (False, f"{file} says mode demo: only a live account has approvals to send")
