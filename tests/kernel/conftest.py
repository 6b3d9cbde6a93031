"""The kernel's tests crash actors by the thousand; nobody reads those log lines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loguru import logger


@pytest.fixture(scope="package", autouse=True)
def _quiet() -> Iterator[None]:
    logger.disable("actors")
    yield
    logger.enable("actors")
