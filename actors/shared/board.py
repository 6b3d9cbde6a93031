"""The board: the last state of everything, for people and for the shutdown. Written by all, owned by nobody, asks nobody.

It is a register, not an actor: `status` must answer while every actor is stuck.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

import trio
from attrs import define, field

S = TypeVar("S")


@define(eq=False)
class Board:
    """States by type and subject; only the newest of each."""

    _states: dict[tuple[type, Hashable], object] = field(factory=dict, repr=False)
    _changed: trio.Event = field(factory=trio.Event, repr=False)

    def put(self, state: object, about: Hashable = None) -> None:
        """Post a state, replacing the one of the same type and subject."""
        self._states[type(state), about] = state
        self._changed.set()

    def forget(self, about: Hashable) -> None:
        """Drop every state about a subject that is gone."""
        for slot in [slot for slot in self._states if slot[1] == about]:
            del self._states[slot]
        self._changed.set()

    def last(self, kind: type[S], about: Hashable = None) -> S | None:
        """The newest state of a type about a subject."""
        state = self._states.get((kind, about))
        return state if isinstance(state, kind) else None

    def all(self, kind: type[S]) -> tuple[S, ...]:
        """The newest states of a type, about whatever."""
        return tuple(state for state in self._states.values() if isinstance(state, kind))

    async def change(self) -> None:
        """Wait until something is posted after this call."""
        if self._changed.is_set():
            self._changed = trio.Event()
        await self._changed.wait()
