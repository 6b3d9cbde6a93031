"""What loading a configuration promises: layers, origins, exact money, and every error at once with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.config import ConfigError, load
from actors.config_layers import LARGEST
from actors.model.approval_settings import ApprovalSettings
from actors.model.numbers import Cash, Price, Size
from actors.model.settings import MarketSettings, Settings
from tests.config.written import NAME, loaded, places, problems

MARKETS = "markets: [a]\n"


# --- layers ---


def test_what_nobody_says_has_its_default(tmp_path: Path) -> None:
    found = loaded(tmp_path, MARKETS)
    assert found.settings == Settings(markets=(MarketSettings("a"),))
    assert str(found.origins["budget.total"]) == "default"


def test_the_file_covers_the_defaults(tmp_path: Path) -> None:
    found = loaded(tmp_path, MARKETS + "budget:\n  total: 50\n")
    assert found.settings.budget.total == Cash(50_000_000)
    assert str(found.origins["budget.total"]) == f"{tmp_path / NAME}:3:10"
    assert str(found.origins["budget.per_market"]) == "default"


def test_the_environment_covers_the_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, MARKETS + "budget: {total: 50}\n", {"ACTORS__BUDGET__TOTAL": "60", "BUDGET__TOTAL": "7"})
    assert found.settings.budget.total == Cash(60_000_000)
    assert str(found.origins["budget.total"]) == "environment ACTORS__BUDGET__TOTAL"


def test_the_command_line_covers_the_environment_and_its_last_word_counts(tmp_path: Path) -> None:
    found = loaded(tmp_path, MARKETS, {"ACTORS__BUDGET__TOTAL": "60"}, ["budget.total=70", "budget.total=80"])
    assert found.settings.budget.total == Cash(80_000_000)
    assert str(found.origins["budget.total"]) == "--set budget.total"


def test_the_approval_may_be_a_bare_word(tmp_path: Path) -> None:
    found = loaded(tmp_path, MARKETS + "approval: all\n", {}, ["approval.timeout=9"])
    assert found.settings.approval == ApprovalSettings("all", 9.0)


def test_a_layer_covers_key_by_key(tmp_path: Path) -> None:
    found = loaded(tmp_path, MARKETS + "strategy: {size: 5, limit: 7}\n", {}, ["strategy.size=6"])
    assert (found.settings.strategy.parameters.size, found.settings.strategy.parameters.limit) == (6_000_000, 7_000_000)


def test_markets_can_be_replaced_from_the_command_line(tmp_path: Path) -> None:
    found = loaded(tmp_path, MARKETS, {}, ["markets=b, c"])
    assert [m.market for m in found.settings.markets] == ["b", "c"]
    assert [m.market for m in loaded(tmp_path, MARKETS, {}, ['markets=["12", x]']).settings.markets] == ["12", "x"]


# --- meaning ---


def test_a_market_with_its_own_strategy_takes_the_rest_from_the_common_one(tmp_path: Path) -> None:
    text = "markets: [a, {market: b, strategy: {size: 5}}]\nstrategy: {h_min: 0.03}\n"
    found = loaded(tmp_path, text)
    own = found.settings.markets[1].strategy
    assert own is not None
    assert (own.parameters.size, own.parameters.h_min) == (Size(5_000_000), Price(300))
    assert str(found.origins["markets[1].strategy.h_min"]).endswith(":2:19")
    assert found.settings.markets[0].strategy is None


def test_money_is_read_from_its_text_exactly(tmp_path: Path) -> None:
    text = MARKETS + "budget: {total: 9007199254740993.000001, per_market: '0.1'}\n"
    budget = loaded(tmp_path, text).settings.budget
    assert (budget.total, budget.per_market) == (9_007_199_254_740_993_000_001, 100_000)


def test_a_long_id_may_stand_unquoted(tmp_path: Path) -> None:
    token = "7" * 77
    assert loaded(tmp_path, f"markets: [{token}]\n").settings.markets == (MarketSettings(token),)


def test_a_section_whose_keys_are_all_commented_out_has_its_defaults(tmp_path: Path) -> None:
    assert loaded(tmp_path, MARKETS + "budget:\n  # total: 5\n").settings == loaded(tmp_path, MARKETS).settings


SOCKETS = ("venue.market_ws_url='ws://127.0.0.1:1/ws'", "venue.user_ws_url='ws://127.0.0.1:1/u'")


def test_plain_addresses_are_for_this_machine_only(tmp_path: Path) -> None:
    for good in ("https://clob.example", "http://127.0.0.1:8000", "http://localhost", "http://[::1]:80"):
        assert problems(tmp_path, MARKETS, {}, [f"venue.clob_url='{good}'", *SOCKETS]) == []
    for bad in (
        "http://clob.example",
        "http://10.0.0.1",
        "ws://127.0.0.1",
        "https://",
        "http://127.0.0.1.example",
        "x",
        "https://a b",
        "https://a..b",
        "https://999.1.1.1",
        "https://[v1.a]",
        "https://é.com",
        "https://xn--.com",
        "https://clob.example/" + "a" * 2_000,
    ):
        assert len(problems(tmp_path, MARKETS, {}, [f"venue.clob_url='{bad}'", *SOCKETS])) == 1, bad


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (["venue.clob_url=http://127.0.0.1:1"], "needs venue.market_ws_url and venue.user_ws_url"),
        (["venue.market_ws_url=ws://127.0.0.1:1/ws"], "must belong to the exchange of venue.clob_url"),
        (["venue.data_url=http://127.0.0.1:1"], "must belong to the exchange of venue.clob_url"),
        (["venue.clob_url=http://127.0.0.1:1", *SOCKETS, "venue.flow=busy"], "give it to `actors exchange`"),
        (["venue.clob_url=http://127.0.0.1:1", *SOCKETS, "venue.faults=f.json"], "give it to `actors exchange`"),
        (
            ["venue.clob_url=http://127.0.0.1:1", *SOCKETS, "venue.wallet=safe"],
            "needs the exchange that the bot starts",
        ),
        (["venue.wallet=ledger"], "eoa, proxy, safe or deposit"),
        (["settle.merge_above=0"], "more than 0"),
    ],
)
def test_half_an_exchange_is_a_mistake_of_the_configuration(tmp_path: Path, overrides: list[str], says: str) -> None:
    (problem,) = problems(tmp_path, MARKETS, {}, overrides)
    assert says in str(problem)


# --- errors ---


@pytest.mark.parametrize(
    ("line", "column", "text", "says"),
    [
        (2, 7, "mode: paper", "mode 'paper' is not in this version yet; use demo or live"),
        (2, 7, "mode: fast", "is 'fast'; must be demo or live"),
        (2, 1, "budgit: {}", "is not a setting; did you mean budget?"),
        (2, 1, "half_spred: 1", "is not a setting; did you mean strategy.half_spread?"),
        (2, 10, "budget: {tottal: 1}", "budget.tottal: is not a setting; did you mean total?"),
        (
            2,
            12,
            "strategy: {levels: 2}",
            "strategy.levels: is no key of this strategy, but of simple: give its `name` beside it",
        ),
        (2, 12, "strategy: {sise: 1}", "strategy.sise: is not a setting; did you mean size?"),
        (2, 17, "budget: {total: 1e3}", "is '1e3'; must be an amount in pUSD"),
        (2, 17, "budget: {total: -1}", "is '-1'; must be an amount in pUSD"),
        (2, 17, "budget: {total: 0}", "is '0'; must be more than 0"),
        (2, 17, "budget: {total: true}", "is 'true'; must be an amount in pUSD"),
        (2, 17, "budget: {total: 0.0000001}", "at most 6 decimals"),
        (2, 17, "budget: {total: nan}", "is 'nan'; must be an amount"),
        (2, 16, "budget: {total: }", "is empty; must be an amount"),
        (2, 17, "budget: {total: [1]}", "is a list; must be an amount"),
        (2, 9, "budget: 7", "is '7'; must be a mapping"),
        (2, 15, "start_paused: 1", "is '1'; must be true or false"),
        (2, 15, "start_paused: 'true'", "must be true or false, without quotes"),
        (2, 19, "strategy: {h_min: 1.5}", "must be a price from 0 to 1"),
        (2, 34, "strategy: {name: simple, levels: 6}", "is '6'; must be from 1 to 5"),
        (2, 34, "strategy: {name: simple, levels: 1.0}", "must be a whole number"),
        (2, 18, "strategy: {name: magic}", "is 'magic'; must be "),
        (2, 17, "quoter: {renew: 3}", "is '3'; must be less than quoter.lease"),
        (2, 9, "quoter: {lease: 1}", "quoter.renew: is at its default; must be less than quoter.lease"),
        (2, 17, "quoter: {lease: .5e1}", "must be a plain decimal number"),
        (2, 14, "log: {level: loud}", "must be trace, debug, info, warning or error"),
        (2, 11, "instance: ../x", "must be 1 to 40 lower case letters"),
        (2, 14, "on_shutdown: leave", "must be flatten or cancel"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_would_be_right(
    tmp_path: Path, line: int, column: int, text: str, says: str
) -> None:
    (told,) = problems(tmp_path, MARKETS + text + "\n")
    assert says in told
    assert places([told]) == [(line, column)]


def test_markets_must_be_given_each_once(tmp_path: Path) -> None:
    assert problems(tmp_path, "") == [
        f"{NAME}:1:1 markets: is missing and has no default; give slug, id or address at polymarket.com"
    ]
    assert problems(tmp_path, "markets: []\n") == [
        f"{NAME}:1:10 markets: is an empty list; must list at least one market, or discover.max_markets be more than 0"
    ]
    assert "must be a slug, an id, or an address like" in problems(tmp_path, "markets: [example.com/x]\n")[0]
    assert loaded(tmp_path, "markets: []\ndiscover: {max_markets: 3}\n").settings.markets == ()
    assert "a is there twice" in problems(tmp_path, "markets: [a, b, {market: a}]\n")[0]
    assert "markets[0].market: is missing" in problems(tmp_path, "markets: [{}]\n")[0]
    assert "markets: is a mapping; must be a list" in problems(tmp_path, "markets: {a: 1}\n")[0]


def test_all_mistakes_of_all_layers_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        "mode: paper\nmarkets: [no]\nbudget: {total: x, totl: 1}\nrisk: {max_unknown: 0x2, max_position: -1}\nlog: 1\n"
    )
    told = problems(tmp_path, text, {"ACTORS__QUOTER__LEASE": "yes"}, ["order.ttl=abc", "nonsense"])
    assert places(told) == [(1, 7), (2, 11), (3, 17), (3, 20), (4, 21), (4, 40), (5, 6)]
    assert [line.split(":")[0] for line in told[7:]] == [
        "environment ACTORS__QUOTER__LEASE quoter.lease",
        "--set nonsense does not name a setting and its value; write it like --set budget.total=50",
        "--set order.ttl",
    ]


def test_a_mistake_in_the_common_strategy_is_told_once_not_for_every_heir(tmp_path: Path) -> None:
    told = problems(tmp_path, "markets: [{market: a, strategy: {size: 1}}]\nstrategy: {levels: 9, x: 1}\n")
    assert [line.split(" ")[1] for line in told] == ["strategy.levels:", "strategy.x:"]


def test_a_mistake_outside_the_file_names_its_source(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, MARKETS, {"ACTORS__BUDGET__TOTL": "5"})
    assert told == "environment ACTORS__BUDGET__TOTL budget.totl: is not a setting; did you mean total?"
    (told,) = problems(tmp_path, MARKETS, {}, ["budget.totl=5"])
    assert told == "--set budget.totl: is not a setting; did you mean total?", "the key is named once"
    (told,) = problems(tmp_path, MARKETS, {"ACTORS__": "5"})
    assert told.startswith("environment ACTORS__ does not name a setting")
    assert len(problems(tmp_path, MARKETS, {}, [".".join("a" * 5000) + "=1"])) == 1


def test_a_file_that_cannot_be_a_configuration_is_refused_with_the_reason(tmp_path: Path) -> None:
    assert "is not UTF-8 text" in problems(tmp_path, b"a: 1\nb: \xff\n")[0]
    assert places(problems(tmp_path, "é: 1\nb: ".encode() + b"\xff\n")) == [(2, 4)]
    assert "is larger than 256 KB" in problems(tmp_path, b"#" * (LARGEST + 1))[0]
    assert problems(tmp_path, MARKETS.encode() + b"#" * (LARGEST - len(MARKETS))) == []
    assert "must be a mapping of keys" in problems(tmp_path, "- a\n")[0]
    assert "must be a mapping of keys" in problems(tmp_path, "just text\n")[0]


def test_a_missing_or_unreadable_file_is_an_error_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist; name another file"):
        load(tmp_path / "none.yaml", {}, ())
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path, {}, ())


# --- secrets ---


def test_a_secret_in_the_configuration_is_refused_without_being_repeated(tmp_path: Path) -> None:
    key = "0x" + "ab12" * 16
    for text in (f"private_key: {key}\n", f"venue: {{api_key: '{key}'}}\n", f"PRIVATE_KEY: {key}\n"):
        told = problems(tmp_path, MARKETS + text)
        assert len(told) == 1
        assert "put it into .env or the environment" in told[0]
        assert "ab12" not in told[0]


def test_a_known_secret_is_hidden_wherever_it_was_pasted(tmp_path: Path) -> None:
    told = problems(tmp_path, MARKETS + "mode: my-passphrase\n", {"CLOB_API_PASSPHRASE": "my-passphrase"})
    assert told == [f"{NAME}:2:7 mode: is '***'; must be demo or live"]


# --- nothing else ever happens ---

_names = st.sampled_from([*(a.name for a in fields(Settings)), "name", "size", "total", "market"])
_texts = st.text(max_size=12) | st.sampled_from(
    ["1", "0.5", "true", "no", "010", "a", "1e5", ".nan", "~", "gtc", "demo"]
)
_values = st.recursive(_texts, lambda v: st.lists(v, max_size=3) | st.dictionaries(_names, v, max_size=3), max_leaves=8)


def _flow(value: object) -> str:
    """A value as YAML on one line, its texts unquoted, so that every reading of them is tried."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    return "[" + ", ".join(map(_flow, value)) + "]" if isinstance(value, list) else str(value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_no_file_makes_loading_fail_otherwise_than_with_a_config_error(tmp_path: Path, raw: bytes) -> None:
    problems(tmp_path, raw)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(_names, _values, max_size=5), st.lists(st.text(max_size=20), max_size=2))
def test_no_shape_or_override_makes_loading_fail_otherwise_either(
    tmp_path: Path, tree: dict[str, object], overrides: list[str]
) -> None:
    for line in problems(tmp_path, "".join(f"{key}: {_flow(value)}\n" for key, value in tree.items()), {}, overrides):
        assert line.isprintable()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=20).map("ACTORS__".__add__), st.text(max_size=20), max_size=3))
def test_no_environment_makes_loading_fail_otherwise_either(tmp_path: Path, environ: dict[str, str]) -> None:
    for line in problems(tmp_path, MARKETS, environ):
        assert line.isprintable()
