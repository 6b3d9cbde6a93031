"""Orders that wait for a person's word, by what they are: market, outcome, side, price and size. Pure; times are trio's.

Nothing is held here that could leave late. A proposal lives as long as its tracker goes on wanting exactly this order, and an
approval lets the tracker's next try pass, with the book and the lease of that moment. Where the market has moved on, there is
no next try, and the approval lapses.
"""

from __future__ import annotations

from attrs import define, evolve, field, frozen

from actors.model.quote import Quote
from actors.model.reason import Reason, Refusal

WANTED_WITHIN = 3.0  # s without another try of its tracker (one a second) after which an order is no longer wanted
_GRANTED_FOR = 3.0  # s in which the tracker has to come for an order that was approved


@frozen
class Proposal:
    """An order that waits for a word until `until`; `number` names it, and `wanted_at` is its tracker's last try."""

    number: int
    market: str
    quote: Quote
    since: float
    until: float
    wanted_at: float


@frozen
class End:
    """How a proposal, or the approval that it got, has ended."""

    proposal: Proposal
    how: str


@define(eq=False)
class Docket:
    """`waiting` by what is proposed, the oldest first."""

    waiting: dict[tuple[str, Quote], Proposal] = field(factory=dict)
    _granted: dict[tuple[str, Quote], tuple[Proposal, float]] = field(factory=dict)
    _rejected: dict[tuple[str, Quote], float] = field(factory=dict)
    _numbers: int = 0

    def propose(self, market: str, quote: Quote, now: float, timeout: float) -> Refusal | None:
        """None if it has been approved and comes in time, once; else why not."""
        what = (market, quote)
        if self._rejected.get(what, now) > now:
            return Refusal(Reason.NOT_APPROVED)
        if what in self._granted and self._granted.pop(what)[1] >= now:
            return None
        proposal = self.waiting.get(what)
        if proposal is None:
            self._numbers += 1
            proposal = Proposal(self._numbers, market, quote, now, now + timeout, now)
        self.waiting[what] = evolve(proposal, wanted_at=now)
        return Refusal(Reason.AWAITING_APPROVAL, (("proposal", str(proposal.number)),))

    def decide(self, number: int, now: float, *, approve: bool, pause: float) -> End | None:
        """A person's word; None if nothing of this number waits any more. A rejected order is not proposed for `pause` s."""
        what = next((what for what, proposal in self.waiting.items() if proposal.number == number), None)
        if what is None:
            return None
        proposal = self.waiting.pop(what)
        if approve:
            self._granted[what] = (proposal, now + _GRANTED_FOR)
        else:
            self._rejected[what] = now + pause
        return End(proposal, "approved" if approve else "rejected")

    def lapse(self, now: float, pause: float) -> list[End]:
        """Strike out what time has ended: no answer, no longer wanted, approved and not come for."""
        ends: list[End] = []
        for what, proposal in list(self.waiting.items()):
            if now >= proposal.until:
                self._rejected[what] = now + pause
                ends.append(End(proposal, "rejected: nobody has answered in time"))
            elif now > proposal.wanted_at + WANTED_WITHIN:
                ends.append(End(proposal, "withdrawn: it is no longer wanted"))
        for end in ends:
            del self.waiting[end.proposal.market, end.proposal.quote]
        late = [what for what, (_, until) in self._granted.items() if now > until]
        ends += [End(self._granted.pop(what)[0], "lapsed: approved when it was no longer wanted") for what in late]
        self._rejected = {what: until for what, until in self._rejected.items() if until > now}
        return ends

    @property
    def next_lapse(self) -> float:
        """When `lapse` may next have something to do."""
        waits = [min(p.until, p.wanted_at + WANTED_WITHIN + 0.01) for p in self.waiting.values()]
        return min([*waits, *(until + 0.01 for _, until in self._granted.values())], default=float("inf"))
