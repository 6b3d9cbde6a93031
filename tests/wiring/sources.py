"""Where a configuration comes from, for runs that have none but their settings."""

from __future__ import annotations

from pathlib import Path

from actors.config import Loaded
from actors.model.settings import Settings
from actors.wiring.reload import Sources


def unread(settings: Settings) -> Sources:
    """These settings, from a file that does not exist."""
    return Sources(Path("nowhere.yaml"), {}, (), Loaded(settings, {}), as_read, inline=True)


def as_read(loaded: Loaded) -> Settings:
    """Nothing is made of it."""
    return loaded.settings


def unheard(level: str) -> None:
    """Nobody logs."""
