"""Claims about what it takes to trade real money: two words, and then it starts paused."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from actors.commands.doctor import doctor
from actors.commands.run import armed, run
from actors.model.settings import Settings
from tests.config.written import NAME, loaded, problems

LIVE, DEMO = "mode: live\nmarkets: [a]\n", "markets: [a]\n"


def settled(folder: Path, text: str, *overrides: str, live: bool, **environ: str) -> Settings:
    return armed(loaded(folder, text, environ, overrides), folder / NAME, live)


def test_live_takes_the_file_and_the_flag_and_starts_paused(tmp_path: Path) -> None:
    settings = settled(tmp_path, LIVE, live=True)
    assert (settings.mode, settings.start_paused, settings.shutdown.grace) == ("live", True, 90.0)
    settings = settled(tmp_path, LIVE + "start_paused: false\nshutdown: {grace: 20}\n", live=True)
    assert (settings.start_paused, settings.shutdown.grace) == (True, 20.0)


def test_the_demo_starts_as_the_file_says(tmp_path: Path) -> None:
    settings = settled(tmp_path, DEMO, live=False)
    assert (settings.mode, settings.start_paused, settings.shutdown.grace) == ("demo", False, 20.0)


def test_one_word_alone_trades_nothing(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="says mode live, which trades real money: add --live to confirm"):
        settled(tmp_path, LIVE, live=False)
    with pytest.raises(click.UsageError, match="default says mode demo: leave --live out, or write `mode: live`"):
        settled(tmp_path, DEMO, live=True)


def test_environment_and_command_line_only_make_it_safer(tmp_path: Path) -> None:
    for text in (DEMO, LIVE):
        with pytest.raises(click.UsageError, match="--set mode can only make it safer"):
            settled(tmp_path, text, "mode=live", live=True)
        with pytest.raises(click.UsageError, match="ACTORS__MODE can only make it safer"):
            settled(tmp_path, text, live=True, ACTORS__MODE="live")
    assert settled(tmp_path, LIVE, "mode=demo", live=False).mode == "demo"
    with pytest.raises(click.UsageError, match="--set mode says mode demo"):
        settled(tmp_path, LIVE, "mode=demo", live=True)


def test_the_command_line_ends_with_2_before_anything_is_started(tmp_path: Path) -> None:
    file = tmp_path / NAME
    file.write_text(LIVE)
    result = CliRunner().invoke(run, [str(file)], env={"XDG_STATE_HOME": str(tmp_path / "state")})
    assert result.exit_code == 2
    assert "add --live" in result.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        (LIVE, ["--probe"], "add --live to confirm"),
        (DEMO, ["--probe"], "does not say `mode: live`"),
        (DEMO, ["--probe", "--live"], "leave --live out, or write `mode: live`"),
    ],
)
def test_a_probe_takes_the_same_two_words_as_a_run(tmp_path: Path, text: str, words: list[str], says: str) -> None:
    file = tmp_path / NAME
    file.write_text(text)
    result = CliRunner().invoke(doctor, [str(file), *words], env={"XDG_STATE_HOME": str(tmp_path / "state")})
    assert (result.exit_code, says in result.stderr) == (2, True), result.stderr


def test_what_only_a_practice_exchange_has_is_a_mistake_in_live_mode(tmp_path: Path) -> None:
    for key in ("flow", "faults"):
        (told,) = problems(tmp_path, LIVE + f"venue: {{{key}: busy}}\n")
        assert f"1:7 mode: is 'live'; must be demo for venue.{key}: take that out" in told
