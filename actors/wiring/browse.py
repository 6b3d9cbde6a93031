"""What `markets` shows: the venue's listings and their ranking, read over the network. No key, no account, no order."""

from __future__ import annotations

import time
from collections.abc import Mapping

import trio
from attrs import frozen

from actors.model.listing import Listing
from actors.model.outcome import Unread
from actors.model.settings import Settings
from actors.model.validity import is_web
from actors.pricing.exclusive import Set
from actors.shared.choosing import Choice, choose
from actors.shared.sets import sets_of
from adapters.polymarket.catalogue import GammaCatalogue
from adapters.polymarket.public import RestPublic


class NoVenue(Exception):
    """There is no address to ask, or nobody answers there; says what to do."""


@frozen
class Browse:
    """Asks Gamma, and for books the order book; each at an address given, configured, or told by a running bot."""

    gamma_url: str
    clob_url: str | None

    @classmethod
    def at(cls, settings: Settings, gamma_url: str | None, clob_url: str | None, told: Mapping[str, str]) -> Browse:
        """What was asked for on the command line comes first. Raises NoVenue."""
        for given in (gamma_url, clob_url):
            if given is not None and not is_web(given):
                raise NoVenue(f"{given!r} is no address: write it like https://host/path")
        own = settings.venue if gamma_url is None else None
        if own is not None and own.gamma_url is not None:
            return cls(own.gamma_url, clob_url or own.clob_url)
        gamma = gamma_url or told.get("gamma")
        if gamma is None:
            raise NoVenue("no Gamma address known: start the demo, give --url, or set venue.gamma_url")
        return cls(gamma, clob_url or (told.get("exchange") if gamma_url is None else None))

    def busiest(self, most: int) -> tuple[Listing, ...]:
        """Open markets by volume. Raises NoVenue."""
        return trio.run(self._read, "", most)

    def search(self, words: str, most: int) -> tuple[Listing, ...]:
        """Open markets whose texts hold the words. Raises NoVenue."""
        return trio.run(self._read, words, most)

    def choice(self, settings: Settings) -> Choice:
        """The ranking. Raises NoVenue."""
        if self.clob_url is None:
            raise NoVenue("ranking reads order books: give their address with --clob-url")
        return trio.run(self._rank, self.clob_url, settings)

    def sets(self, event: str) -> tuple[Set, ...]:
        """What sets of a neg-risk event would earn. Raises NoVenue."""
        if self.clob_url is None:
            raise NoVenue("sets are summed up from order books: give their address with --clob-url")
        return trio.run(self._sets, self.clob_url, event)

    async def _sets(self, clob_url: str, event: str) -> tuple[Set, ...]:
        catalogue, public = GammaCatalogue.open(self.gamma_url), RestPublic.open(clob_url)
        found = await sets_of(catalogue, public, event, time.time())
        await catalogue.close()
        await public.close()
        if isinstance(found, Unread):
            raise NoVenue(found.why)
        return found

    async def _read(self, words: str, most: int) -> tuple[Listing, ...]:
        catalogue = GammaCatalogue.open(self.gamma_url)
        listed = await (catalogue.search(words, most) if words else catalogue.busiest(most))
        await catalogue.close()
        if isinstance(listed, Unread):
            raise NoVenue(f"{self.gamma_url}: {listed.why}")
        return listed

    async def _rank(self, clob_url: str, settings: Settings) -> Choice:
        catalogue, public = GammaCatalogue.open(self.gamma_url), RestPublic.open(clob_url)
        choice = await choose(catalogue, public, settings, time.time())
        await catalogue.close()
        await public.close()
        if isinstance(choice, Unread):
            raise NoVenue(choice.why)
        return choice
