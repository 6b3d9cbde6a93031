"""The gateway's errands for the universe: read the list of markets and rank it, look one market up. Decides nothing.

Each request takes its permit as all others do, page by page, so that a long list never stands in the way of a tracker's read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TypeVar

from attrs import frozen

from actors.kernel.ask import Desk
from actors.kernel.errands import Errands
from actors.kernel.mailbox import Mailbox
from actors.messages import BookSnapshot
from actors.model.listing import Listing
from actors.model.market import Market
from actors.model.outcome import Unread
from actors.model.rates import Call, Lane
from actors.ports import PublicData, WallClock
from actors.shared.choosing import Choice, choose, tradable
from actors.shared.limiter import Permit, permitted
from actors.shared.requests import BOOKS_A_REQUEST
from actors.shared.skies import Skies
from actors.shared.tuning import Tuning

A = TypeVar("A")

_LISTED_A_REQUEST = 100


@frozen
class Look:
    """Rank what the venue lists; answered by `Looked` (fact). Condition ids: `known` need no description, of `others` nothing
    is wanted."""

    known: frozenset[str]
    others: frozenset[str]


@frozen
class Looked:
    """The ranking, and by condition id those of the best that were not known and can be traded (fact)."""

    choice: Choice | Unread
    markets: Mapping[str, Market]


@frozen
class Describe:
    """Look a market up by name; answered by `Described` (fact)."""

    name: str


@frozen
class Described:
    """What goes by the name (fact)."""

    name: str
    found: tuple[Market, ...] | Unread


@frozen
class Paced:
    """The public side of the venue, within the limits. Implements what choosing reads of `ports.PublicData`."""

    public: PublicData
    permits: Desk[Permit, float]
    skies: Skies

    async def busiest(self, most: int) -> tuple[Listing, ...] | Unread:
        for _ in range(ceil(most / _LISTED_A_REQUEST)):
            await permitted(self.permits, Permit(Call.LISTING))
        return self._heard(await self.public.busiest(most))

    async def books(self, tokens: Sequence[str]) -> tuple[BookSnapshot, ...] | Unread:
        for _ in range(ceil(len(tokens) / BOOKS_A_REQUEST)):
            await permitted(self.permits, Permit(Call.BOOKS))
        return self._heard(await self.public.books(tokens))

    async def find(self, names: Sequence[str]) -> tuple[Market, ...] | Unread:
        await permitted(self.permits, Permit(Call.LISTING, len(names)))
        await permitted(self.permits, Permit(Call.TERMS, len(names)))
        return self._heard(await self.public.find(names))

    def _heard(self, answer: A | Unread) -> A | Unread:
        self.skies.slowed(answer, Lane.READS)
        return answer


@frozen
class Survey:
    """Answers go to `universe`, and so does a failure that nobody foresaw: no list may cost the gateway its life."""

    errands: Errands
    paced: Paced
    tuning: Tuning
    universe: Mailbox[object]
    wall: WallClock

    def start(self, letter: Look | Describe) -> None:
        """As a request that nobody cancels."""
        if isinstance(letter, Look):
            self.errands.start(self.look, letter)
        else:
            self.errands.start(self.describe, letter)

    async def look(self, asked: Look) -> None:
        settings = self.tuning.settings
        choice = await choose(self.paced, self.paced, settings, self.wall())
        found: dict[str, Market] = {}
        places = settings.discover.max_markets
        for ranked in choice.ranked if isinstance(choice, Choice) else ():
            condition = ranked.candidate.listing.condition_id
            if places == 0:
                break
            if condition in asked.others:
                continue
            if condition not in asked.known:
                market = await tradable(self.paced, condition, self.wall())
                if market is None:
                    continue
                found[condition] = market
            places -= 1
        self.universe.tell(Looked(choice, found))

    async def describe(self, asked: Describe) -> None:
        self.universe.tell(Described(asked.name, await self.paced.find((asked.name,))))
