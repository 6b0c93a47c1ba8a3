"""Where the objects of a file of JSON begin and end, whoever wrote it, and that a broken one costs itself."""

from __future__ import annotations

import io
import json
import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cleaning.json_records import MOST_LINES, json_records

MUTATIONS = int(os.environ.get("MUTATIONS") or 3_000)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.sampled_from(['"', "}{", "[", "\\", "\n", "'"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=6)


def records(text: str | bytes) -> list[tuple[int, str, bool]]:
    content = text.encode() if isinstance(text, str) else text
    return [(line, one.decode(), whole) for line, _, one, whole in json_records(io.BytesIO(content))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a":1}\r\n{"b":2}', [(1, '{"a":1}', True), (2, '{"b":2}', True)]),
        ('\ufeff{"a":1}', [(1, '{"a":1}', True)]),
        ('[{"a":1}, {"b":[{}]}]', [(1, '{"a":1}', True), (1, '{"b":[{}]}', True)]),
        ('\ufeff[\n{"a":1},\n\n{"b":2}\n]\n', [(2, '{"a":1}', True), (4, '{"b":2}', True)]),
        ('[{"a":1}]\n[{"b":2}]', [(1, '{"a":1}', True), (2, '{"b":2}', True)]),
        ("[]", []),
        (" \n[ ]\n", [(1, " ", True)]),
        ('{\n "a": {\n  "b": 1}\n}\n{\n}', [(1, '{\n "a": {\n  "b": 1}\n}', True), (5, "{\n}", True)]),
        ('{\n"a": [\n{"b": 1},\n{}\n]\n}{\n}', [(1, '{\n"a": [\n{"b": 1},\n{}\n]\n}', True), (6, "{\n}", True)]),
        ('{"a":"}"}\n', [(1, '{"a":"}"}', True)]),
        # broken ones
        ('[{"a":1},\n]', [(1, '{"a":1}', True), (1, ",", False)]),
        ('[{"a":1},,{"b":2}]', [(1, '{"a":1}', True), (1, ",", False), (1, '{"b":2}', True)]),
        ('[1, "x", {"b":2}]', [(1, "1", False), (1, '"x"', False), (1, '{"b":2}', True)]),
        ('[[{"a":1}], {"b":2}]', [(1, '[{"a":1}]', False), (1, '{"b":2}', True)]),
        ('[{"a":1 ], "b":2},{}]', [(1, '{"a":1', False), (1, "]", False), (1, '"b":2}', False), (1, "{}", True)]),
        ('[{"a":"x}, {"b":2}, {}]', [(1, '{"a":"x}', False), (1, '{"b":2}', True), (1, "{}", True)]),
        ('[{"a":1}],\n{"c":3}]', [(1, '{"a":1}', True), (1, "]", False), (2, '{"c":3}', True)]),
        ('[{"a":1},{"b"', [(1, '{"a":1}', True), (1, '{"b"', False), (1, "[", False)]),
        ('[{"a": 1, {"b":2}]', [(1, '{"a": 1', False), (1, '{"b":2}', True)]),
        ('[{"a": "x},\n{"b":2}]', [(1, '{"a": "x}', False), (2, '{"b":2}', True)]),
        ('{"a":1}{"b":2}\n{"c":3}', [(1, '{"a":1}{"b":2}', False), (2, '{"c":3}', True)]),
        ('{"a":1},\n{"c":3}', [(1, '{"a":1},', False), (2, '{"c":3}', True)]),
        ('{"a":"x\n{"b":2}', [(1, '{"a":"x', False), (2, '{"b":2}', True)]),
        ('{"a":[1,\n{"b":2}\n{"c":3}', [(1, '{"a":[1,', False), (2, '{"b":2}', True), (3, '{"c":3}', True)]),
        ('{\n"a":1,\n', [(1, '{\n"a":1,', False)]),
        ("no\n[1]", [(1, "no", False), (2, "[1]", False)]),
    ],
)  # fmt: skip
def test_objects_are_found_where_they_begin(text: str, found: list[tuple[int, str, bool]]) -> None:
    assert records(text) == found


@given(OBJECTS, st.sampled_from([None, 0, 2]))
def test_what_python_writes_is_found_again(objects: list[dict[str, object]], indent: int | None) -> None:
    written = [json.dumps(each, indent=indent) for each in objects]
    forms = ["\n".join(written), json.dumps(objects, indent=indent), "[" + ",\n".join(written) + "]"]
    if indent is not None and all("\n" in each for each in written):
        forms.append("".join(written))
    for text in forms:
        found = records(text)
        assert all(whole for *_, whole in found)
        assert [json.dumps(json.loads(one)) for _, one, _ in found] == [json.dumps(each) for each in objects]


def test_an_object_without_an_end_does_not_take_the_whole_file() -> None:
    found = records('{"a": [\n' + "[\n" * (2 * MOST_LINES) + '{"b":1}\n')
    assert found[-1] == (2 * MOST_LINES + 2, '{"b":1}', True)


def test_of_any_mutated_file_every_piece_is_in_one_record() -> None:
    """No crash, places that are unique, and no character lost but spaces and what separates values."""
    rng = random.Random(1)
    good = [json.dumps({"a": n, "b": {"c": [n, {"d": "}"}]}}, indent=indent) for n in range(3) for indent in (None, 1)]
    for _ in range(MUTATIONS):
        pieces = rng.choices(good, k=rng.randint(1, 4))
        text = rng.choice(["\n".join(pieces), "[" + ",".join(pieces) + "]", "[\n" + ",\n".join(pieces) + "\n]"])
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(text))
            text = (
                text[:at]
                + rng.choice(["", "{", "}", "[", "]", ",", '"', "\\", "\n", "x", "\x00"])
                + text[at + rng.randint(0, 1) :]
            )
        found = list(json_records(io.BytesIO(text.encode())))
        places = [(line, in_line) for line, in_line, *_ in found]
        assert len(set(places)) == len(places), text
        kept = "".join(one.decode() for *_, one, _ in found)
        separators = str.maketrans("", "", " \t\r\n,[]")
        assert sorted(kept.translate(separators)) == sorted(text.translate(separators)), text
