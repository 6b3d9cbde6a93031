"""Every command with whatever words: it answers or says what to change, with an exit code; no traceback and no secret.

The network is a venue that answers everything wildly; nothing else is replaced but what would run for ever.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from random import Random
from typing import Any

import click
import httpx
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger

from actors.commands.cli import _VERBS, cli
from tests.adapters.polymarket.wild import TEXTS, WildVenue
from tests.adapters.test_keystore import PASSWORD, PBKDF2
from tests.depth import seeded

KEY = "0x7c6a3b9e5f204d1188aa0be1f35d97c2461fe0ab59d3c8e7f10d2b4a69538c17"
IN_FILE = "c4n4ry-passphrase-of-the-dotenv-file"
IN_ENVIRON = {
    "CLOB_API_KEY": "c4n4ry00-94ab-4abc-9def-5edcba987654",
    "CLOB_API_SECRET": "Y2FuYXJ5LXNlY3JldC1vZi10aGUtZW52aXJvbm1lbnQ=",
    "RELAYER_API_KEY": "c4n4ry-relayer-key-of-the-environment",
}
SECRETS = (KEY, KEY[2:], IN_FILE, PASSWORD, *IN_ENVIRON.values())
CONFIG = "mode: {mode}\nmarkets: [demo, '501']\n"
FILES = ("config.yaml", "live.yaml", "wild.yaml", ".env", "key.json", "password", "folder", "none.yaml", "trail.jsonl")
WORDS = (
    *(
        "demo",
        "alpha",
        "simple",
        "--",
        "-",
        "1",
        "-1",
        "0",
        "60s",
        "1e9",
        "9" * 30,
        "true",
        "budget.total=5",
        "=",
        "a=",
    ),
    *(
        "http://127.0.0.1:9",
        "https://x.invalid",
        "ws://[::1",
        "file:///etc/passwd",
        "127.0.0.1:99999",
        "\udcff",
        "é",
        "%",
    ),
    *(
        "markets=[",
        "risk.max_daily_loss=nan",
        "venue.clob_url=",
        "mode=live",
        "strategy.size=1e400",
        "log.level=\x1b[2J",
    ),
)
SETTINGS = (
    "budget.total=5",
    "markets=demo,501",
    "mode=demo",
    "risk.max_unknown=3",
    "discover.max_markets=4",
    "journal.path=x/y",
    "audit.path=folder",
    "control.socket=s",
)
NAMES = ("demo", "busy", "quiet", "none", "order", "risk", "127.0.0.1", "http://127.0.0.1:9", "default", "0xab", "20")
ROOT = Path(__file__).parents[2]
_TRIES = 12
_PART = 16  # characters in a row of a secret that are too many; values that do not fit are shown cut after 12


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with configurations and secrets in it, of which the process has some, too."""
    for name, mode in (("config.yaml", "demo"), ("live.yaml", "live")):
        (tmp_path / name).write_text(CONFIG.format(mode=mode))
    for name, text in (
        (".env", f"PRIVATE_KEY={KEY}\nCLOB_API_PASSPHRASE={IN_FILE}\nKEYSTORE_PASSWORD_FILE=password\n"),
        ("key.json", json.dumps(PBKDF2)),
        ("password", PASSWORD),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    (tmp_path / "folder").mkdir()
    (tmp_path / "trail.jsonl").write_text('{"at": 5, "kind": [], "market": null}\n[]\n{\n"x"\n{"refused": 7}\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "environ", {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), **IN_ENVIRON})
    return tmp_path


@pytest.fixture(autouse=True)
def endless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What would run for ever ends at once."""

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    for place in ("actors.commands.audit.time.sleep", "actors.commands.approve.time.sleep"):
        monkeypatch.setattr(place, interrupted)
    monkeypatch.setattr("actors.wiring.start.Start.run", lambda *_: 0)
    monkeypatch.setattr("actors.commands.run._exchange", lambda *_: nullcontext())
    monkeypatch.setattr("adapters.emulator.server.serve", _served)
    logger.disable("actors")
    yield
    logger.enable("actors")


async def _served(options: Any, *_: Any) -> None:  # noqa: ANN401 - the server's own
    """As far as the exchange goes before it listens."""
    from adapters.emulator.emulator import build
    from adapters.emulator.faults import load

    faults = load(options.faults) if options.faults else None
    build(options.seed, wall=lambda: 0.0, faults=faults, flow=options.flow, speed=options.speed, loop=options.loop)


def tell(monkeypatch: pytest.MonkeyPatch, rng: Random) -> None:
    """Let a more or less wild venue answer every request."""
    wild = WildVenue(rng, time.time, rng.choice((0.1, 0.3, 1.0)))

    async def handle(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        if request.url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol("no such protocol", request=request)
        return wild(request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)


def word(rng: Random) -> str:
    """Something to write: a file, a text, a secret in some spelling, or a key with one as its value."""
    text = rng.choice((*WORDS, *TEXTS, *FILES, *SECRETS, KEY.upper(), KEY[2:].lower()))
    text = (
        f"{rng.choice(('mode', 'budget.total', 'markets', 'venue.clob_url', text))}={text}"
        if rng.random() < 0.2
        else text
    )
    return os.fsdecode(text.replace("\0", "").encode(errors="surrogatepass"))  # what an argument of a process can hold


def line(rng: Random) -> list[str]:
    """A command with some of its options, each with a word, and words besides."""
    words = [rng.choice(list(_VERBS))] if rng.random() < 0.97 else [word(rng)]
    command: click.Command | None = None
    if words[0] in _VERBS:
        command = cli.get_command(click.Context(cli), words[0])
    if isinstance(command, click.Group) and rng.random() < 0.95:
        words.append(rng.choice(list(command.commands)))
        command = command.commands[words[-1]]
    for parameter in command.params if command else ():
        if isinstance(parameter, click.Option) and rng.random() < 0.25:
            words += [rng.choice(parameter.opts), *([] if parameter.is_flag else [value(rng, parameter)])]
        elif isinstance(parameter, click.Argument) and rng.random() < 0.9:
            words.append(value(rng, parameter))
    return words + [word(rng) for _ in range(rng.choice((0, 0, 0, 0, 1, 3)))]


def value(rng: Random, of: click.Parameter) -> str:
    """Mostly one that is right for it."""
    if rng.random() < 0.25:
        return word(rng)
    kind = of.type
    if isinstance(kind, click.Choice):
        return str(rng.choice(list(kind.choices)))
    if isinstance(kind, click.IntRange | click.FloatRange) or kind in (click.INT, click.FLOAT):
        return str(rng.randrange(60))
    if isinstance(kind, click.Path):
        return rng.choice(FILES[:3] if rng.random() < 0.7 else FILES)
    return rng.choice({"overrides": SETTINGS, "pairs": SETTINGS, "duration": ("60s",)}.get(of.name or "", NAMES))


def wild_config(rng: Random) -> str:
    rows = [f"{rng.choice(('markets', 'mode', 'risk', 'budget', 'venue', word(rng)))}: {word(rng)}" for _ in range(3)]
    return "\n".join(rows).encode(errors="replace").decode()


@seeded(40)
@given(st.integers(0, 2**32 - 1))
def test_no_command_line_ends_in_a_traceback_or_shows_a_secret(
    home: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = Random(seed)
    tell(monkeypatch, rng)
    for _ in range(_TRIES):
        (home / "wild.yaml").write_text(wild_config(rng))
        words, environ = line(rng), dict(os.environ)
        typed = "".join(f"{rng.choice('ynq?')}\n" for _ in range(3))
        result = CliRunner().invoke(cli, words, input=typed)
        os.environ.clear()
        os.environ.update(environ)
        assert result.exception is None or isinstance(result.exception, SystemExit), (words, result.exc_info)
        assert result.exit_code in (0, 1, 2, 5), (words, result.output)
        assert "Traceback" not in result.output, words
        assert shown(result.output) == [], (words, result.output)


def shown(output: str) -> list[str]:
    """Parts of our secrets in it."""
    low = output.lower()
    parts = {secret[at : at + _PART].lower() for secret in SECRETS for at in range(len(secret) - _PART + 1)}
    return [part for part in parts if part in low]


def test_a_password_that_comes_through_a_pipe_is_left_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, PASSWORD.encode())
    os.close(writing)
    monkeypatch.setenv("KEYSTORE_PASSWORD_FILE", f"/dev/fd/{reading}")
    assert CliRunner().invoke(cli, ["version"]).exit_code == 0
    assert os.read(reading, 100) == PASSWORD.encode()
    os.close(reading)


def test_a_secret_that_is_a_number_garbles_no_result_but_shows_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYSTORE_PASSWORD", "120000")
    schema = CliRunner().invoke(cli, ["config", "schema", "--json"])
    assert "120000" in [key["default"] for key in json.loads(schema.output)]
    assert "120000" not in CliRunner().invoke(cli, ["version", "120000"]).output


@pytest.mark.parametrize(
    ("out", "code", "told"),
    [("/dev/full", 1, "polyactors: No space left on device: make room, and try again\n"), ("", 0, "")],
)
def test_an_answer_that_cannot_be_written_is_no_traceback(out: str, code: int, told: str) -> None:
    """A full disk, and a stream that is closed."""
    if out and not Path(out).exists():
        pytest.skip("no such device here")
    shell = f"exec {sys.executable} -m actors version >{out or '&-'}"
    done = subprocess.run(["sh", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, told)
