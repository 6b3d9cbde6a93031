"""Ports for tests that wire a spine without running it: touching any of them is a failure."""

from __future__ import annotations

from typing import NoReturn, cast

from actors.ports import JournalStore, MarketChannel, PublicData, Trading, TrailStore, UserChannel
from actors.wiring.venue import Ports


class Untouched:
    """Behind every port while nothing runs."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{name} was used while wiring")


def untouched_ports() -> Ports:
    """Ports that prove that building a spine starts nothing."""
    port = Untouched()
    return Ports(
        trading=cast(Trading, port),
        public=cast(PublicData, port),
        market_channel=cast(MarketChannel, port),
        user_channel=cast(UserChannel, port),
        journal=cast(JournalStore, port),
        wall=lambda: 1_763_628_000.0,
        trail=cast(TrailStore, port),
    )
