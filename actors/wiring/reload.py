"""`reload` and `set`: the configuration is read again and what may count while the bot runs counts from one step on.

Reading is start-up's own and may take long, so it happens elsewhere. What comes of it is compared, refused as a whole or
swapped, without a pause in between: there is no moment with half of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import trio
from attrs import define, evolve, field, frozen

from actors.config import ConfigError, Loaded, load
from actors.config_changes import Change, Fate, changes, fate, in_force
from actors.config_keys import listed
from actors.config_tree import DEFAULT, Origin
from actors.kernel.mailbox import Mailbox
from actors.model.market import Market
from actors.model.settings import Settings
from actors.ports import WallClock
from actors.records import Note
from actors.shared.control import Args, CommandRefused
from actors.shared.tuning import Tuning
from actors.wiring.venue import UnknownMarkets, check_strategies

_READ_WITHIN = 4.0  # s; shorter than the client's patience
_CONFIRM = "it loosens a limit of a live bot: repeat the command with --confirm if you mean it"


@frozen
class Sources:
    """Where the configuration of this run came from, and what it said at the start.

    `adjust` is what the start makes of a reading (a live bot is more careful). `inline` on virtual time.
    """

    path: Path
    environ: Mapping[str, str] = field(repr=False)
    overrides: tuple[str, ...]
    loaded: Loaded
    adjust: Callable[[Loaded], Settings]
    inline: bool = False

    async def read(self, more: Sequence[str]) -> Loaded:
        """Read all of it again, with `more` on top. Raises ConfigError."""
        if self.inline:
            await trio.lowlevel.checkpoint()
            return self._read(more)
        return await trio.to_thread.run_sync(self._read, more, abandon_on_cancel=True)

    def _read(self, more: Sequence[str]) -> Loaded:
        loaded = load(self.path, self.environ, [*self.overrides, *more])
        return evolve(loaded, settings=self.adjust(loaded))


@define(eq=False)
class Reload:
    """What `set` has said counts until the next `reload`, which goes back to the file. One command after the other.

    `markets` are those of the run, which come and go.
    """

    sources: Sources
    tuning: Tuning
    markets: Mapping[str, Market]
    set_level: Callable[[str], None]
    journal: Mailbox[object]
    wall: WallClock
    _loaded: Loaded = field(init=False)
    _sets: tuple[str, ...] = field(default=(), init=False)
    _later: tuple[Change, ...] = field(default=(), init=False)
    _one: trio.Lock = field(factory=trio.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        self._loaded = self.sources.loaded

    async def obey(self, command: str, args: Args) -> dict[str, Any]:
        """`config`, `reload` or `set`. Raises CommandRefused, and then nothing has changed."""
        if command == "config":
            return self._shown()
        keys = tuple(str(args.get("keys") or "").splitlines())
        if command == "set" and not keys:
            raise CommandRefused("set needs a key and its value, such as budget.total=50")
        async with self._one:
            sets = (*self._sets, *keys) if command == "set" else ()
            read = await self._read(sets)
            return self._apply(read, sets, set_only=command == "set", confirmed=bool(args.get("confirm")))

    async def _read(self, sets: tuple[str, ...]) -> Loaded:
        """In good time: a pipe, or a disk that hangs, would keep every later command waiting."""
        with trio.move_on_after(_READ_WITHIN):
            try:
                return await self.sources.read(sets)
            except ConfigError as error:
                raise CommandRefused(f"nothing was changed:\n{error}") from None
        raise CommandRefused(f"nothing was changed: {self.sources.path} could not be read within {_READ_WITHIN:g} s")

    def _apply(self, read: Loaded, sets: tuple[str, ...], *, set_only: bool, confirmed: bool) -> dict[str, Any]:
        """All in one step."""
        old = self.tuning.whole
        found = changes(old, read.settings)
        later = tuple(change for change in found if change.fate is Fate.RESTART)
        now = tuple(change for change in found if change.fate is Fate.NOW)
        refused = [f"{change}: {why}" for change in found if (why := self._refusal(change, confirmed=confirmed))]
        if set_only:
            refused += [f"{change}: {why}" for change in found if (why := self._not_set(change, read.origins))]
        settings = in_force(old, read.settings)
        try:
            check_strategies(settings, list(self.markets.values()))
        except UnknownMarkets as problem:
            refused.append(str(problem))
        if refused:
            raise CommandRefused("\n".join(["nothing was changed:", *refused]))
        if now:
            self._swap(evolve(read, settings=settings), now)
        self._sets, self._later = sets, later
        return {
            "done": "\n".join(_said(now, later)),
            "applied": [_row(change) for change in now],
            "restart": [{**_row(change), "why": change.why} for change in later],
        }

    def _not_set(self, change: Change, origins: Mapping[str, Origin]) -> str:
        """Why `set` does not take a change: it would be gone with the restart it needs, or nobody has set it."""
        if change in self._later:
            return ""
        if not origins.get(change.key, DEFAULT).source.startswith("--set "):
            return "the file was edited since it was read: reload first"
        return f"needs a restart ({change.why}): write it into the file" if change.fate is Fate.RESTART else ""

    def _refusal(self, change: Change, *, confirmed: bool) -> str:
        if change.fate is Fate.REFUSED:
            return change.why
        if change.loosens and change.fate is Fate.NOW and self.tuning.settings.mode == "live" and not confirmed:
            return _CONFIRM
        return ""

    def _swap(self, read: Loaded, now: Sequence[Change]) -> None:
        whose = {True: read.origins, False: self._loaded.origins}
        paths = [path for path, _ in listed(read.settings)]
        origins = {path: whose[fate(path)[0] is Fate.NOW].get(path, DEFAULT) for path in paths}
        self._loaded = Loaded(read.settings, origins)
        self.tuning.swap(read.settings)
        self.set_level(read.settings.log.level)
        self.journal.tell(Note("settings", "", "; ".join(map(str, now)), self.wall()))

    def _shown(self) -> dict[str, Any]:
        """Every value in force with its origin, and what the last reading has left for a restart."""
        origins = self._loaded.origins
        rows = [
            {"key": key, "value": value, "origin": str(origins.get(key, DEFAULT))}
            for key, value in listed(self.tuning.whole)
        ]
        return {"rows": rows, "restart": [{**_row(change), "why": change.why} for change in self._later]}


def _row(change: Change) -> dict[str, str]:
    return {"key": change.key, "old": change.old, "new": change.new}


def _said(now: Sequence[Change], later: Sequence[Change]) -> list[str]:
    lines = [f"{change}: {change.fate.value}" for change in now]
    lines += [f"{change}: {change.fate.value}: {change.why}" for change in later]
    return lines or ["nothing has changed"]
