"""Properties keep their counts in the whole suite; only `make test` divides them."""

from __future__ import annotations

from hypothesis import settings

from tests.depth import examples


def test_a_property_is_tried_whole_unless_the_quick_profile_was_asked_for() -> None:
    """Run by `make test` and by `make test-all`, it holds both."""
    assert examples(400) == {"whole": 400, "quick": 100}[settings.get_current_profile_name()]
    assert examples(1) == 1
