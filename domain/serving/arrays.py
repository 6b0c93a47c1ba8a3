"""The arrays of a published model as parts that a table can hold, and back.

An array is stored by its bytes, row by row, in parts of PART bytes, the last one shorter. What its bytes mean is told
by the one part named ABOUT, which is JSON:

    {"version": 1, "arrays": {name: {"dtype": "<f4", "shape": [9724, 64], "parts": 5}}, "settings": {…}}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ABOUT = "about"
PART = 512 * 1024  # bytes: some hundred rows a model, each far below what Cassandra takes in one write
VERSION = 1  # of the form above


class UnreadableModel(Exception):
    """Parts of a model from which its arrays cannot be made."""


class Part(NamedTuple):
    """A row of model_parts_by_run."""

    name: str
    part: int
    data: bytes | memoryview


@dataclass(frozen=True)
class Form:
    """What is told of an array: the type of its numbers, and how many there are in each direction."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        return prod(self.shape) * self.dtype.itemsize

    @property
    def parts(self) -> int:
        """How many parts have its bytes; none if it has none."""
        return -(-self.size // PART)

    def length(self, part: int) -> int:
        """Bytes of one of its parts, 0 beyond its end."""
        return max(0, min(PART, self.size - part * PART))


@dataclass(frozen=True)
class About:
    """Of a stored model: the form of each array by name, and its settings."""

    forms: dict[str, Form]
    settings: dict[str, Any]


def to_parts(arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> list[Part]:
    """All parts of a model, ABOUT first; the others are views of the arrays' memory, so they cost none.

    Raises:
        ValueError: an array has the name ABOUT, or is not of plain numbers.
    """
    forms = {name: Form(_plain(array.dtype), array.shape) for name, array in arrays.items()}
    if ABOUT in forms:
        raise ValueError(f"an array may not be called {ABOUT!r}")
    told = {name: {"dtype": form.dtype.str, "shape": form.shape, "parts": form.parts} for name, form in forms.items()}
    about = json.dumps({"version": VERSION, "arrays": told, "settings": settings}, allow_nan=False)
    parts = [Part(ABOUT, 0, about.encode())]
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
        parts += [Part(name, at, data[at * PART : (at + 1) * PART]) for at in range(forms[name].parts)]
    return parts


def read_about(data: bytes) -> About:
    """What the part ABOUT tells.

    Raises:
        UnreadableModel: it is of another version, or damaged.
    """
    try:
        told = json.loads(data)
        if told["version"] != VERSION:
            raise UnreadableModel(f"the model is stored in version {told['version']}, this program reads {VERSION}")
        return About({name: _form(name, **of) for name, of in told["arrays"].items()}, dict(told["settings"]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableModel(f"what is told about the model cannot be read: {error}") from error


def checked(name: str, form: Form, parts: Iterable[bytes | None]) -> Iterator[bytes]:
    """The parts of one array in their order, each as it is asked for; None stands for one that is missing.

    Raises:
        UnreadableModel: one is missing or of another length, or there are too few or too many.
    """
    count = 0
    for data in parts:
        if len(data or b"") != form.length(count):
            raise UnreadableModel(f"part {count} of {name} has {len(data or b'')} bytes, not {form.length(count)}")
        yield data or b""
        count += 1
    if count != form.parts:
        raise UnreadableModel(f"{name} has {count} parts, not {form.parts}")


def from_parts(about: About, parts_of: Callable[[str, int], Iterable[bytes | None]]) -> dict[str, NDArray[Any]]:
    """All arrays of a model, which cannot be written to.

    Args:
        about: what `read_about` has found.
        parts_of: the parts of an array, given its name and how many there are; see `checked`.

    Raises:
        UnreadableModel: parts are missing or damaged.
    """
    arrays = {}
    for name, form in about.forms.items():
        data = b"".join(checked(name, form, parts_of(name, form.parts)))
        arrays[name] = np.frombuffer(data, form.dtype).reshape(form.shape)
    return arrays


def _plain(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype.kind not in "iuf":
        raise ValueError(f"{dtype} is no type of plain numbers")
    return dtype


def _form(name: str, dtype: str, shape: list[int], parts: int) -> Form:
    """The form of an array as ABOUT tells it; its name will be that of a file."""
    if not name.isidentifier() or not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError(f"{name} of shape {shape} is no array")
    form = Form(_plain(np.dtype(dtype)), tuple(shape))
    if form.parts != parts:
        raise ValueError(f"{name} has {form.parts} parts, not {parts}")
    return form
