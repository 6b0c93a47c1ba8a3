"""How the lines of a table in a text file are written, found out from its first lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.cleaning.csv_fields import csv_fields
from domain.cleaning.written import NUMBER

SEPARATORS = (",", ";", "\t", "::", "|")
SEPARATOR_LINE = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)  # the first line of files that Excel is to open
SHOWN = 200  # characters of a header


class NoLayout(ValueError):
    """A first line that does not name the columns; the sentence says what is wrong with it."""


@dataclass(frozen=True)
class Layout:
    """Where the columns stand in a line.

    `places` are those of the wanted columns, in their order: -1 for one that is not there; `width` is the number of
    values in a line, `first` the number of the first line that is not the header. `quoted`: by RFC 4180.
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    width: int
    separator: str = ","
    quoted: bool = True
    first: int = 2

    @property
    def may_have_decimal_commas(self) -> bool:
        """Whether a number may be written 3,5: not where a comma separates values."""
        return self.separator != ","


def usual(names: Sequence[str], separator: str = ",", first: int = 2, width: int | None = None) -> Layout:
    """The columns in their order and nothing else; a separator of more than one character, or `|`, goes unquoted."""
    places = tuple(range(len(names)))
    return Layout(tuple(names), places, width or len(names), separator, separator in (",", ";", "\t"), first)


def layout_of(lines: Sequence[str], columns: Mapping[str, Sequence[str]], optional: Sequence[str] = ()) -> Layout:
    """The layout of a file with a header, from its first lines.

    A name counts without its case, blanks and underscores: user_id is userId. Columns may stand in any order and
    others may be among them. R leaves out the name of its row names: then each line has one value more than the
    header, the first. A first line of values and not of names is no header, and the columns are in their usual order.

    Args:
        lines: without line ends.
        columns: the wanted ones, with the other names that each may have.
        optional: those of them that a file may lack.

    Raises:
        NoLayout: a column is missing or named twice.
    """
    if len(lines) > 1 and SEPARATOR_LINE.fullmatch(lines[0]):
        below = layout_of(lines[1:], columns, optional)
        return replace(below, first=below.first + 1)
    wanted = {name: {_folded(name), *map(_folded, others)} for name, others in columns.items()}
    separator = max(SEPARATORS, key=lambda sign: _known(_cells(lines[0], sign), wanted))
    cells = _cells(lines[0], separator)
    if not _known(cells, wanted):
        return _without_header(lines[0], columns)
    found = {name: [at for at, cell in enumerate(cells) if _folded(cell) in names] for name, names in wanted.items()}
    shown = f"the first line is {lines[0][:SHOWN]!r}"
    if missing := [name for name, places in found.items() if not places and name not in optional]:
        raise NoLayout(f"{shown}, but must be «{','.join(columns)}»: {' and '.join(missing)} is missing.")
    if twice := [name for name, places in found.items() if len(places) > 1]:
        raise NoLayout(f"{shown}: {twice[0]} is named twice.")
    shift = int(has_row_names(len(cells), [len(_cells(line, separator)) for line in lines[1:]]))
    places = tuple(places[0] + shift if places else -1 for places in found.values())
    return Layout(tuple(columns), places, len(cells) + shift, separator, separator in (",", ";", "\t"))


def has_row_names(header: int, rows: Sequence[int]) -> bool:
    """Whether rows of so many values begin with a name that the header of so many does not count, as R writes them.

    Nearly all must: one with a value too many is a bad line.
    """
    return sum(row == header + 1 for row in rows) > 0.9 * len(rows)


def _without_header(line: str, columns: Mapping[str, Sequence[str]]) -> Layout:
    separator = next((sign for sign in SEPARATORS if len(_cells(line, sign)) == len(columns)), ",")
    cells = _cells(line, separator)
    if len(cells) != len(columns) or not re.fullmatch(NUMBER, cells[0].strip()):
        raise NoLayout(f"the first line is {line[:SHOWN]!r}, but must be «{','.join(columns)}».")
    return usual(tuple(columns), separator, first=1)


def _cells(line: str, separator: str) -> list[str]:
    if len(separator) > 1:
        return line.split(separator)
    return csv_fields(line, separator) or line.split(separator)


def _known(cells: Sequence[str], wanted: Mapping[str, set[str]]) -> int:
    return sum(any(_folded(cell) in names for names in wanted.values()) for cell in cells)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
