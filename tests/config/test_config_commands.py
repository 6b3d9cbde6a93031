"""What `config check | show | schema` print and how they exit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actors.commands.config import config
from actors.commands.run import as_overrides
from actors.config import load
from actors.config_keys import takers
from actors.model.strategy_settings import COMMON, PARAMETERS
from tests.config.written import NAME

PROJECT = Path(__file__).parents[2]
KEY = "0x" + "ab12" * 16


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / NAME).write_text("markets: [demo-cup]\nbudget: {total: 50}\n")
    return tmp_path


def ran(*words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(config, words, env=env, catch_exceptions=False)


def test_check_says_that_a_file_is_good(folder: Path) -> None:
    result = ran("check")
    assert result.exit_code == 0
    assert result.stdout == f"{NAME}: good. mode demo, strategy maker, markets demo-cup\n"


def test_check_puts_every_mistake_on_stderr_and_exits_2(folder: Path) -> None:
    (folder / NAME).write_text("mode: paper\nmarkets: 010\n")
    result = ran("check", "--set", "budget.total=x")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 3


def test_a_missing_file_exits_2_and_says_what_to_do(folder: Path) -> None:
    result = ran("check", "other.yaml")
    assert result.exit_code == 2
    assert result.stderr == "other.yaml does not exist; name another file, or start from the project's config.yaml\n"


def test_the_configuration_of_the_project_is_good() -> None:
    assert ran("check", str(PROJECT / NAME)).exit_code == 0


def test_show_names_the_origin_of_every_value(folder: Path) -> None:
    result = ran("show", "--json", "--set", "risk.max_unknown=3", env={"ACTORS__LOG__LEVEL": "debug"})
    rows = {row["key"]: (row["value"], row["origin"]) for row in json.loads(result.stdout)}
    assert rows["budget.total"] == ("50", f"{NAME}:2:17")
    assert rows["log.level"] == ("debug", "environment ACTORS__LOG__LEVEL")
    assert rows["risk.max_unknown"] == ("3", "--set risk.max_unknown")
    assert rows["feed.stale"] == ("3", "default")
    assert [line.split()[0] for line in ran("show").stdout.splitlines()] == list(rows)


def test_show_tells_of_secrets_only_where_they_are(folder: Path) -> None:
    (folder / ".env").write_text("CLOB_API_SECRET=from-the-dotenv-file\n")
    text = ran("show", env={"PRIVATE_KEY": KEY, "ACTORS__JOURNAL__PATH": f"/x/{KEY}"}).stdout
    lines = {line.split()[0]: line.split()[1:] for line in text.splitlines()}
    assert lines["PRIVATE_KEY"] == ["(hidden)", "environment"]
    assert lines["CLOB_API_SECRET"] == ["(hidden)", ".env"]
    assert lines["CLOB_API_KEY"] == ["not", "given"]
    assert lines["journal.path"][0] == "/x/***"
    assert "ab12" not in text
    assert "from-the-dotenv" not in text


def test_show_hides_logins_and_query_values_in_addresses(folder: Path) -> None:
    sockets = ("--set", "venue.market_ws_url=wss://host/m", "--set", "venue.user_ws_url=wss://host/u")
    text = ran("show", "--set", "venue.clob_url='https://me:word@host/p?token=abc&x=def'", *sockets).stdout
    assert "https://***@host/p?token=***&x=***" in text


def test_schema_explains_every_key_with_unit_and_default(folder: Path) -> None:
    keys = {key["path"]: key for key in json.loads(ran("schema", "--json").stdout)}
    assert keys["budget.total"] == {
        "path": "budget.total",
        "kind": "pUSD",
        "default": "400",
        "about": "money all markets may tie up",
    }
    assert keys["quoter.lease"]["kind"] == "seconds"
    assert keys["markets[].market"]["default"] is None
    assert all(key["about"] for key in keys.values())
    assert [line.split()[0] for line in ran("schema").stdout.splitlines()] == list(keys)


def test_every_default_of_the_schema_can_be_set_as_it_is_written(folder: Path) -> None:
    """One by one; those of a strategy that is not the common one, and of a part of it, all together."""
    together: dict[str, list[str]] = {}
    for key in json.loads(ran("schema", "--json").stdout):
        if key["default"] and "[]" not in key["path"]:
            section, _, name = key["path"].partition("strategy.")
            whose = COMMON if section or not name else next(iter(takers(name.split(".")[0])), COMMON)
            pair = f"{key['path']}={key['default']}"
            together.setdefault(pair if whose == COMMON else whose, []).append(pair)
    for whose, pairs in together.items():
        named = [f"strategy.name={whose}"] if whose in PARAMETERS else []
        result = ran("check", *(part for pair in (*named, *pairs) for part in ("--set", pair)))
        assert result.exit_code == 0, result.stderr


def test_markets_named_on_the_command_line_are_the_only_ones(folder: Path) -> None:
    address = "https://polymarket.com/event/demo?tid=1764314000123"
    given = as_overrides(["demo-cup,demo-oscar", KEY, address], None, None)
    loaded = load(folder / NAME, {}, ["discover.max_markets=3", *given]).settings
    assert [market.market for market in loaded.markets] == ["demo-cup", "demo-oscar", KEY, address]
    assert loaded.discover.max_markets == 0
    assert as_overrides([], "two", "demo") == ["instance=two", "mode=demo"]
