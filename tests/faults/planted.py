"""A pytest plugin (`-p tests.faults.planted`): runs the tests with the bug that POLYACTORS_MUTANT names in place."""

from __future__ import annotations

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    from tests.faults.mutants import VARIABLE, mutants

    if name := os.environ.get(VARIABLE):
        patch = pytest.MonkeyPatch()
        mutants()[name].plant(patch)
        config.add_cleanup(patch.undo)
