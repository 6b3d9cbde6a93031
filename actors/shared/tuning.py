"""The settings in force: a register, not a message, so that a change reaches every actor in one step.

Actors read it in the instant in which they decide. A message would reach one before the other, and an order already queued
behind it would leave by limits that are no longer wanted. One decision takes several steps, though (targets, verdict,
reservation, the gateway's last look); so the number of the settings that began it travels along, and the gateway lets no
order out whose number has passed. The settings are written by the reload alone, the part of them that counts by risk.
"""

from __future__ import annotations

from collections.abc import Collection

from attrs import define, field, frozen

from actors.kernel.mailbox import Mailbox
from actors.model.ramp import WHOLE, limited
from actors.model.settings import Settings


@frozen
class Tuned:
    """The settings were changed for the n-th time (state): decide anew."""

    number: int


@define(eq=False)
class Tuning:
    """`settings` are `part` percent of those of one reading of the configuration, the `whole`; `audience` is woken by a change."""

    settings: Settings
    audience: Collection[Mailbox[object]] = ()
    number: int = field(default=0, init=False)
    part: int = field(default=WHOLE, init=False)
    whole: Settings = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.whole = self.settings

    def swap(self, settings: Settings) -> None:
        """From here on everybody decides by these."""
        self.whole = settings
        self._count()

    def limit(self, part: int) -> None:
        """From here on only so many percent of the limits count."""
        if part != self.part:
            self.part = part
            self._count()

    def _count(self) -> None:
        self.settings = limited(self.whole, self.part)
        self.number += 1
        for mailbox in self.audience:
            mailbox.put(Tuned(self.number))
