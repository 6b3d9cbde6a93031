"""Whatever a configuration says: mistakes are told on lines, and what it lets pass places no order outside its limits.

Trees of every key there is with wild values, as YAML, as `--set` and from the environment; those that load run a whole
bot for a while, in which the market moves and orders are filled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import trio
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from actors.config import ConfigError, load
from actors.config_keys import KeyInfo, described
from actors.model.market import Side
from actors.model.numbers import PRICE_ONE, cost
from actors.model.settings import Settings
from actors.records import Intent
from tests.depth import seeded
from tests.wiring.world import ALPHA, BETA, World, bot, move, virtually, world

SECRET = "0x7c6a3b9e5f204d1188aa0be1f35d97c2461fe0ab59d3c8e7f10d2b4a69538c17"
ENVIRON = {"PRIVATE_KEY": SECRET, "CLOB_API_PASSPHRASE": "c4n4ry-passphrase-of-the-environment"}
# What would read files, ask a venue, or name the bot.
LEFT_ALONE = ("markets[]", "venue.", "discover.", "journal.", "audit.", "control.", "mode", "instance")
KEYS = [info for info in described() if not info.path.startswith(LEFT_ALONE)]
WILD = (
    *("", "0", "-1", "1", "5e3", "nan", "inf", "1e400", "9" * 40, "0x10", "010", "1_000", "٣", "~", "null", "[]", "{}"),
    *(
        "[1, 2]",
        "{a: 1}",
        "true",
        "yes",
        "'5'",
        "!!int 5",
        "&a 5",
        "*a",
        "|",
        ">",
        "- x",
        "#",
        ":",
        "\x07",
        "é",
        "a: b",
    ),
    *(SECRET, SECRET[2:], ENVIRON["CLOB_API_PASSPHRASE"]),
)
LIKELY = {
    "pUSD": ("1", "3", "7.5", "12", "25", "60", "200", "5000", "0.000001"),
    "shares": ("1", "5", "6.25", "19.99", "40", "100", "1000", "0.01"),
    "price in pUSD": ("0.01", "0.02", "0.05", "0.1", "0.5", "0.9", "0.0001"),
    "whole number": ("1", "2", "3", "5", "8", "50", "100"),
    "number": ("0.1", "0.5", "1", "2", "5", "40", "200"),
    "seconds": ("0.1", "0.5", "1", "2", "5", "20", "300"),
    "true or false": ("true", "false"),
    "text": (
        "flatten",
        "cancel",
        "adopt",
        "enforce",
        "log_only",
        "safe",
        "exit",
        "gtc",
        "gtd",
        "none",
        "all",
        "simple",
    ),
}
_RUNS_FOR = 6.0


def value(rng: Random, key: KeyInfo, wild: float) -> str:
    return rng.choice(WILD) if rng.random() < wild else rng.choice(LIKELY[key.kind])


def tree(rng: Random, wild: float) -> dict[str, str]:
    """Some keys with values, most of them right in kind."""
    return {key.path: value(rng, key, wild) for key in rng.sample(KEYS, rng.randrange(1, 9))}


def nested(flat: Mapping[str, str]) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for path, text in flat.items():
        *sections, last = path.split(".")
        here = whole
        for name in sections:
            here = here.setdefault(name, {})
        here[last] = text
    return whole


def yaml(whole: Mapping[str, Any], indent: str = "") -> str:
    rows = []
    for key, what in whole.items():
        inner = f"\n{yaml(what, indent + '  ')}" if isinstance(what, dict) else f" {what}"
        rows.append(f"{indent}{key}:{inner}")
    return "\n".join(rows)


def read(folder: Path, rng: Random, wild: float) -> Settings | list[str]:
    """The settings of some configuration, or the lines that say why there are none."""
    in_file, in_environ, given = tree(rng, wild), tree(rng, wild), tree(rng, wild)
    path = folder / "config.yaml"
    path.write_text("markets: [alpha, beta]\n" + yaml(nested(in_file)) + "\n")
    environ = {
        f"ACTORS__{key.upper().replace('.', '__')}": text for key, text in in_environ.items() if rng.random() < 0.3
    }
    try:
        return load(
            path, ENVIRON | environ, [f"{key}={text}" for key, text in given.items() if rng.random() < 0.3]
        ).settings
    except ConfigError as error:
        return str(error).splitlines()


@seeded(60)
@given(st.integers(0, 2**32 - 1))
def test_every_mistake_is_told_on_a_line_that_holds_no_secret(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    for _ in range(20):
        found = read(tmp_path, rng, wild=0.3)
        lines = found if isinstance(found, list) else [repr(found)]
        assert lines
        for line in lines:
            assert line.isprintable()
            assert not [secret for secret in ENVIRON.values() if secret[2:] in line], line


@define(eq=False)
class Inspector:
    """Looks at the venue whenever anything changes there. Caps that are only logged are no caps."""

    of: World
    breaches: list[str] = field(factory=list)
    seen: Counter[str] = field(factory=Counter)

    def look(self) -> None:
        own, venue = self.of.settings, self.of.venue
        exposures = [venue.exposure(one) for one in venue.markets]
        self._check("budget.total", sum(exposures), own.budget.total)
        self._check("limits.max_open_orders", len(venue.live()), own.limits.max_open_orders)
        for one, exposure in zip(venue.markets, exposures, strict=True):
            self._check("budget.per_market", exposure, own.budget.per_market)
            if own.risk.enforced:
                self._check("risk.max_orders_per_market", len(venue.live(one.slug)), own.risk.max_orders_per_market)

    def judge_orders(self) -> None:
        """Each by itself, as it was placed."""
        own = self.of.settings
        for call in self.of.venue.placed:
            draft = call.draft
            assert draft is not None
            self.seen[draft.side.value] += 1
            if not 0 < draft.price < PRICE_ONE or draft.price % ALPHA.tick or draft.size <= 0:
                self.breaches.append(f"an order off the grid: {draft}")
            if draft.side is Side.BUY and own.risk.enforced:
                self._check("risk.max_order_size", draft.size, own.risk.max_order_size)
                self._check("risk.max_order_notional", cost(draft.price, draft.size), own.risk.max_order_notional)
                self._check(
                    "risk.max_order_share", 100 * cost(draft.price, draft.size), 10**9 * own.risk.max_order_share
                )
            if draft.type == "GTC" and own.order.type == "gtd":
                self.breaches.append(f"an order that rests for ever: {draft}")

    def _check(self, key: str, found: int, most: int) -> None:
        if found > most:
            self.breaches.append(f"{key}: {found} of {most}")


async def trade(of: World, rng: Random) -> Inspector:
    """A while in which prices move, and somebody takes what rests."""
    inspector = Inspector(of)
    of.venue.watch = inspector.look
    async with bot(of):
        until = trio.current_time() + _RUNS_FOR
        while trio.current_time() < until:
            await trio.sleep(rng.uniform(0.1, 1.5))
            if live := of.venue.live():
                of.venue.fill(rng.choice(live).order_id, rng.choice((1_000_000, 5_000_000, 10**9)))
            if rng.random() < 0.5:
                move(of, rng.choice((4800, 4700, 4900, 3000, 6600)))
    inspector.judge_orders()
    return inspector


@seeded(60)
@given(st.integers(0, 2**32 - 1))
def test_no_configuration_that_loads_places_an_order_outside_its_limits(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    found = next(one for one in iter(lambda: read(tmp_path, rng, wild=0.0), None) if isinstance(one, Settings))
    of = world(ALPHA, BETA, settings=found)

    async def main() -> Inspector:
        return await trade(of, rng)

    assert virtually(main).breaches == []
    intents = {row.order_id for row in of.journal.rows if isinstance(row, Intent)}
    assert of.venue.orders.keys() <= intents
