"""The markets that were chosen: who gets a seat, who loses it, and what money each may tie up. Keeps nothing of its own."""

from __future__ import annotations

from collections.abc import Mapping

import trio
from attrs import evolve, frozen
from loguru import logger

from actors.model.market import Market
from actors.model.numbers import Cash, format_cash
from actors.model.tenure import Origin, Tenure
from actors.pricing.choice import Ranked
from actors.pricing.seats import Seat, reseat
from actors.shared.choosing import Choice
from actors.shared.portions import portions
from actors.shared.roll import Roll
from actors.shared.survey import Look
from actors.shared.tuning import Tuning
from actors.shared.woods import Woods


@frozen
class Seating:
    """Reads and writes the roll."""

    roll: Roll
    woods: Woods
    tuning: Tuning

    def look(self) -> Look:
        """What is known already, and what nobody is to choose: named ones, those switched off, those that rest."""
        known, others = set[str](), {tenure.condition_id for tenure in self.roll.away.values()}
        for slug, tenure in self.roll.tenures.items():
            choosable = slug in self.roll.seats or tenure.leaving
            (known if choosable else others).add(tenure.condition_id)
        now = trio.current_time()
        others |= {condition for condition, until in self.roll.resting.items() if now < until}
        return Look(frozenset(known - others), frozenset(others))

    def tend(self) -> None:
        """Leave what has ended, and divide the money anew."""
        for slug in list(self.roll.seats):
            if why := self.woods.over(slug):
                self._drop(slug, why)
        if self.roll.seats:
            self.roll.share(self._shares({}))

    def choose(self, choice: Choice, found: Mapping[str, Market]) -> None:
        """Change seats by a new ranking; `found` are markets that can be started, by condition id."""
        look, now, wanted = self.look(), trio.current_time(), self.tuning.settings.discover
        ranked = [one for one in choice.ranked if _condition(one) in {*look.known, *found} - look.others]
        scores = {_condition(one): one.by(wanted.score) for one in ranked}
        slugs = {market.condition_id: slug for slug, market in self.roll.markets.items()}
        for slug, seat in self.roll.seats.items():
            score = scores.get(self.roll.markets[slug].condition_id, seat.score)
            self.roll.seats[slug] = evolve(seat, score=score)
        seats = {self.roll.markets[slug].condition_id: seat for slug, seat in self.roll.seats.items()}
        change = reseat(seats, ranked, self.roll.resting, wanted, now)
        for condition, why in change.drop.items():
            self._drop(slugs[condition], why)
        for condition in change.join:
            self._join(condition, slugs.get(condition), found.get(condition), Seat(now, scores[condition]))

    def _drop(self, slug: str, why: str) -> None:
        now = trio.current_time()
        resting = {condition: until for condition, until in self.roll.resting.items() if now < until}
        self.roll.resting = {**resting, self.roll.markets[slug].condition_id: now + self.tuning.settings.discover.stay}
        self.roll.seats.pop(slug)
        logger.info("{}: left: {}", slug, why)
        self.woods.leave(slug, why)

    def _join(self, condition: str, slug: str | None, market: Market | None, seat: Seat) -> None:
        """Start a market, or go on with one that was being left, if there is money for it beside those that are there."""
        name = slug or (market.slug if market is not None else "")
        shares = self._shares({name: seat.score})
        if not all(shares.values()) or (slug is None and self.woods.runs(name)):
            return
        logger.info("discovered {}: it may tie up {} pUSD", name, format_cash(shares[name]))
        self.roll.share({slug: share for slug, share in shares.items() if slug != name})
        if slug is not None:
            self.roll.share(shares)
            self.woods.keep(slug, Origin.DISCOVERED)
        elif market is not None:
            self.woods.add(market, Tenure(name, condition, Origin.DISCOVERED), shares[name])
        self.roll.seats[name] = seat

    def _shares(self, more: Mapping[str, float]) -> dict[str, Cash]:
        scores = {slug: seat.score for slug, seat in self.roll.seats.items()} | dict(more)
        return portions(self.roll, scores, self.tuning.whole, self.woods.tied)  # a ramp counts its part of each


def _condition(one: Ranked) -> str:
    return one.candidate.listing.condition_id
