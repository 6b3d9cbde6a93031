"""Claims about logging, with real pipes: it never blocks, never leaks a secret, never forgets to say what it lost."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger

from actors.model.settings import LogSettings
from adapters.logs import LONGEST_LINE, MOST_LINES, Redactor, start_logging

HUMAN, JSON = LogSettings(format="human"), LogSettings(format="json")
KEY = "0x" + "Ab12" * 16
PASSPHRASE = "battery\"\\horse'staple"
PIPE_HOLDS = 65_536  # bytes a Linux pipe takes before a write blocks


@contextmanager
def pipe() -> Iterator[tuple[int, TextIO]]:
    reader, writer = os.pipe()
    stream = os.fdopen(writer, "w")
    try:
        yield reader, stream
    finally:
        stream.close()
        os.close(reader)


def read_all(reader: int, stream: TextIO, into: list[bytes]) -> threading.Thread:
    """Reads in a thread until `stream` and every copy of it are closed."""

    def run() -> None:
        while part := os.read(reader, 65_536):
            into.append(part)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_lines_reach_a_person_as_text_and_a_program_as_json() -> None:
    for settings in (HUMAN, JSON):
        stream = io.StringIO()
        with start_logging(settings, (), stream):
            logger.bind(market="demo-cup").info("quoted {} levels", 3)
        text = stream.getvalue()
        assert "quoted 3 levels" in text
        assert "demo-cup" in text
        assert text.count("\n") == 1
    row = json.loads(text)
    assert row["level"] == "info"
    assert row["extra"] == {"market": "demo-cup"}


def test_auto_means_json_when_nobody_looks() -> None:
    with pipe() as (reader, stream):
        with start_logging(LogSettings(), (), stream):
            logger.info("hello")
        assert json.loads(os.read(reader, 4096))["message"] == "hello"


def test_auto_means_human_on_a_terminal() -> None:
    controller, terminal = os.openpty()
    with os.fdopen(terminal, "w") as stream, os.fdopen(controller, "rb") as screen:
        with start_logging(LogSettings(), (), stream):
            logger.info("hello")
        assert b"hello" in screen.read1()
        assert not stream.closed


def test_lines_below_the_level_are_not_written() -> None:
    stream = io.StringIO()
    with start_logging(LogSettings(level="warning", format="json"), (), stream):
        logger.info("quiet")
        logger.warning("loud")
    assert [json.loads(line)["message"] for line in stream.getvalue().splitlines()] == ["loud"]


@pytest.mark.parametrize("settings", [HUMAN, JSON], ids=["human", "json"])
def test_a_secret_is_hidden_in_message_extra_and_traceback(settings: LogSettings) -> None:
    stream = io.StringIO()
    with start_logging(settings, (KEY, PASSPHRASE), stream):
        logger.bind(extra=KEY).info("the key is {} or {}", KEY, KEY.removeprefix("0x"))
        try:
            raise ValueError(f"cannot sign with {KEY}", PASSPHRASE)
        except ValueError:
            logger.exception("failed")
    text = stream.getvalue()
    assert KEY[2:].lower() not in text.lower()
    assert "battery" not in text
    assert "cannot sign with ***" in text


def test_local_values_never_appear_in_a_traceback() -> None:
    stream = io.StringIO()
    with start_logging(HUMAN, (), stream):
        unregistered = "correct horse battery staple".upper()
        try:
            int(unregistered[:0])
        except ValueError:
            logger.exception("failed")
    assert "CORRECT HORSE" not in stream.getvalue()


def test_a_secret_learnt_later_is_hidden_from_then_on() -> None:
    stream = io.StringIO()
    with start_logging(JSON, (), stream) as logs:
        logs.add_secret("derived-api-secret")
        logger.info("got derived-api-secret")
    assert "derived" not in stream.getvalue()


def test_a_short_value_is_no_secret() -> None:
    redactor = Redactor()
    redactor.add("0")
    assert redactor.clean("price 0.50") == "price 0.50"


@given(secret=st.text(st.characters(exclude_characters="*"), min_size=6, max_size=40), around=st.text())
def test_no_secret_survives_plain_or_in_json(secret: str, around: str) -> None:
    redactor = Redactor()
    redactor.add(secret)
    assert secret not in redactor.clean(around + secret + around)
    assert json.dumps(secret)[1:-1] not in redactor.clean(json.dumps({"": around + secret}))


def test_text_from_the_venue_cannot_forge_a_line_or_command_the_terminal() -> None:
    stream = io.StringIO()
    with start_logging(HUMAN, (), stream):
        logger.info("name {}", "x\n12:00:00.000 ERROR all lost\x1b[2J")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_a_secret_is_hidden_in_either_case_without_its_0x_and_without_its_padding() -> None:
    redactor = Redactor()
    redactor.add("0xAbCdEf0123")
    redactor.add("c2VjcmV0LWNhbmFyeQ==")
    for shown in (
        "0xAbCdEf0123",
        "abcdef0123",
        "0XABCDEF0123",
        "ABCDEF0123",
        "c2VjcmV0LWNhbmFyeQ",
        "c2VjcmV0LWNhbmFyeQ==",
    ):
        assert redactor.clean(f"is {shown};") == "is ***;", shown


def test_a_library_that_uses_logging_is_redacted_too() -> None:
    stream = io.StringIO()
    with start_logging(JSON, ("hunter2hunter2",), stream):
        logging.getLogger("somebody").warning("sent %s", "hunter2hunter2")
    assert json.loads(stream.getvalue())["message"] == "somebody: sent ***"
    assert not [h for h in logging.getLogger().handlers if type(h).__module__ == "adapters.logs"]


def test_a_blocked_output_stops_nothing_and_what_was_lost_is_counted() -> None:
    written = MOST_LINES + 3_000
    received: list[bytes] = []
    with pipe() as (reader, stream):
        logs = start_logging(JSON, (), stream)
        logger.info("x" * (PIPE_HOLDS + 1))  # cut to LONGEST_LINE; a few of them fill the pipe
        before = time.monotonic()
        for number in range(written):
            logger.info("line {} {}", number, "x" * 200)
        assert time.monotonic() - before < 5.0  # an unread pipe would block for ever
        drain = read_all(reader, stream, received)
        logs.close()
        stream.close()
        drain.join()
    rows = [json.loads(line) for line in b"".join(received).splitlines() if b"characters)" not in line]
    lost = sum(row.get("count", 0) for row in rows)
    kept = [row for row in rows if row["message"].startswith("line ")]
    assert lost > 0
    assert lost + len(kept) == written
    assert kept[-1]["message"].startswith(f"line {written - 1} ")  # the newest survive


@pytest.mark.process
def test_closing_waits_a_second_at_most_for_an_output_that_nobody_reads() -> None:
    with pipe() as (_, stream):
        logs = start_logging(JSON, (), stream)
        for _number in range(20):
            logger.info("x" * LONGEST_LINE)
        before = time.monotonic()
        logs.close()
        assert 0.9 < time.monotonic() - before < 2.0


@pytest.mark.process
def test_a_program_whose_stderr_nobody_reads_still_ends() -> None:
    program = (
        "from loguru import logger; from adapters.logs import start_logging; from actors.model.settings import LogSettings\n"
        "logs = start_logging(LogSettings(format='json'))\n"
        "for _ in range(3000): logger.info('x' * 200)\n"
        "logs.close()\nprint('done', flush=True)"
    )
    with pipe() as (_, stream):
        root = Path(__file__).parents[2]
        ended = subprocess.run(
            [sys.executable, "-c", program], cwd=root, stderr=stream, stdout=subprocess.PIPE, timeout=30, check=True
        )
    assert ended.stdout == b"done\n"


def test_an_output_whose_reader_left_stops_nothing() -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream:
        os.close(reader)
        with start_logging(JSON, (), stream):
            for _ in range(100):
                logger.info("nobody hears this")


def test_a_closed_or_absent_output_stops_nothing() -> None:
    stream = io.StringIO()
    stream.close()
    with start_logging(HUMAN, (), stream):
        logger.info("nobody hears this")


def test_a_line_too_long_is_cut_and_says_so() -> None:
    stream = io.StringIO()
    with start_logging(HUMAN, (), stream):
        logger.info("y" * (2 * LONGEST_LINE))
    assert len(stream.getvalue()) < LONGEST_LINE + 100
    assert "characters)" in stream.getvalue()
