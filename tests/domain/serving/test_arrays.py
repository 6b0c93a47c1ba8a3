"""Arrays as parts of a table, and back: nothing is lost, and what is torn is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy
from numpy.typing import NDArray

from domain.serving import arrays
from domain.serving.arrays import ABOUT, PART, About, Form, Part, UnreadableModel, from_parts, read_about, to_parts

SETTINGS = {"mean_rating": 3.5, "scale": [0.5, 5.0, 0.5], "blend": {"ease_weight": 0.4}}
SMALL = 48  # bytes a part, of many small arrays in place of few large ones
TYPES = st.sampled_from(["<f4", "<f8", "<i4", "<i8", ">f4", "<u1"])
NAMES = st.text("abcdefg_", min_size=1).filter(lambda name: name != ABOUT)
SHAPES = of_numpy.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=9)


class Table:
    """The rows of a model, as a table has them."""

    def __init__(self, parts: list[Part]) -> None:
        self.rows = {(name, part): bytes(data) for name, part, data in parts}

    def about(self) -> About:
        return read_about(self.rows[ABOUT, 0])

    def parts_of(self, name: str, parts: int) -> Iterator[bytes | None]:
        return (self.rows.get((name, part)) for part in range(parts))

    def read(self) -> dict[str, NDArray[Any]]:
        return from_parts(self.about(), self.parts_of)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "PART", SMALL)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, TYPES.flatmap(lambda dtype: of_numpy.arrays(dtype, SHAPES)), max_size=4))
def test_arrays_come_back_to_the_last_bit_with_type_and_shape(given_arrays: dict[str, NDArray[Any]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(arrays, "PART", SMALL)
        parts = to_parts(given_arrays, SETTINGS)
        table = Table(parts)
        found, about = table.read(), table.about()
    assert len(table.rows) == len(parts), "keys are different"
    assert all(0 < len(part.data) <= SMALL for part in parts[1:])
    assert about.settings == SETTINGS
    assert found.keys() == given_arrays.keys()
    for name, array in given_arrays.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes(), "NaN and -0.0 as they were"
        assert not found[name].flags.writeable


def test_slices_and_columns_first_are_stored_row_by_row(small_parts: None) -> None:
    numbers = np.arange(60, dtype=np.int32).reshape(6, 10)
    given_arrays = {"every_other": numbers[::2, ::3], "turned": numbers.T, "columns_first": np.asfortranarray(numbers)}
    found = Table(to_parts(given_arrays, {})).read()
    for name, array in given_arrays.items():
        assert (found[name] == array).all(), name


def test_the_form_is_that_of_the_contract() -> None:
    """Half a megabyte a part; the site of another version reads this."""
    factors = np.zeros((5_000, 64), np.float32)
    parts = to_parts({"factors": factors, "head": np.zeros(0, np.int32)}, SETTINGS)
    assert [(part.name, part.part, len(part.data)) for part in parts[1:]] == [
        ("factors", 0, 524_288),
        ("factors", 1, 524_288),
        ("factors", 2, 231_424),
    ]
    assert json.loads(bytes(parts[0].data)) == {
        "version": 1,
        "arrays": {
            "factors": {"dtype": "<f4", "shape": [5000, 64], "parts": 3},
            "head": {"dtype": "<i4", "shape": [0], "parts": 0},
        },
        "settings": SETTINGS,
    }


def test_parts_are_views_of_the_memory_of_the_arrays() -> None:
    numbers = np.zeros(2 * PART, np.uint8)
    parts = to_parts({"numbers": numbers}, {})
    numbers[PART] = 7
    assert parts[2].data[0] == 7


@pytest.fixture
def table(small_parts: None) -> Table:
    return Table(to_parts({"factors": np.ones((10, 3), np.float32), "ids": np.arange(5, dtype=np.int32)}, SETTINGS))


@pytest.mark.parametrize("lost", [("factors", 0), ("factors", 2), ("ids", 0)])
def test_a_missing_part_is_told_by_name(table: Table, lost: tuple[str, int]) -> None:
    del table.rows[lost]
    with pytest.raises(UnreadableModel, match=rf"part {lost[1]} of {lost[0]} has 0 bytes"):
        table.read()


@pytest.mark.parametrize("data", [b"", b"x" * 47, b"x" * 49])
def test_a_part_of_another_length_is_told(table: Table, data: bytes) -> None:
    table.rows["factors", 1] = data
    with pytest.raises(UnreadableModel, match=f"part 1 of factors has {len(data)} bytes, not 48"):
        table.read()


@pytest.mark.parametrize("count", [0, 2, 4])
def test_too_few_and_too_many_parts_are_told(table: Table, count: int) -> None:
    with pytest.raises(UnreadableModel, match="factors"):
        list(arrays.checked("factors", Form(np.dtype("<f4"), (10, 3)), [b"x" * 48, b"x" * 48, b"x" * 24, b""][:count]))


def test_another_version_is_told(table: Table) -> None:
    table.rows[ABOUT, 0] = table.rows[ABOUT, 0].replace(b'"version": 1', b'"version": 2')
    with pytest.raises(UnreadableModel, match="version 2, this program reads 1"):
        table.about()


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\xff\xfe", b"[]", b"null", b"{}", b'{"version": 1}', b'{"version": 1, "arrays": [], "settings": {}}'),
        *(
            b'{"version": 1, "settings": {}, "arrays": {"a": %s}}' % array
            for array in (
                b"null",
                b'{"dtype": "<f4", "shape": [3]}',
                b'{"dtype": "O", "shape": [3], "parts": 1}',
                b'{"dtype": "no type", "shape": [3], "parts": 1}',
                b'{"dtype": "<f4", "shape": [-3], "parts": 0}',
                b'{"dtype": "<f4", "shape": [1.5], "parts": 1}',
                b'{"dtype": "<f4", "shape": 3, "parts": 1}',
                b'{"dtype": "<f4", "shape": [3], "parts": 2}',
            )
        ),
        b'{"version": 1, "settings": {}, "arrays": {"../a": {"dtype": "<f4", "shape": [3], "parts": 1}}}',
    ],
)
def test_damaged_words_about_the_model_are_one_kind_of_error(data: bytes) -> None:
    with pytest.raises(UnreadableModel):
        read_about(data)


@pytest.mark.parametrize(
    "stored",
    [
        {"about": np.zeros(1)},
        {"words": np.array(["a"])},
        {"things": np.array([None])},
        {"flags": np.array([True])},
    ],
)
def test_what_cannot_be_stored_is_refused(stored: dict[str, NDArray[Any]]) -> None:
    with pytest.raises(ValueError, match=r"about|plain numbers"):
        to_parts(stored, {})


def test_settings_that_json_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_parts({}, {"mean_rating": float("nan")})
