"""What docs/exchange.md tells a bot author to type works as printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

DOCS = Path(__file__).parents[2] / "docs" / "exchange.md"


def test_the_documented_session_places_an_order() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=DOCS.parents[1])
    assert ran.returncode == 0, ran.stderr
    assert "'status': 'live'" in ran.stdout
    assert "'original_size': '10'" in ran.stdout
