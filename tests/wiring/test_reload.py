"""`reload` and `set` on a whole bot: all or nothing, from one step on, and whatever the text says, never a traceback."""

from __future__ import annotations

import string
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import define, evolve, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.commands.run import cautious
from actors.config import Loaded, load
from actors.config_changes import in_force
from actors.config_keys import described
from actors.kernel.mailbox import Mailbox
from actors.messages import Place
from actors.model.numbers import SHARE, Price, Size
from actors.model.order import Key
from actors.model.reason import Reason
from actors.model.settings import Settings
from actors.records import Note
from actors.shared.control import CommandRefused
from actors.shared.tuning import Tuning
from actors.wiring.reload import Reload, Sources
from tests.depth import examples
from tests.venue import wall
from tests.wiring.sources import as_read
from tests.wiring.world import World, bot, quoting, until, virtually, world

KEYS = [info.path for info in described()]
TEXT = "markets: [alpha]\nstrategy: {name: simple, size: 20}\nbudget: {per_market: 100, total: 400}\n"


@define(eq=False)
class Desk:
    """A configuration file, and what is done about it."""

    path: Path
    tuning: Tuning
    reload: Reload
    journal: Mailbox[object]
    levels: list[str] = field(factory=list)

    @classmethod
    def of(cls, folder: Path, tuning: Tuning | None = None, text: str = TEXT) -> Desk:
        path = folder / "config.yaml"
        path.write_text(text)
        loaded, journal, levels = load(path, {}, ()), Mailbox[object]("journal"), list[str]()
        tuning = tuning or Tuning(loaded.settings)
        sources = Sources(path, {}, (), loaded, as_read, inline=True)
        return cls(path, tuning, Reload(sources, tuning, {}, levels.append, journal, wall), journal, levels)

    async def set(self, *pairs: str, confirm: bool = False) -> dict[str, Any]:
        return await self.reload.obey("set", {"keys": "\n".join(pairs), "confirm": confirm})

    async def again(self, text: str, *, confirm: bool = False) -> dict[str, Any]:
        self.path.write_text(text)
        return await self.reload.obey("reload", {"confirm": confirm})

    async def shown(self) -> Mapping[str, tuple[str, str]]:
        answer = await self.reload.obey("config", {})
        return {row["key"]: (row["value"], row["origin"]) for row in answer["rows"]}


# ── the command ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_set_counts_at_once_is_noted_and_shown_with_its_origin(tmp_path: Path) -> None:
    desk = Desk.of(tmp_path)
    result = await desk.set("budget.total=50", "log.level=debug")
    assert [row["key"] for row in result["applied"]] == ["budget.total", "log.level"]
    assert desk.tuning.settings.budget.total == 50_000_000
    assert desk.tuning.number == 1
    assert desk.levels == ["debug"]
    notes = [letter for letter in desk.journal.read_nowait() if isinstance(letter, Note)]
    assert [(note.kind, "budget.total: 400 → 50" in note.body) for note in notes] == [("settings", True)]
    assert (await desk.shown())["budget.total"] == ("50", "--set budget.total")
    assert (await desk.shown())["strategy.size"][1].endswith("config.yaml:2:32")


async def test_a_reload_goes_back_to_the_file_and_says_what_waits_for_a_restart(tmp_path: Path) -> None:
    desk = Desk.of(tmp_path)
    await desk.set("budget.total=50")
    result = await desk.again(TEXT + "feed: {silent: 20}\n")
    assert [(row["key"], row["new"]) for row in result["applied"]] == [("budget.total", "400")]
    assert [(row["key"], row["why"] != "") for row in result["restart"]] == [("feed.silent", True)]
    assert desk.tuning.settings.feed.silent == 30.0
    assert (await desk.shown())["feed.silent"] == ("30", "default")
    assert (await desk.reload.obey("config", {}))["restart"][0]["new"] == "20"


async def test_nothing_is_half_applied_where_one_key_is_refused(tmp_path: Path) -> None:
    desk = Desk.of(tmp_path)
    before = desk.tuning.settings
    for pairs, said in (
        (("budget.total=50", "instance=other"), "instance: default → other"),
        (("budget.total=50", "budget.totl=1"), "did you mean total"),
        (("budget.total=50", "feed.silent=20"), "write it into the file"),
        (("budget.total=50", "risk.max_position=-1"), "risk.max_position"),
        ((), "budget.total=50"),
    ):
        with pytest.raises(CommandRefused, match=said):
            await desk.set(*pairs)
    assert (desk.tuning.settings, desk.tuning.number) == (before, 0)
    assert desk.journal.read_nowait() == []


