"""The relayer: takes signed batches, sends one per wallet at a time, says what became of each (polymarket.md §1.8, §13).

Never touches a balance itself: the node mines. Times are an emulator choice, on the exchange's own clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import Enum
from random import Random
from typing import Any
from uuid import UUID

import trio
from attrs import define, field

from adapters.emulator.batches import Batch
from adapters.emulator.chain import Reverted
from adapters.emulator.node import Node
from adapters.emulator.refusal import Refused
from adapters.emulator.settlement import CONFIRMED_AFTER, MINED_AFTER

SENT_AFTER = 0.5  # seconds after the submit; mined and confirmed like a trade's settlement
MOST_PER_MINUTE = 25  # §12.1


class State(Enum):
    NEW = "STATE_NEW"
    EXECUTED = "STATE_EXECUTED"
    MINED = "STATE_MINED"
    CONFIRMED = "STATE_CONFIRMED"
    INVALID = "STATE_INVALID"
    FAILED = "STATE_FAILED"


@define(eq=False)
class Job:
    """One accepted batch; `envelope` as it came, `sender` whose key brought it (a builder's, or its owner's). INVALID was never sent, FAILED was mined and reverted."""

    id: str
    batch: Batch
    envelope: Mapping[str, Any]
    sender: str
    created_at: float
    updated_at: float
    state: State = State.NEW
    hash: str = ""
    problem: str = ""

    def concerns(self, address: str) -> bool:
        """Whose business it is: the wallet's owner and whoever sent it."""
        return address.lower() in (self.batch.owner.lower(), self.sender.lower())


@define(eq=False)
class Relayer:
    """Jobs by id, oldest first; `_by_digest` finds the one of a batch, `_busy` the wallets with one under way."""

    node: Node
    rng: Random
    jobs: dict[str, Job] = field(factory=dict)
    _by_digest: dict[bytes, Job] = field(factory=dict)
    _busy: set[str] = field(factory=set)
    _submits: deque[float] = field(factory=deque)

    def count(self) -> None:
        """Note one submit. Raises Refused 429 for more than 25 in a minute."""
        now = trio.current_time()
        while self._submits and self._submits[0] <= now - 60:
            self._submits.popleft()
        if len(self._submits) >= MOST_PER_MINUTE:
            wait = str(int(self._submits[0] + 60 - now) + 1)
            raise Refused(429, "Too Many Requests", headers=(("retry-after", wait),))
        self._submits.append(now)

    def submit(self, batch: Batch, envelope: Mapping[str, Any], sender: str) -> Job:
        """Accept a batch, or give back the job it already is (one that was never sent may come again).

        Raises Refused 400.
        """
        known = self._by_digest.get(batch.signed)
        if known is not None and known.state is not State.INVALID and batch.nonce is not None:
            return known
        self._check(batch)
        now = self.node.desk.exchange.wall()
        job = Job(str(UUID(int=self.rng.getrandbits(128), version=4)), batch, envelope, sender, now, now)
        self.jobs[job.id] = self._by_digest[batch.signed] = job
        self._busy.add(batch.wallet)
        self.node.desk.exchange.ledger.write("relay", relay=job.id, type=batch.kind, address=batch.wallet)
        self.node.after(SENT_AFTER, lambda: self._send(job))
        return job

    def _check(self, batch: Batch) -> None:
        if batch.wallet in self._busy:
            raise Refused(400, f"wallet busy: wallet {batch.wallet} has an active action")
        if batch.nonce is None:
            if self.node.is_deployed(batch.wallet):
                raise Refused(400, f"wallet {batch.wallet} is already deployed")
            return
        if batch.kind != "PROXY" and not self.node.is_deployed(batch.wallet):
            raise Refused(400, f"wallet {batch.wallet} is not deployed")
        if not batch.calls:
            raise Refused(400, "invalid payload: no calls")
        nonce = self.node.nonces[batch.wallet.lower()]
        if batch.nonce != nonce:
            raise Refused(400, f"batch nonce {batch.nonce} does not match on-chain nonce {nonce}")

    def _send(self, job: Job) -> None:
        """Simulate, then send; what cannot work never leaves."""
        late = 0 < job.batch.deadline < self.node.desk.exchange.wall()
        try:
            if late:
                raise Reverted("deadline has passed")
            self.node.rehearse(job.batch.wallet, job.batch.calls)
        except Reverted as reverted:
            self._busy.discard(job.batch.wallet)
            self._move(job, State.INVALID, f"execution reverted: {reverted}")
            return
        job.hash = f"0x{self.rng.getrandbits(256):064x}"
        self._move(job, State.EXECUTED)
        self.node.after(MINED_AFTER - SENT_AFTER, lambda: self._mine(job))

    def _mine(self, job: Job) -> None:
        batch, to = job.batch, str(job.envelope.get("to"))
        self._busy.discard(batch.wallet)
        if batch.nonce is None:
            self.node.create(batch.wallet, job.hash, to)
            self._settle(job, "")
            return
        if batch.kind == "PROXY":  # its factory makes a proxy with the first call
            self.node.deploy(batch.wallet)
        self._settle(job, self.node.mine(batch.wallet, batch.calls, job.hash, to).problem)

    def _settle(self, job: Job, problem: str) -> None:
        if problem:
            self._move(job, State.FAILED, f"execution reverted: {problem}")
            return
        self._move(job, State.MINED)
        self.node.after(CONFIRMED_AFTER, lambda: self._move(job, State.CONFIRMED))

    def _move(self, job: Job, state: State, problem: str = "") -> None:
        job.state, job.problem, job.updated_at = state, problem, self.node.desk.exchange.wall()
        self.node.desk.exchange.ledger.write("relayed", relay=job.id, state=state.value, hash=job.hash, problem=problem)
