"""What a text that names a market means: slug, id, or an address of the venue's website. Asks nobody, guesses nothing.

Whether there is such a market only the venue can say; a name matches exactly or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import Attribute, frozen

from actors.model.listing import condition_id_of
from actors.model.market import Market
from actors.model.series import series_of, window_of
from actors.model.validity import not_blank

_SITES = ("polymarket.com", "www.polymarket.com")
_LANGUAGE = re.compile(r"[a-z]{2}(-[a-z]{2,4})?")
_LONGEST_GAMMA_ID = 15  # digits: Gamma counts its markets, token ids are 256-bit numbers of about 77 digits
_WANTED = "must be a slug, an id, or an address like https://polymarket.com/event/NAME"


class Kind(Enum):
    """By what a market is looked up."""

    SLUG = "slug"
    CONDITION = "condition id"
    TOKEN = "token id"
    GAMMA_ID = "Gamma id"
    EVENT = "event"
    SERIES = "series"


@frozen
class Name:
    """A name of a market: `value` is the slug, id or event slug. A market named below its event must belong to `event`.

    A series calls each of its windows; which of them is meant depends on the time.
    """

    text: str
    kind: Kind
    value: str
    event: str = ""

    def calls(self, market: Market) -> bool:
        """Whether it is a name of this market."""
        match self.kind:
            case Kind.SLUG:
                return market.slug == self.value and (not self.event or market.event_slug in (self.event, ""))
            case Kind.CONDITION:
                return condition_id_of(market.condition_id) == self.value
            case Kind.TOKEN:
                return self.value in market.tokens
            case Kind.GAMMA_ID:
                return market.gamma_id == self.value
            case Kind.EVENT:
                return market.event_slug == self.value
            case Kind.SERIES:
                return (window := window_of(market.slug)) is not None and window.series == self.value


def name_of(text: str) -> Name:
    """What `text` names. Raises ValueError for an address that leads to no event or market."""
    text = text.strip()
    if "/" in text:
        return _address(text)
    if condition := condition_id_of(text):
        return Name(text, Kind.CONDITION, condition)
    if text.isascii() and text.isdigit():
        return Name(text, Kind.GAMMA_ID if len(text) <= _LONGEST_GAMMA_ID else Kind.TOKEN, text)
    if (series := series_of(text)) is not None:
        return Name(text, Kind.SERIES, series.name)
    return Name(text, Kind.SLUG, text)


def called(text: str, markets: Iterable[Market]) -> tuple[Market, ...]:
    """Those of `markets` that `text` names: more than one only for the address of an event."""
    name = name_of(text)
    return tuple(market for market in markets if name.calls(market))


def market_name(instance: object, attribute: Attribute[Any], value: str) -> None:
    """The validator of a market's name in the settings."""
    not_blank(instance, attribute, value)
    name_of(value)


def _address(text: str) -> Name:
    """Of `/event/EVENT`, `/event/EVENT/MARKET` and `/market/MARKET`; `?tid=` and the like say whence the click came."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        raise ValueError(_WANTED) from None
    path = [unquote(part) for part in parts.path.split("/") if part]
    if path and _LANGUAGE.fullmatch(path[0]):
        del path[0]
    if parts.scheme in ("https", "http") and parts.hostname in _SITES:
        match path:
            case ["event", event]:
                return Name(text, Kind.EVENT, event)
            case ["event", event, market]:
                return Name(text, Kind.SLUG, market, event)
            case ["market", market]:
                return Name(text, Kind.SLUG, market)
    raise ValueError(_WANTED)
