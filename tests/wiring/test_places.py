"""One instance, one account, one engine: a lock that is held refuses everyone else, and says who holds it (F31)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from actors.wiring.places import PlaceError, held

TAKEN = "taken by process {pid}"


def test_a_lock_that_is_held_refuses_a_second_engine_and_names_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "locks" / "account.lock"
    with held(lock, TAKEN), pytest.raises(PlaceError, match=f"^taken by process {os.getpid()}$"), held(lock, TAKEN):
        pass


def test_a_lock_that_was_let_go_can_be_taken_again(tmp_path: Path) -> None:
    lock = tmp_path / "account.lock"
    for _ in range(2):
        with held(lock, TAKEN):
            assert lock.read_text() == str(os.getpid())


def test_a_lock_is_for_its_owners_eyes_only(tmp_path: Path) -> None:
    with held(tmp_path / "locks" / "account.lock", TAKEN):
        assert (tmp_path / "locks").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "locks" / "account.lock").stat().st_mode & 0o777 == 0o600
