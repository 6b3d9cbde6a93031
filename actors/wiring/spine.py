"""The spine: the shared actors and market trees of a run, and which of them an order needs. Starts nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from actors.kernel.ask import Desk
from actors.kernel.mailbox import Mailbox
from actors.kernel.supervisor import Child, Ready
from actors.market.tree import Tree
from actors.model.market import Market
from actors.shared.account import Proof, Prove
from actors.shared.admission import Admission
from actors.shared.board import Board
from actors.shared.journal import Answer, Question
from actors.shared.risk import Heeded
from actors.shared.roll import Roll
from actors.shared.skies import Skies
from actors.shared.speed import Speed
from actors.shared.switching import Switch, Switched
from actors.shared.tuning import Tuning
from actors.wiring.forest import Forest
from actors.wiring.settling import Settling

# Without any of these no new order leaves (I8). They start in this order; streams only after them.
CRITICAL = ("journal", "limiter", "risk", "budget", "gateway", "account", "heartbeat")
SERVICES = (*CRITICAL, "streams")
ORACLE = "oracle"  # only where spot prices are served; nothing waits for it
TRAIL = "audit"  # starts first and ends last, so that it hears everything; nothing waits for it, either
INCOME = "income"  # nothing waits for it
UNIVERSE = "universe"  # while it is down markets stay as they are
APPROVALS = "approvals"  # while it is down what needs an approval is refused


class Service(Protocol):
    """A shared actor: where it stands, and one life of it."""

    @property
    def rank(self) -> int: ...

    async def run(self, ready: Ready) -> None: ...


@frozen
class Spine:
    """What a run is made of; `services` in the order in which they start."""

    board: Board
    speed: Speed
    tuning: Tuning
    admission: Admission
    skies: Skies
    services: tuple[Child, ...]
    forest: Forest
    mailboxes: Mapping[str, Mailbox[object]]
    prove: Desk[Prove, Proof]
    journal: Desk[Question, Answer]
    risk: Desk[Heeded, None]
    universe: Desk[Switch, Switched]
    settling: Settling
    spot_symbols: tuple[str, ...] = ()

    @property
    def roll(self) -> Roll:
        return self.forest.soil.roll

    @property
    def trees(self) -> Mapping[str, Tree]:
        """Of now: markets come and go."""
        return self.forest.trees

    @property
    def markets(self) -> Mapping[str, Market]:
        """Of now, by slug."""
        return self.roll.markets
