"""Do the markets and tokens that a fault's filters name exist at this exchange? Reads listings, changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from attrs import field, frozen

from adapters.emulator.faults_where import meets
from adapters.emulator.listings import Listing, Listings


@frozen
class Listed:
    """What an exchange lists. `series` are the rolling ones: how the slugs of their windows begin, and the seconds
    between two windows; all that is known of a window before it is listed is its slug."""

    listings: Listings
    series: Mapping[str, int] = field(factory=dict)

    def problems(self, where: Mapping[str, object]) -> Iterator[str]:
        """One for each filter in `where` that can never find anything here."""
        market, token = where.get("market"), where.get("token")
        known = True
        if isinstance(market, str):
            known = self._is_market(market)
            if not known:
                yield self._no_market(market)
        if isinstance(token, str) and token.isdecimal():
            listing = self.listings.by_token.get(token)
            if listing is None:
                yield f"token must be yes, no or the id of a listed token, not {token!r}"
            elif isinstance(market, str) and known and not meets(market, _words(listing)):
                yield f"token {token!r} is of the market {listing.market.slug}, not of {market!r}"

    def _is_market(self, value: str) -> bool:
        return any(meets(value, _words(listing)) for listing in self.listings.all) or any(
            _may_come(value, beginning, seconds) for beginning, seconds in self.series.items()
        )

    def _no_market(self, value: str) -> str:
        slugs, windows = list(self.listings.by_slug), [f"{beginning}*" for beginning in self.series]
        close = get_close_matches(value, [*slugs, *windows], n=1)
        meant = f"; did you mean {close[0]}?" if close else ""
        return f"market must be a condition id or one of {', '.join([*slugs, *windows])}, not {value!r}{meant}"


def _may_come(value: str, beginning: str, seconds: int) -> bool:
    """Is it the slug of a window of the series, or the beginning of some?"""
    if value.endswith("*"):
        start = value[:-1]
        rest = start.removeprefix(beginning)
        return beginning.startswith(start) or (start.startswith(beginning) and rest.isdecimal())
    rest = value.removeprefix(beginning)
    return value.startswith(beginning) and rest.isdecimal() and int(rest) % seconds == 0


def _words(listing: Listing) -> tuple[str, str]:
    return listing.market.slug, listing.market.condition_id
