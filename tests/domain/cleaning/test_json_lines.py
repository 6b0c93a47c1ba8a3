"""Where the first object of a line ends, against the JSON parser of Python."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import pytest

from domain.cleaning.json_lines import is_one_object


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        (b'{"a": 1}', True),
        (b'{"a": 1} \t\r\n', True),
        (b'{"a": {"b": [{}, {}]}}', True),
        (b'{"a": "}{"}', True),
        (b'{"a": "\\"}"}', True),
        (b"{'a': '}\"'}", True),  # Spark reads single quotes, too
        (b'{"a": "it\'s }"}', True),
        (b'{"a": 1}{"a": 2}', False),
        (b'{"a": 1}\r{"a": 2}\r', False),
        (b'{"a": {}} {', False),
        (b'{"a": 1} garbage', False),
        (b'{"a": "}"} "}', False),
        (b'{"a": 1}}', False),
        (b'{"a": 1}\0', False),
        (b'{"a": 1', False),
        (b"", False),
    ],
)
def test_only_white_space_may_follow_an_object(line: bytes, is_one: bool) -> None:
    assert is_one_object(line) is is_one


def test_any_object_is_one_and_two_are_not() -> None:
    rng = random.Random(8)
    characters = "{}[]\"'\\,: aé\n"

    def value(depth: int) -> Any:
        if depth and rng.random() < 0.5:
            return {value(0): value(depth - 1) for _ in range(rng.randrange(4))}
        return "".join(rng.choices(characters, k=rng.randrange(6)))

    objects = [json.dumps({"a": value(3)}, ensure_ascii=rng.random() < 0.5).encode() for _ in range(500)]
    assert all(map(is_one_object, objects))
    assert not any(is_one_object(one + other) for one, other in pairwise(objects))


def test_a_long_line_of_escaped_quotes_takes_no_square_of_its_length() -> None:
    assert not is_one_object(b'{"a": "' + b'\\"}' * 300_000)
