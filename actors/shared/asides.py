"""What settlement and a market's tracker tell each other: nothing is converted that its tracker has not set aside."""

from __future__ import annotations

from attrs import frozen

from actors.model.conversion import Conversion, Kind, Spare


@frozen
class SetAside:
    """A tracker is to set a conversion's shares or cash aside (fact); answered by `Aside` or `NotAside`."""

    conversion: Conversion


@frozen
class Aside:
    """The tracker of this generation counts the conversion as under way (fact); `terms` say which market it is of."""

    conversion: Conversion
    spare: Spare
    generation: int


@frozen
class NotAside:
    """The tracker cannot spare that (fact)."""

    conversion: Conversion
    why: str


@frozen
class Only:
    """These conversions are under way and no others: the rest was never sent (fact)."""

    keys: frozenset[str]


@frozen
class Wish:
    """Somebody wants pairs merged or made, or a market redeemed (fact). `size` is ignored for a redemption."""

    kind: Kind
    market: str
    size: int = 0