async def test_set_does_not_bring_in_edits_of_the_file(tmp_path: Path) -> None:
    desk = Desk.of(tmp_path)
    desk.path.write_text(TEXT + "risk: {max_position: 5}\n")
    with pytest.raises(CommandRefused, match="reload first"):
        await desk.set("budget.total=50")
    await desk.reload.obey("reload", {})
    await desk.set("budget.total=50")
    assert desk.tuning.settings.risk.max_position == 5 * SHARE


async def test_what_waits_for_a_restart_does_not_stand_in_the_way_of_set(tmp_path: Path) -> None:
    desk = Desk.of(tmp_path)
    await desk.again(TEXT + "feed: {silent: 20}\n")
    result = await desk.set("budget.total=50")
    assert [row["key"] for row in result["applied"]] == ["budget.total"]


async def test_a_live_bot_loosens_limits_only_when_that_is_confirmed(tmp_path: Path) -> None:
    text = "mode: live\n" + TEXT
    desk = Desk.of(tmp_path, text=text)
    await desk.set("budget.total=50", "risk.max_daily_loss=5")
    for looser in ("budget.total=51", "risk.max_daily_loss=6", "strategy.size=21", "risk.max_daily_loss="):
        with pytest.raises(CommandRefused, match="--confirm"):
            await desk.set(looser, "budget.per_market=9")
    assert desk.tuning.number == 1
    with pytest.raises(CommandRefused, match=r"budget.total: 50 → 400: .*--confirm"):
        await desk.again(text)
    await desk.again(text, confirm=True)
    assert desk.tuning.settings.budget.total == 400_000_000


async def test_no_reading_turns_play_money_into_real_money_or_back(tmp_path: Path) -> None:
    for text, other in ((TEXT, "mode: live\n" + TEXT), ("mode: live\n" + TEXT, TEXT)):
        desk = Desk.of(tmp_path, text=text)
        with pytest.raises(CommandRefused, match=r"mode: .*different runs"):
            await desk.again(other, confirm=True)
        assert desk.tuning.number == 0


async def test_what_the_start_makes_of_a_live_reading_is_made_of_every_one(tmp_path: Path) -> None:
    desk = Desk.of(tmp_path, text="mode: live\n" + TEXT)
    sources = evolve(desk.reload.sources, adjust=cautious)
    loaded = await sources.read(())
    tuning = Tuning(loaded.settings)
    reload = Reload(evolve(sources, loaded=loaded), tuning, {}, desk.levels.append, desk.journal, wall)
    assert (await reload.obey("reload", {}))["done"] == "nothing has changed"
    assert tuning.settings.shutdown.grace == 90.0


async def test_a_file_that_cannot_be_read_in_time_holds_nothing_up(tmp_path: Path, autojump_clock: object) -> None:
    desk = Desk.of(tmp_path)
    good, desk.reload.sources = desk.reload.sources, _Hanging(desk.path, {}, (), desk.reload.sources.loaded, as_read)
    with pytest.raises(CommandRefused, match="could not be read"):
        await desk.reload.obey("reload", {})
    desk.reload.sources = good
    await desk.set("budget.total=50")
    assert desk.tuning.number == 1


@frozen
class _Hanging(Sources):
    """A pipe that nobody writes to."""

    async def read(self, more: Sequence[str]) -> Loaded:
        await trio.sleep_forever()
        raise AssertionError


@settings(max_examples=examples(150), deadline=None)
@given(pairs=st.lists(st.one_of(st.text(), st.builds("{}={}".format, st.sampled_from(KEYS), st.text())), max_size=3))
def test_whatever_is_set_it_is_refused_or_applied_as_a_whole(pairs: list[str]) -> None:
    async def main(folder: Path) -> None:
        desk = Desk.of(folder)
        before = desk.tuning.settings
        try:
            await desk.set(*pairs)
        except CommandRefused:
            assert (desk.tuning.settings, desk.tuning.number) == (before, 0)
        else:
            assert desk.tuning.number == (desk.tuning.settings != before)

    with tempfile.TemporaryDirectory() as folder:
        virtually(lambda: main(Path(folder)))


TEXTS = st.one_of(
    st.text(),
    st.text(string.printable),
    st.lists(
        st.sampled_from(
            [*TEXT.splitlines(), "risk: {max_position: 5}", "mode: demo", "mode: live", "feed: {silent: 9}", "log:",
             "  level: debug", "quoter: {lease: 1}", "quoter: {lease: 9, renew: 2}", "budget: 7", "x: [", "\t", "&a *a"]
        ),
        max_size=8,
    ).map("\n".join),
)  # fmt: skip


