"""Every strictness rule of the YAML reader, with the place it points at."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from actors.config_tree import Node, Scalar, Series, Table
from actors.strict_yaml import DEEPEST, read


def told(text: str) -> list[str]:
    return [str(problem) for problem in read(text, "f")[1]]


def plain(node: Node) -> object:
    if isinstance(node, Table):
        return {key: plain(value) for key, value in node.entries.items()}
    if isinstance(node, Series):
        return [plain(item) for item in node.items]
    return None if node.kind == "empty" else node.text


@pytest.mark.parametrize(
    ("value", "what", "right"),
    [
        ("010", "octal", "leave out the leading zero"),
        ("00.5", "octal", "leave out the leading zero"),
        ("0o17", "octal", "quote it"),
        ("0x1f", "hexadecimal", "quote it"),
        ("0b11", "binary", "quote it"),
        ("12:30", "base 60", "write plain seconds"),
        ("1:30:00.5", "base 60", "write plain seconds"),
        ("1_000", "underscores", "leave out the underscores"),
        (".nan", "not a finite number", "plain decimal"),
        ("-.inf", "not a finite number", "plain decimal"),
        ("no", "truth value", "true or false, or quote it"),
        ("Yes", "truth value", "true or false, or quote it"),
        ("ON", "truth value", "true or false, or quote it"),
        ("off", "truth value", "true or false, or quote it"),
        ("n", "truth value", "true or false, or quote it"),
    ],
)
def test_a_value_that_yaml_reads_as_something_else_is_refused_and_quoting_it_is_fine(
    value: str, what: str, right: str
) -> None:
    (line,) = told(f"first: 1\nsome:\n  key: {value}\n")
    assert line.startswith("f:3:8 some.key: ")
    assert what in line
    assert right in line
    assert told(f"key: '{value}'\n") == []


def test_a_key_given_twice_is_refused_at_its_second_place() -> None:
    assert told("a:\n  b: 1\n  b: 2\n") == ["f:3:3 a.b: is there twice, first at f:2:3; keep one"]


def test_the_first_of_two_equal_keys_is_the_one_that_is_read() -> None:
    root, _ = read("a: 1\na: 2\n", "f")
    assert root is not None
    assert plain(root) == {"a": "1"}


def test_anchors_aliases_tags_and_merges_are_refused() -> None:
    text = "a: &x 1\nb: *x\nc: !!str 3\nd:\n  <<: {e: 1}\n"
    assert told(text) == [
        "f:1:4 a: has the anchor &x; leave it out",
        "f:2:4 b: is the alias *x; write the value out",
        "f:3:4 c: has the tag 'tag:yaml.org,2002:str'; leave it out",
        "f:5:3 d: merges with <<; write the keys out",
    ]


def test_nesting_is_refused_beyond_twenty_and_allowed_up_to_it() -> None:
    assert told("[" * DEEPEST + "]" * DEEPEST) == []
    (line,) = told("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))
    assert line.startswith("f:1:21 ")
    assert "nested more than 20 deep" in line


def test_a_hundred_thousand_brackets_neither_crash_nor_take_long() -> None:
    assert len(told("[" * 100_000)) == 1
    assert len(told("a: " * 100_000)) == 1


def test_a_second_document_or_a_directive_is_refused() -> None:
    assert told("a: 1\n---\nb: 2\n") == ["f:2:1 has a second document or a % directive; keep one plain document"]
    assert told("%YAML 1.1\n---\na: 1\n")[0].startswith("f:1:1 has a second document")


def test_a_list_as_a_key_is_refused() -> None:
    assert told("? [a]\n: 1\n") == ["f:1:3 has a list or mapping as a key; keys are plain words"]


def test_broken_syntax_points_at_the_place() -> None:
    assert told("a: 1\nb: {c\n")[0].startswith("f:3:1 is not YAML: ")
    assert told("a: 1\n\tb: 2\n")[0].startswith("f:2:1 is not YAML: ")


def test_characters_nobody_can_see_are_refused_at_their_place() -> None:
    assert told("a: 1\nb: x\x07y\n") == ["f:2:5 holds a character that cannot be seen; delete it"]
    assert told('a: "\\ud800"\n') == ["f:1:4 a: holds half a character (a lone surrogate); delete it"]
    assert told('a: "\\U99999999"\n') == ["f:1:1 is not YAML: an escape names no character"]


def test_all_problems_are_told_at_once() -> None:
    assert [line.split()[0] for line in told("a: no\nb: 010\nc: &x 1\nc: .inf\n")] == [
        "f:1:4",
        "f:2:4",
        "f:3:4",
        "f:4:4",
        "f:4:1",
    ]


def test_numbers_keep_their_exact_source_text() -> None:
    root, found = read("[0.10, 1e3, 100000000000000000000.000000000001, -3, .5]", "f")
    assert not found
    assert root is not None
    assert plain(root) == ["0.10", "1e3", "100000000000000000000.000000000001", "-3", ".5"]


def test_an_origin_without_places_names_only_its_source() -> None:
    root, found = read("[no]", "--set a", placed=False)
    assert str(found[0]) == "--set a [0]: 'no' is a truth value to YAML; write true or false, or quote it"
    assert root is not None
    assert str(root.origin) == "--set a"


@given(st.text())
def test_no_text_makes_the_reader_fail(text: str) -> None:
    root, found = read(text, "f")
    assert root is not None or found


_words = st.text("abcdefghij klm", min_size=1, max_size=8).map(str.strip).filter(bool)
_trees = st.recursive(
    _words | st.integers(0, 10**9).map(str) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words, inner, max_size=4),
    max_leaves=12,
)


@given(_trees)
def test_what_yaml_writes_with_quotes_reads_back_the_same(tree: object) -> None:
    root, found = read(yaml.safe_dump(tree, default_style='"'), "f")
    unquoted = [str(p) for p in found if "tag" not in str(p)]  # safe_dump marks a quoted null with a tag
    assert unquoted == []
    if not found:
        assert root is not None
        assert plain(root) == tree


def test_a_scalar_says_of_which_kind_it_is() -> None:
    root, _ = read("[true, 1.5, ~, x, '1', 2026-01-01]", "f")
    assert isinstance(root, Series)
    kinds = [item.kind for item in root.items if isinstance(item, Scalar)]
    assert kinds == ["truth", "number", "empty", "text", "text", "text"]
