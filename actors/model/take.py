"""Takes: orders that trade at once or not at all, what a strategy asks for and what became of it. Values only.

A take is acted on once: its number is the one that the tracker expects next, and is used up whatever comes of it. So a
decision may be repeated, and whoever dies between two takes repeats none.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

from attrs import frozen

from actors.model.market import Outcome, Side
from actors.model.numbers import Cash, Price, Size
from actors.model.reason import Refusal

Now = Literal["FOK", "FAK"]


@frozen
class Take:
    """`size` of an outcome's token at `price` or better: all of it at once (FOK), or what there is (FAK).

    `asks` says when a person is to approve it: always, never, or in live mode. `approval.orders: all` asks of every order.
    """

    number: int
    outcome: Outcome
    side: Side
    price: Price
    size: Size
    life: Now = "FOK"
    asks: str = "never"


class Stage(Enum):
    """How far a take has got. What is `OPEN` may still trade: also when nobody knows what became of it."""

    OPEN = "open"
    OVER = "over"
    REFUSED = "refused"


@frozen
class Taken:
    """What became of a take. `size` and `cash` are what its trades moved, `fees` what they cost, all of them 0 or more.

    `why` says what refused it, here or at the venue.
    """

    take: Take
    stage: Stage
    size: Size = Size(0)
    cash: Cash = Cash(0)
    fees: Cash = Cash(0)
    why: Refusal | None = None


@frozen
class Takes:
    """What a tracker knows of its market's takes (state): the next one's number, and the last of this life, oldest first.

    `busy` while anything of ours may trade that is not resting as it should: a take, or an order of unknown fate, of this
    life or an earlier one. A strategy that must not trade twice waits until it is over; then the position tells the truth.
    `tried` counts those of this life that are over or refused.
    """

    next: int = 0
    busy: bool = True
    tried: int = 0
    last: tuple[Taken, ...] = ()

    def of(self, number: int) -> Taken | None:
        """What became of a take; None if this life of the tracker has not acted on it, or long ago."""
        return next((taken for taken in self.last if taken.take.number == number), None)
