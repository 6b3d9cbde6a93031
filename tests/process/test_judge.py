"""The judge of the kills catches what it is there to catch: each sentence broken by hand in an otherwise good record."""

from __future__ import annotations

from attrs import evolve, frozen

from actors.model.numbers import PUSD
from tests.emulator.ledger_reader import Event
from tests.process.bot import ADDRESS, End
from tests.process.judge import Caps, Case, Life, Recorded, left, untrue

_MARKET: dict[str, object] = {"market": "0xc", "slug": "demo-cup", "tokens": ["1", "2"]}
_LIVES = (Life(10.0, 20.0), Life(30.0, 40.0))


@frozen
class Record:
    """An order of each life, both recorded, sent after the reads, and within the caps."""

    lines: tuple[tuple[float, str, dict[str, object]], ...]
    intents: tuple[Recorded, ...]

    def violations(self) -> list[str]:
        events = [Event(number, t, kind, line) for number, (t, kind, line) in enumerate(self.lines, 1)]
        return Case(events, self.intents, _LIVES, Caps(10 * PUSD, 10 * PUSD)).violations()


def order(name: str, size: str = "10") -> dict[str, object]:
    leg = {"market": "0xc", "token": "1", "side": "BUY", "price": "0.5", "size": size}
    return {"order": name, "address": ADDRESS, **leg}


def read(what: str) -> dict[str, object]:
    return {"fault": f"{what} demo-cup", "effect": "delay"}


def cancel(name: str) -> dict[str, object]:
    return {"order": name, "address": ADDRESS, "market": "0xc"}


GOOD = Record(
    (
        (1.0, "market", _MARKET),
        (11.0, "fault", read("orders")),
        (11.1, "fault", read("trades")),
        (12.0, "order", order("0xa")),
        (21.0, "cancel", cancel("0xa")),
        (31.0, "fault", read("orders")),
        (31.1, "fault", read("trades")),
        (32.0, "order", order("0xb")),
    ),
    (Recorded("0xa", 1_000_001, 1, 11.9), Recorded("0xb", 2_000_001, 1, 31.9)),
)


def changed(number: int, line: tuple[float, str, dict[str, object]]) -> Record:
    return evolve(GOOD, lines=(*GOOD.lines[:number], line, *GOOD.lines[number + 1 :]))


def test_a_good_record_is_left_alone() -> None:
    assert GOOD.violations() == []


def test_an_order_without_an_intent_is_found() -> None:
    (found,) = evolve(GOOD, intents=GOOD.intents[:1]).violations()
    assert "0xb has no intent" in found


def test_an_intent_that_is_younger_than_its_order_is_found() -> None:
    (found,) = evolve(GOOD, intents=(GOOD.intents[0], evolve(GOOD.intents[1], at=32.5))).violations()
    assert "younger" in found


def test_an_order_that_is_sent_as_new_twice_is_found() -> None:
    found = evolve(GOOD, lines=(*GOOD.lines, (33.0, "order", order("0xb")))).violations()
    assert "order 0xb was taken as new 2 times" in found


def test_a_key_that_repeats_after_a_restart_is_found() -> None:
    found = evolve(GOOD, intents=(GOOD.intents[0], evolve(GOOD.intents[1], generation=1_000_001))).violations()
    assert any("is in the journal 2 times" in violation for violation in found)
    assert any("keys of run 1 were used by lives {0, 1}" in violation for violation in found)


def test_an_order_before_the_reads_of_its_life_is_found() -> None:
    (found,) = changed(6, (32.1, "fault", read("trades"))).violations()
    assert "life 1 placed in demo-cup before" in found


def test_money_above_a_cap_is_found() -> None:
    found = changed(4, (21.0, "order", order("0xc", "20"))).violations()
    assert "all markets: 20.000000 pUSD were at risk, the cap is 10" in found


def test_an_exit_code_that_claims_too_much_is_found() -> None:
    events = [Event(number, t, kind, line) for number, (t, kind, line) in enumerate(GOOD.lines, 1)]
    assert "open at the exchange" in untrue(End(0, "", ""), events)
    assert "does not name" in untrue(End(3, "", ""), events)
    assert untrue(End(3, "0xb", ""), events) == ""
    assert "open at the exchange" in untrue(End(4, "", ""), events)


def test_only_shares_of_a_market_with_an_order_in_doubt_may_be_left() -> None:
    pairs: dict[str, object] = {"address": ADDRESS, "cash": "-12", "shares": {"1": "12", "2": "3"}}
    other: dict[str, object] = {"market": "0xd", "slug": "demo-oscar", "tokens": ["3", "4"]}
    lines = (("market", _MARKET), ("market", other), ("split", pairs))
    events = [Event(number, 1.0, kind, line) for number, (kind, line) in enumerate(lines, 1)]
    assert "held {'1': 12000000}" in left(events)
    assert "held {'1': 12000000}" in left(events, [Recorded("0xa", 1, 1, 0.0, "0xd")])
    assert left(events, [Recorded("0xa", 1, 1, 0.0, "0xc")]) == ""
