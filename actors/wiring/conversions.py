"""`merge`, `split` and `redeem` from the console: checked against what is held, then wished for, or shown as calls."""

from __future__ import annotations

from actors.model.conversion import Conversion, Kind, Spare, of_pairs, redemption
from actors.model.numbers import Size, format_cash, format_size, parse_size
from actors.shared.asides import Wish
from actors.shared.control import CommandRefused
from actors.wiring.settling import SETTLEMENT
from actors.wiring.spine import Spine

_BY_HAND = (
    "this wallet is a plain key, which sends its transactions itself (and pays their gas); it has to call, on Polygon:"
)
_NO_KEY = "a contract wallet's transactions are sent by the venue's relayer: put its key into .env, as RELAYER_API_KEY"
_UNHEARD = "The bot does not hear of it: until it is started anew with another journal, it counts the shares as before."


def convert(spine: Spine, kind: Kind, market: str, amount: object) -> dict[str, str]:
    """Have it done, or say how to. Raises CommandRefused."""
    spare = spine.board.last(Spare, market)
    if spare is None:
        raise CommandRefused(f"{market} has not been read from the venue yet: try again in a moment")
    wanted = (
        _redemption(spare) if kind is Kind.REDEEM else of_pairs(kind, "", spare.market, _size(kind, spare, amount), 0.0)
    )
    if spine.settling.ports.relay is None:
        return {"done": "\n".join([_BY_HAND, *_calls(spine, wanted, spare), _UNHEARD])}
    spine.mailboxes[SETTLEMENT].tell(Wish(kind, market, abs(wanted.yes)))
    what = "everything" if kind is Kind.REDEEM else f"{format_size(abs(wanted.yes))} pairs"
    return {
        "done": f"{kind.value} {what} of {market}, {format_cash(wanted.cash)} pUSD: `status --json` tells how it ends"
    }


def _calls(spine: Spine, wanted: Conversion, spare: Spare) -> list[str]:
    if spine.settling.ports.calls is None:
        raise CommandRefused(_NO_KEY)
    return [f"  {line}" for line in spine.settling.ports.calls(wanted, spare.market)]


def _redemption(spare: Spare) -> Conversion:
    market = spare.market
    if spare.pays is None:
        why = market.standing or "it is still traded"
        waits = "its last trades are not final yet, or nothing says what it pays" if market.resolved else why
        raise CommandRefused(f"{market.slug} cannot be redeemed now: {waits}")
    if not spare.yes and not spare.no:
        raise CommandRefused(f"nothing is held of {market.slug}")
    return redemption("", market, spare.yes, spare.no, spare.pays, 0.0)


def _size(kind: Kind, spare: Spare, amount: object) -> Size:
    try:
        size = parse_size(str(amount)) if amount is not None else spare.pairs
    except ValueError as problem:
        raise CommandRefused(f"AMOUNT: {problem}") from None
    market = spare.market.slug
    if kind is Kind.MERGE and size > spare.pairs:
        held = min(spare.held)
        raise CommandRefused(
            f"{format_size(spare.pairs)} of {format_size(held)} pairs of {market} are neither for sale nor unsettled: "
            f"merge fewer, or `pause {market}` first"
        )
    if size <= 0:
        raise CommandRefused(f"there is no idle pair of {market}" if kind is Kind.MERGE else "AMOUNT must be above 0")
    if kind is Kind.SPLIT and spare.market.standing:
        raise CommandRefused(f"{market} takes no more orders ({spare.market.standing}): do not split into it")
    return size
