"""Who waits for tokens, in order: first come, first served, but the patient after all others. Owns no clock and no tokens.

Without it all who were refused came back for the same token: a hundred of them took the processor with their questions, and
one who needed many tokens at once never got them, for those who needed one were always sooner.
"""

from __future__ import annotations

from attrs import define, evolve, field, frozen

_LATE = 1.0  # s after its time for which a place is kept: an errand may have died, and a busy loop is late


@frozen
class _Place:
    """`until` is when its holder comes again, for so many tokens; without an `asker` nobody does."""

    asker: object | None
    tokens: int
    patient: bool
    until: float


@define(eq=False)
class Line:
    """Askers are compared by identity."""

    _places: list[_Place] = field(factory=list)

    def ahead(self, asker: object | None, patient: bool, now: float) -> int:
        """Tokens that those before this asker wait for; one that is not in the line comes last of its kind."""
        self._places = [place for place in self._places if place.until + (_LATE if place.asker else 0.0) > now]
        tokens, before = 0, True
        for place in self._places:
            if asker is not None and place.asker is asker:
                before = False
            elif place.asker is not None and (before if place.patient is patient else patient):
                tokens += place.tokens
        return tokens

    def stay(self, asker: object | None, tokens: int, patient: bool, until: float) -> None:
        """Keep one's place, or take the last."""
        for number, held in enumerate(self._places):
            if asker is not None and held.asker is asker:
                self._places[number] = evolve(held, tokens=tokens, until=until)
                return
        self._places.append(_Place(asker, tokens, patient, until))

    def leave(self, asker: object | None) -> None:
        """It has been served."""
        if asker is not None:
            self._places = [place for place in self._places if place.asker is not asker]

    def waiting(self, now: float) -> int:
        """How many will come again, or would."""
        return sum(place.until > now for place in self._places)
