"""Claims about secrets in what lasts or leaves: the journal, answers of the control socket, and the end of a crash."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NoReturn

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger

from actors.model.order import Key
from actors.model.settings import ControlSettings, MarketSettings, Settings
from actors.model.trading import Standing, Trading
from actors.records import Intent, Note, Row
from actors.shared.control import cleaned
from actors.wiring.discreet import Discreet, DiscreetTrail
from actors.wiring.places import places
from actors.wiring.start import Start
from adapters.logs import Redactor
from adapters.sqlite import SqliteJournal
from tests.adapters.polymarket.samples import SECRET
from tests.wiring.links import MemoryTrail
from tests.wiring.sources import unread

PASSPHRASE = "battery-horse"


@define
class Reasons:
    """A redactor that knows the key and a passphrase."""

    redactor: Redactor = field(factory=Redactor)

    def __attrs_post_init__(self) -> None:
        for secret in (SECRET, PASSPHRASE, "123456"):
            self.redactor.add(secret)

    def clean(self, text: str) -> str:
        return self.redactor.clean(text)


async def test_no_reason_and_no_word_of_the_venue_brings_a_secret_into_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    store = Discreet(await SqliteJournal.open(path, inline=True), Reasons().clean)
    order = Intent(Key(1, 2), "0x123456", "demo-cup", "0xab", "7", "BUY", 5000, 1, b'{"salt":123456}', 0.0)
    rows: list[Row] = [
        order,
        Note("rejected", "demo-cup", f"the venue says {SECRET}", 0.0),
        Note("command", "", json.dumps({"reason": PASSPHRASE}), 0.0),
        Standing("demo-cup", Trading.SAFE, f"looks wrong {SECRET[2:]}", 1.0),
    ]
    await store.commit(rows)
    assert await store.intents() == (order,)
    assert (await store.memory()).standings["demo-cup"].why == "looks wrong ***"
    await store.commit([Note("closed", "demo-cup", order.order_id, 0.0)])
    assert await store.intents() == ()  # its id is an id, whatever it holds
    await store.close()
    assert not [secret for secret in (SECRET[2:], PASSPHRASE) if secret in content(tmp_path)]


async def test_no_row_of_the_audit_trail_holds_a_secret() -> None:
    store = MemoryTrail()
    rows = [{"why": f"the venue says {SECRET}"}, {"args": {"reason": json.dumps(PASSPHRASE)}}]
    await DiscreetTrail(store, Reasons().clean).append([json.dumps(row) for row in rows])
    assert [list(row.values()) for row in store.rows()] == [["the venue says ***"], [{"reason": '"***"'}]]


def content(folder: Path) -> str:
    return "".join(file.read_bytes().decode("latin-1") for file in folder.iterdir())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda e: st.lists(e) | st.dictionaries(st.text(), e)
)


@given(JSON)
def test_an_answer_without_secrets_is_left_as_it_is(answer: object) -> None:
    assert cleaned(answer, Redactor().clean) == answer


def test_a_secret_is_taken_out_of_the_texts_of_an_answer_and_out_of_no_number() -> None:
    answer = {"why": [f"no {PASSPHRASE}", {"deep": SECRET}], "cash": 1234567, "none": None}
    assert cleaned(answer, Reasons().clean) == {"why": ["no ***", {"deep": "***"}], "cash": 1234567, "none": None}


def test_what_nobody_expected_ends_in_a_traceback_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    logger.enable("actors")  # tests of crashing actors leave it off
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("PRIVATE_KEY", SECRET)

    def crash(*_: object) -> NoReturn:
        secret = bytes.fromhex(SECRET[2:])
        raise RuntimeError(f"a bug with {secret.hex()} and {SECRET!r}")

    monkeypatch.setattr("actors.wiring.start.Live.of", crash)
    settings = Settings((MarketSettings("demo-cup"),), mode="live", control=ControlSettings("control.sock"))
    assert Start(settings, places(settings, os.environ), None, 1, None, unread(settings)).run(os.environ) == 1
    out, err = capfd.readouterr()
    assert "RuntimeError: a bug with *** and '***'" in err.replace("\\n", "\n")
    assert SECRET[2:] not in out + err
    assert "PRIVATE_KEY" not in os.environ
