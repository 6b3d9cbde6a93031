"""The roll: which markets the run has, why, and who of each is to hear what. A register, not messages; one owner writes it.

Markets come and go while the bot runs. Whoever looks a market up finds it or does not, in one step with everybody else;
a message would reach one actor before the other, and one that was lost would leave an actor with a market that is gone.
What is told to a market that has gone is told to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from actors.kernel.mailbox import Mailbox
from actors.model.market import Market, Outcome
from actors.model.numbers import Cash
from actors.model.series import Series
from actors.model.tenure import Tenure
from actors.pricing.seats import Seat
from actors.shared.stakes import Group

Boxes = dict[str, Mailbox[object]]


@frozen
class Called:
    """The roll has changed for the n-th time (state): look at it anew."""

    number: int


@frozen
class Entry:
    """A market, the mailboxes of its actors, what its money adds up with, and what of it is its own, if anything."""

    market: Market
    feed: Mailbox[object]
    quoter: Mailbox[object]
    tracker: Mailbox[object]
    group: Group
    cap: Cash | None = None


@define(eq=False)
class Roll:
    """By slug, but for `of_condition` (trackers), `of_token` (feeds) and `outcomes` (by token). `listeners` hear of changes.

    `caps` are what single markets may tie up, once a ramp is over; `seats` those that were chosen, `resting` until when one that was dropped is
    not chosen again, `away` what a person has switched off, `series` those that roll on by themselves. Once it is `frozen`
    the run ends, and its markets are those of that moment.
    """

    listeners: tuple[Mailbox[object], ...] = ()
    markets: dict[str, Market] = field(factory=dict)
    feeds: Boxes = field(factory=dict)
    quoters: Boxes = field(factory=dict)
    trackers: Boxes = field(factory=dict)
    of_condition: Boxes = field(factory=dict)
    of_token: Boxes = field(factory=dict)
    outcomes: dict[str, str] = field(factory=dict)
    audience: dict[str, tuple[Mailbox[object], ...]] = field(factory=dict)
    groups: dict[str, Group] = field(factory=dict)
    caps: dict[str, Cash] = field(factory=dict)
    tenures: dict[str, Tenure] = field(factory=dict)
    seats: dict[str, Seat] = field(factory=dict)
    resting: dict[str, float] = field(factory=dict)
    away: dict[str, Tenure] = field(factory=dict)
    series: dict[str, Series] = field(factory=dict)
    frozen: bool = False
    _number: int = 0

    def enter(self, entry: Entry, tenure: Tenure) -> None:
        """From here on the run has this market."""
        slug, market = entry.market.slug, entry.market
        self.markets[slug], self.tenures[slug], self.groups[slug] = market, tenure, entry.group
        self.feeds[slug], self.quoters[slug], self.trackers[slug] = entry.feed, entry.quoter, entry.tracker
        self.of_condition[market.condition_id] = entry.tracker
        self.of_token |= dict.fromkeys(market.tokens, entry.feed)
        self.outcomes |= {market.token(outcome): outcome.value for outcome in Outcome}
        self.audience[slug] = (entry.quoter, entry.tracker)
        if entry.cap is not None:
            self.caps[slug] = entry.cap
        self._call()

    def strike(self, slug: str) -> Tenure:
        """The run is done with this market; how it stood."""
        market = self.markets.pop(slug)
        by_slug: tuple[dict[str, object], ...] = (
            self.feeds,  # type: ignore[assignment]
            self.quoters,
            self.trackers,
            self.audience,
            self.groups,
            self.caps,
            self.seats,
        )
        for each in by_slug:
            each.pop(slug, None)
        self.of_condition.pop(market.condition_id, None)
        for token in market.tokens:
            self.of_token.pop(token, None)
            self.outcomes.pop(token, None)
        tenure = self.tenures.pop(slug)
        self._call()
        return tenure

    def stand(self, tenure: Tenure) -> None:
        """How a market of the run stands from now on."""
        self.tenures[tenure.market] = tenure

    def share(self, caps: Mapping[str, Cash]) -> None:
        """Divide the money of chosen markets anew, in one step."""
        self.caps |= caps

    def traded(self) -> Sequence[Tenure]:
        """Those that are not being left."""
        return [tenure for tenure in self.tenures.values() if not tenure.leaving]

    def _call(self) -> None:
        self._number += 1
        for listener in self.listeners:
            listener.put(Called(self._number))
