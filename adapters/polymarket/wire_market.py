"""Market descriptions: the full object gives names and state, the compact one tick, sizes, fees and neg-risk.

A field that is missing, odd or told differently by the two is refused by name, never guessed (polymarket.md §1.2,
§1.3). Every function raises ValueError only.
"""

from __future__ import annotations

import msgspec

from actors.model.listing import Listing, Stage, Version, condition_id_of
from actors.model.market import Market, Outcome, turned
from actors.model.numbers import PRICE_ONE, Price, Size, parse_price
from adapters.polymarket.eip712 import is_position_id, token_number
from adapters.polymarket.wire import Number, Unreadable, decode, epoch_seconds, named, size_of
from adapters.polymarket.wire_terms import CompactFee, fees_of, rewards_of

TICKS = frozenset({1000, 100, 50, 25, 10, 1})
# Orders would be signed for one of two exchanges: until the descriptions agree such a market is not quoted, and is no
# reason to leave the others alone (reliability.md F19).
_CONTRADICTED = "told to be neg-risk and not to be"
_CLOSED = "closed"
_NOTHING = msgspec.Raw()
_HALVES = (Price(PRICE_ONE // 2), Price(PRICE_ONE // 2))


class WireToken(msgspec.Struct):
    token_id: str
    outcome: str = ""
    winner: bool = False


class FullMarket(msgspec.Struct):
    """`/markets` and `/markets/{condition_id}`; which token stands for YES its label says."""

    condition_id: str
    market_slug: str
    active: bool
    closed: bool
    accepting_orders: bool
    enable_order_book: bool
    tokens: list[WireToken]
    neg_risk: bool = False
    end_date_iso: str | None = None
    rewards: msgspec.Raw = _NOTHING

    @property
    def takes_orders(self) -> bool:
        """`closed` can coexist with `accepting_orders`, so all four count (§1.2)."""
        return self.active and not self.closed and self.accepting_orders and self.enable_order_book

    @property
    def sides(self) -> list[WireToken]:
        """Its tokens, that of YES first."""
        if len(self.tokens) == 2 and turned((self.tokens[0].outcome, self.tokens[1].outcome)):
            return self.tokens[::-1]
        return self.tokens

    @property
    def won(self) -> Outcome | None:
        """The side that is marked as winner."""
        return next((side for side, token in zip(Outcome, self.sides, strict=False) if token.winner), None)

    @property
    def standing(self) -> str:
        """Why it takes no orders, as far as this description tells."""
        if any(token.winner for token in self.tokens):
            return Stage.RESOLVED.value
        return _CLOSED if self.closed and not self.takes_orders else ""


class CompactToken(msgspec.Struct):
    t: str
    o: str = ""


class CompactMarket(msgspec.Struct):
    """`/clob-markets/{condition_id}`: a missing key means false or absent; no `fd` means no fee."""

    c: str
    t: list[CompactToken]
    mts: Number
    mos: Number
    ao: bool = False
    nr: bool = False
    fd: CompactFee | None = None
    r: msgspec.Raw = _NOTHING


def full_market(body: bytes | msgspec.Raw) -> FullMarket:
    return decode(body, FullMarket)


def compact_market(body: bytes | msgspec.Raw) -> CompactMarket:
    return decode(body, CompactMarket)


def market_of(full: FullMarket, compact: CompactMarket) -> Market:
    """The market both descriptions agree on. Raises Unreadable naming the field that is wrong."""
    if compact.c.lower() != full.condition_id.lower():
        raise Unreadable(f"c: the descriptions are of conditions {full.condition_id[:70]} and {compact.c[:70]}")
    tokens = [token.token_id for token in full.tokens]
    if len(tokens) != 2 or tokens[0] == tokens[1] or [token.t for token in compact.t] != tokens:
        raise Unreadable(f"tokens: not the same two in both descriptions ({len(tokens)} and {len(compact.t)})")
    _check_labels({token.token_id: token.outcome for token in full.tokens}, compact.t)
    for token in tokens:
        if is_position_id(token_number(token)):
            raise Unreadable(
                f"token_id: {token} is a Protocol V2 position id: set venue.gamma_url, which must confirm it"
            )
    return Market(
        slug=full.market_slug,
        condition_id=full.condition_id,
        yes=full.sides[0].token_id,
        no=full.sides[1].token_id,
        tick=_tick(compact.mts),
        min_size=_min_size(compact.mos),
        neg_risk=compact.nr,
        fees=fees_of(compact.fd),
        rewards=rewards_of(compact.r, full.rewards),
        accepting=full.takes_orders,
        ends_at=epoch_seconds("end_date_iso", full.end_date_iso) if full.end_date_iso else None,
        standing=full.standing or (_CONTRADICTED if full.neg_risk != compact.nr else ""),
        won=full.won,
    )


def listed_market(listing: Listing, compact: CompactMarket) -> Market:
    """The market that Gamma names and the order book confirms; tick, size, fee and acceptance are the book's.

    Raises Unreadable naming the field on which they disagree, first of all the protocol version (§3.4).
    """
    if condition_id_of(compact.c) != listing.condition_id:
        raise Unreadable(f"c: Gamma tells of condition {listing.condition_id}, the order book of {compact.c[:70]}")
    if listing.tokens is None:
        raise Unreadable("clobTokenIds: none yet, the venue is still listing this market: try again in a few minutes")
    _check_version(listing.version, listing.tokens, listing.condition_id)
    _check_tokens(listing.tokens, listing.labels, compact.t)
    contradicted = listing.version is Version.V1 and listing.neg_risk != compact.nr
    return Market(
        slug=listing.slug,
        condition_id=listing.condition_id,
        yes=listing.tokens[0],
        no=listing.tokens[1],
        tick=_tick(compact.mts),
        min_size=_min_size(compact.mos),
        neg_risk=listing.neg_risk,
        fees=fees_of(compact.fd, listing),
        rewards=rewards_of(compact.r, listing.rewards),
        accepting=compact.ao and listing.open,
        ends_at=listing.ends_at,
        standing=_standing(listing) or (_CONTRADICTED if contradicted else ""),
        won=listing.winner,
        gamma_id=listing.gamma_id,
        event_slug=listing.event.slug if listing.event else "",
        halves=listing.payouts == _HALVES,
        averaging=listing.averaging,
    )


def _standing(listing: Listing) -> str:
    """Gamma tells how far the resolution has come; a market may well take orders while its outcome is proposed."""
    return listing.stage.value if listing.stage is not Stage.OPEN else _CLOSED if listing.closed else ""


def _check_version(version: Version, tokens: tuple[str, str], condition_id: str) -> None:
    """Both tests must agree, or orders would be signed for the wrong exchange; V2 ids also hold their condition."""
    for index, token in enumerate(tokens):
        number = token_number(token)
        told = Version.V2 if is_position_id(number) else Version.V1
        if told is not version:
            raise Unreadable(f"version: Gamma says {version.value}, the bits of {token} say {told.value}: not traded")
        if version is Version.V2 and number != int(condition_id, 16) | index:
            raise Unreadable(f"positionIds: {token} is not outcome {index} of condition {condition_id}")


def _check_tokens(tokens: tuple[str, str], labels: tuple[str, str], book: list[CompactToken]) -> None:
    """The same two, in whatever order, under the same labels: which one is YES is never guessed."""
    if len(book) != 2 or {token.t for token in book} != set(tokens):
        raise Unreadable(f"tokens: not the same two at Gamma and at the order book ({len(book)} there)")
    _check_labels(dict(zip(tokens, labels, strict=True)), book)


def _check_labels(told: dict[str, str], book: list[CompactToken]) -> None:
    """A token has one label, whoever is asked; one that is not told contradicts nothing."""
    for token in book:
        if token.o and told[token.t] and token.o != told[token.t]:
            raise Unreadable(f"outcomes: {token.t} is called {told[token.t]!r:.40}, by the order book {token.o!r:.40}")


def _tick(value: Number) -> Price:
    tick = named("mts", parse_price, value)
    if tick not in TICKS:
        raise Unreadable(f"mts: {value!r:.40} is no tick size of the venue")
    return tick


def _min_size(value: Number) -> Size:
    size = size_of("mos", value)
    if size <= 0:
        raise Unreadable(f"mos: {value!r:.40} is no minimum size")
    return size
