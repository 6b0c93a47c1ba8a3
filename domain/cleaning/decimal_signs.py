"""Whether the commas in a table are decimal ones, separate values, or group thousands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.cleaning.layouts import SHOWN, NoLayout
from domain.cleaning.written import number

_WITH_COMMA, _WITH_POINT = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?"), re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+")
_BOTH = re.compile(r"[+-]?\d[\d.,]*(?:\.\d+,\d|,\d+\.\d)\d*")
# thousands apart by a space that does not break, or by an apostrophe; by a plain space where decimals follow
_APART = re.compile("[+-]?\\d{1,3}(?:(?:[\u00a0\u202f'’]\\d{3})+(?:[.,]\\d+)?|(?: \\d{3})+[.,]\\d+)")

Row = tuple[int, list[str]]  # number of its first line, and its cells


def is_like_number(cell: str) -> bool:
    """Whether it is a number, however its commas and points are meant."""
    if number(cell) is not None or number(cell, ",") is not None:
        return True
    return _BOTH.fullmatch(cell) is not None or _APART.fullmatch(cell) is not None


def check_commas(values: Sequence[Row], separator: str, row_names: bool) -> None:
    """Return when commas separate values for sure.

    Raises:
        NoLayout: lines such as 15,67 may have two whole numbers or one with a decimal comma.
    """
    digits = [cells for _, cells in values if all(re.fullmatch(r"[+-]?\d+", cell) for cell in cells)]
    if separator != "," or len(digits) < len(values):
        return
    counted = len(values) > 1 and [cells[0] for cells in digits] == [str(at) for at in range(1, len(digits) + 1)]
    pieces = any(re.fullmatch(r"0\d+", cell) for cells in digits for cell in cells[1:])
    if (row_names and not counted) or (not row_names and pieces):
        at, cells = values[0]
        raise NoLayout(
            f"line {at} is {','.join(cells)[:SHOWN]!r}: its commas may separate whole numbers or be decimal ones."
            " Write decimal points, or separate the columns by semicolons."
        )


def decimal_sign(cells: Sequence[tuple[int, str]], separator: str) -> str:
    """The sign before the decimals of some numbers, each with its line.

    Raises:
        NoLayout: some have a comma and others a point, or a comma may be that of thousands.
    """
    if apart := [(at, cell) for at, cell in cells if _APART.fullmatch(cell)]:
        at, cell = min(apart)
        raise NoLayout(f"line {at} has {cell!r}: write every number without a space or a sign between thousands.")
    commas = [(at, cell) for at, cell in cells if _WITH_COMMA.fullmatch(cell)]
    both = [(at, cell) for at, cell in cells if _BOTH.fullmatch(cell)]
    points = any(_WITH_POINT.fullmatch(cell) for _, cell in cells)
    thousands = bool(commas) and all(_THOUSANDS.fullmatch(cell) for _, cell in commas)
    if both or (commas and (points or (separator == "," and thousands))):
        at, cell = min(both or commas)
        raise NoLayout(
            f"line {at} has {cell!r}: is the comma a decimal one, or one of thousands? Write every number with a"
            " decimal point and without thousands."
        )
    return "," if commas else "."