@settings(max_examples=examples(150), deadline=None)
@given(text=TEXTS)
def test_whatever_the_text_a_reload_is_refused_or_applied_as_a_whole(text: str) -> None:
    async def main(folder: Path) -> None:
        desk = Desk.of(folder)
        before = desk.tuning.settings
        desk.path.write_text(text, encoding="utf-8", errors="surrogatepass")
        try:
            await desk.reload.obey("reload", {})
        except CommandRefused:
            assert (desk.tuning.settings, desk.tuning.number) == (before, 0)
        else:
            assert desk.tuning.settings == in_force(before, load(desk.path, {}, ()).settings)
            assert desk.tuning.number == (desk.tuning.settings != before)

    with tempfile.TemporaryDirectory() as folder:
        virtually(lambda: main(Path(folder)))


def resting(of: World) -> list[int]:
    """Shares that rest, of each token."""
    tokens = {order.token for order in of.live()}
    return [sum(order.size for order in of.live() if order.token == token) // SHARE for token in tokens]


# ── the bot ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def sized(of: Settings, shares: int) -> Settings:
    """Settings under which orders have this size and a price of its own, and no larger one is allowed."""
    parameters = evolve(of.strategy.parameters, size=Size(shares * SHARE), half_spread=Price(shares * 10))
    strategy = evolve(of.strategy, parameters=parameters)
    return evolve(of, strategy=strategy, risk=evolve(of.risk, max_order_size=Size(shares * SHARE)))


async def test_new_parameters_move_the_quotes_at_once(autojump_clock: object, tmp_path: Path) -> None:
    async with quoting() as of:
        desk = Desk.of(tmp_path, of.spine.tuning)
        await desk.set("strategy.size=30")
        await until(lambda: resting(of) == [30, 30], within=3.0)


async def test_a_tighter_cap_counts_from_the_next_order_on(autojump_clock: object, tmp_path: Path) -> None:
    of = world()
    async with bot(of, trees=False):
        await Desk.of(tmp_path, of.spine.tuning).set("risk.max_order_size=10")
        async with trio.open_nursery() as nursery:
            nursery.start_soon(of.tree("alpha").run)
            await trio.sleep(3.0)
            assert of.venue.placed == []
            refusal = of.report().refusal
            assert refusal is not None
            assert refusal.reason is Reason.RISK_ORDER_SIZE
            nursery.cancel_scope.cancel()


async def test_settings_outlive_the_crash_of_every_actor(autojump_clock: object, tmp_path: Path) -> None:
    async with quoting() as of:
        await Desk.of(tmp_path, of.spine.tuning).set("strategy.size=30", "budget.total=30")
        for name in ("risk", "budget", "gateway"):
            of.shared(name).crash("drill")
        for name in ("quoter", "tracker"):
            of.box("alpha", name).crash("drill")
        await until(lambda: resting(of) == [30, 30], within=15.0)


@settings(max_examples=examples(25), deadline=None)
@given(pauses=st.lists(st.sampled_from([0.0, 0.0005, 0.001, 0.0015, 0.002, 0.004, 0.3, 1.1, 2.5]), max_size=30))
def test_no_order_leaves_by_settings_that_have_been_replaced(pauses: list[float]) -> None:
    async def main() -> None:
        async with quoting() as of:
            old, bounds = of.settings, [(0, 20)]
            for turn, pause in enumerate(pauses):
                shares = (20, 30, 40)[turn % 3]
                of.spine.tuning.swap(sized(old, shares))
                bounds.append((len(of.venue.placed), shares))
                await trio.sleep(pause)
            await trio.sleep(4.0)
            _check(of, bounds)

    virtually(main)


def _check(of: World, bounds: list[tuple[int, int]]) -> None:
    """`bounds`: from which placed order on (by count) which size was in force."""
    for number, call in enumerate(of.venue.placed):
        shares = next(shares for first, shares in reversed(bounds) if first <= number)
        assert call.draft is not None
        assert call.draft.size == shares * SHARE, f"order {number} of {len(of.venue.placed)}"
    assert resting(of) == [bounds[-1][1]] * 2


async def test_the_gateway_withholds_an_order_that_was_decided_before_a_change(autojump_clock: object) -> None:
    async with quoting() as of:
        taken = of.venue.placed[0]
        assert taken.draft is not None
        of.spine.tuning.swap(of.settings)
        key = Key(of.spine.trees["alpha"].fences.generation("alpha"), 99)
        late = Place("alpha", "0xalpha", key, taken.draft, tuned=0)
        of.shared("gateway").tell(late)
        await trio.sleep(0.1)
        assert [row["why"] for row in of.trail.rows(event="withheld")] == ["retuned"]
