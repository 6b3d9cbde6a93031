"""The 5- and 15-minute up/down series: their names, their windows, and when a window is quoted. Pure; asks no clock.

A window's slug can be told from the time (polymarket.md §9.4), so nobody needs to search for the next one.
"""

from __future__ import annotations

import re

from attrs import frozen

from actors.model.series_settings import SeriesSettings

_NAME = re.compile(r"([a-z0-9]+)-(?:updown|up-or-down)-(5|15)m")
_WINDOW = re.compile(r"([a-z0-9]+-updown-(5|15)m)-([0-9]{1,12})")


@frozen
class Window:
    """One window of a series, from `starts_at` to `ends_at` (epoch s)."""

    slug: str
    series: str
    starts_at: float
    ends_at: float

    def hours(self, settings: SeriesSettings) -> tuple[float, float]:
        """From when until when it is quoted: the ends of a window belong to whoever is faster."""
        return self.starts_at + settings.skip_first, self.ends_at - settings.skip_last


@frozen
class Series:
    """`name` is what the slug of every window begins with."""

    name: str
    duration: int

    def at(self, wall: float, number: int = 0) -> Window:
        """The window that runs at `wall`, or the `number`-th after it."""
        start = (int(wall // self.duration) + number) * self.duration
        return Window(f"{self.name}-{start}", self.name, float(start), float(start + self.duration))

    def wanted(self, wall: float, settings: SeriesSettings) -> tuple[Window, ...]:
        """What is to have a tree: the running window until it is no longer quoted, and the next one in time to be warm."""
        running, following = self.at(wall), self.at(wall, 1)
        current = (running,) if wall < running.hours(settings)[1] else ()
        soon = (following,) if wall >= running.ends_at - max(settings.skip_last, settings.warm) else ()
        return current + soon


def series_of(text: str) -> Series | None:
    """The series that a text names, by the slugs of its windows or by its own; None for anything else."""
    found = _NAME.fullmatch(text)
    return None if found is None else Series(f"{found[1]}-updown-{found[2]}m", int(found[2]) * 60)


def window_of(slug: str) -> Window | None:
    """The window with this slug; None for any other market."""
    found = _WINDOW.fullmatch(slug)
    if found is None:
        return None
    start = float(found[3])
    return Window(slug, found[1], start, start + int(found[2]) * 60)
