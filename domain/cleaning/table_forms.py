"""How a table of any columns is written in a text file, found out from its first lines.

What may be read in two ways is no form: the sentence of `NoLayout` names the line and what to do.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from domain.cleaning.column_names import usable_names
from domain.cleaning.csv_fields import csv_fields
from domain.cleaning.csv_records import csv_records
from domain.cleaning.decimal_signs import Row, check_commas, decimal_sign, is_like_number
from domain.cleaning.layouts import SEPARATOR_LINE, SHOWN, NoLayout, has_row_names
from domain.cleaning.written import is_missing, number, truth

LOOKED_AT = 200  # lines
BLANKS = " "  # any run of spaces and tabs
SEPARATORS = (",", ";", "\t", "|", BLANKS)
COMMENT = r"^\s*[#%](?:\s|$)"
_LEADING_COMMENT = re.compile(r"\s*[#%]+(?![#%]|N/?A)\s*")  # #N/A is a value
_WORD = re.compile(r'"((?:[^"\\]|\\.|"")*)"|(\S+)')
_NO_TABLES = {
    "@relation": "this is an ARFF file: keep the lines after @data, and the names of the columns as a header.",
    "{": "this is JSON, not a table: write it with pandas.read_json(PATH).to_csv(…, index=False).",
    "[{": "this is JSON, not a table: write it with pandas.read_json(PATH).to_csv(…, index=False).",
    "[[": "this is a list of lists, not a table: save it with numpy.savetxt(PATH, array, delimiter=',').",
    "<?xml": "this is XML, not a table: save it as CSV (UTF-8).",
}
_UNNAMED = re.compile(r"(?:Unnamed: 0)?")  # of the index of pandas, and the row names of R's write.csv


@dataclass(frozen=True)
class TableForm:
    """`names` are those of the columns; `first` is the number of the first line of values.

    With `row_names` each line begins with the name of the row, which is no column. `ended` lines have a separator
    behind their last value. `header` is the number and the text of the line that names the columns, None where none
    does. `numbers` and `truths` are the columns in which there are numbers, and those of true and false alone.
    """

    names: tuple[str, ...]
    separator: str
    first: int
    row_names: bool = False
    ended: bool = False
    decimal: str = "."
    header: tuple[int, str] | None = None
    is_header_doubtful: bool = False
    renamed: tuple[str, ...] = ()
    has_comments: bool = False
    numbers: frozenset[str] = frozenset()
    truths: frozenset[str] = frozenset()

    @property
    def width(self) -> int:
        """The number of values in a line."""
        return len(self.names) + self.row_names


def table_form(lines: Sequence[str], header: str = "auto", reserved: Collection[str] = ()) -> TableForm:
    """The form of a file by its first lines, without their line ends.

    Args:
        lines: the first ones, blank ones too; LOOKED_AT are enough.
        header: yes, no or auto.
        reserved: names that no column gets.

    Raises:
        NoLayout: there is nothing, or it may be read in two ways.
    """
    forced, start, comments = _before_table(lines)
    texts = [(number, line) for number, line in enumerate(lines[start:], start + 1) if line.strip()]
    if not texts:
        raise NoLayout("the file is empty." if not comments else "there is nothing but comments.")
    if told := next(
        (told for begins, told in _NO_TABLES.items() if texts[0][1].lstrip().lower().startswith(begins)), ""
    ):
        raise NoLayout(told)
    separator = forced or max(_separators(texts[0][1]), key=lambda sign: _fit(texts[1:] or texts, sign))
    rows = _rows(texts, separator)
    top, body = rows[0], [row for row in rows[1:] if not re.match(COMMENT, ",".join(row[1]))]
    names = None if header == "no" or (header == "auto" and _is_row(top[1], body)) else top
    values = body if names else [top, *body]
    if not values:
        raise NoLayout(f"there is a header ({texts[0][1][:SHOWN]}) and no row after it.")
    commented = _commented_names(comments, len(values[0][1]), separator) if names is None and header != "no" else None
    return _form(names or commented, values, separator, reserved, commented is not None or bool(comments))


def _before_table(lines: Sequence[str]) -> tuple[str | None, int, list[Row]]:
    """The separator that the file names itself, how many lines are before the table, and the comments among them."""
    forced, comments, at = None, list[Row](), 0
    for at, line in enumerate(lines):
        if forced is None and not comments and (told := SEPARATOR_LINE.fullmatch(line)):
            forced = told[1]
        elif _LEADING_COMMENT.match(line):
            comments.append((at + 1, [line]))
        elif line.strip():
            return forced, at, comments
    return forced, at + 1, comments


def _cells(text: str, separator: str) -> list[str]:
    if separator == BLANKS:
        return [
            quoted.replace('""', '"').replace('\\"', '"') if quoted or not bare else bare
            for quoted, bare in _WORD.findall(text)
        ]
    cells = csv_fields(text, separator)
    if cells is None or any(cell.lstrip().startswith('"') for cell in cells):
        cells = [re.sub(r'^\s*"(.*)"\s*$', r"\1", cell) for cell in text.split(separator)]
    return [cell.strip() for cell in cells]


def _rows(texts: Sequence[tuple[int, str]], separator: str) -> list[Row]:
    """The cells of each record; a quoted one may have line ends in it."""
    if separator == BLANKS or not any('"' in text for _, text in texts):
        return [(number, _cells(text, separator)) for number, text in texts]
    whole = csv_records((text.encode("utf-8", "replace") + b"\n" for _, text in texts), separator)
    return [(texts[at - 1][0], _cells(record.decode("utf-8", "replace"), separator)) for at, record in whole]


def _separators(first: str) -> Sequence[str]:
    """Those that may be it: where some take the first line apart, those; 1,5 below t;x does not make commas one."""
    signs = [sign for sign in SEPARATORS if sign != BLANKS and len(_cells(first, sign)) > 1]
    return [*signs, BLANKS] if signs else SEPARATORS


def _fit(texts: Sequence[tuple[int, str]], separator: str) -> float:
    """How well a separator explains the lines: they have as many cells each, and these are numbers."""
    rows = [cells for _, cells in _rows(texts, separator)]
    ((width, count),) = Counter(map(len, rows)).most_common(1)
    cells = [cell for row in rows for cell in row]
    share = sum(is_missing(cell) or is_like_number(cell) for cell in cells) / max(1, len(cells))
    # words of a text have blanks between them, too: where there are no numbers, they separate nothing
    explained = 1.5 * share**2 if separator == BLANKS else 0.5 + share
    return (count / len(rows)) ** 2 * (explained if width > 1 else 0.15)


def _is_row(cells: Sequence[str], body: Sequence[Row]) -> bool:
    """Whether a first line has values and no names: numbers, missing ones, or words of truth as those below it."""
    if cells[0] == "" and len(cells) > 1 and list(cells[1:]) == [str(at) for at in range(len(cells) - 1)] and body:
        return False  # the names that pandas gives to columns without any
    return all(
        is_like_number(cell) or is_missing(cell) or (truth(cell) is not None and _is_truth_below(cell, at, body))
        for at, cell in enumerate(cells)
    )


def _is_truth_below(cell: str, at: int, body: Sequence[Row]) -> bool:
    """Whether a word such as False, no or T stands above others of its kind."""
    kinds = (("true", "false"), ("yes", "no"), ("t", "f"), ("y", "n"))
    kind = next((kind for kind in kinds if cell.lower() in kind), ())
    return any(len(row) > at and row[at].lower() in kind for _, row in body)


def _commented_names(comments: Sequence[Row], width: int, separator: str) -> Row | None:
    """The last comment above the table where it names as many columns, as np.savetxt writes it."""
    if not comments:
        return None
    at, (text,) = comments[-1]
    names = _cells(_LEADING_COMMENT.sub("", text), separator)
    return (at, names) if len(names) == width and not any(is_like_number(name) for name in names) else None


def _form(
    header: Row | None, values: list[Row], separator: str, reserved: Collection[str], has_comments: bool
) -> TableForm:
    names = list(header[1]) if header else []
    ended = all(len(cells) > 1 and not cells[-1] for _, cells in values) and (
        not header or not names[-1] or len(names) < len(values[0][1])
    )
    if ended and header and len(names) == len(values[0][1]):
        ended = not names[-1]
    values = [(at, cells[:-1]) for at, cells in values] if ended else values
    width = Counter(len(cells) for _, cells in values).most_common(1)[0][0]
    if len(names) == width + 1 and not names[-1]:
        names.pop()
    row_names = bool(header) and has_row_names(len(names), [width])
    if header and not row_names and len(names) != width:
        at = next(at for at, cells in values if len(cells) == width)
        raise NoLayout(f"the header names {len(names)} columns, but line {at} has {width} values. Mend the header.")
    if header is None or row_names:
        check_commas(values, separator, row_names)
    if header and not row_names and width > 1 and _UNNAMED.fullmatch(names[0]) and _tells_rows_apart(values):
        row_names, names = True, names[1:]
    given = names if header else [f"x{at}" for at in range(1, width + 1)]
    usable = usable_names(given, reserved)
    columns = {
        name: [(at, cells[place]) for at, cells in values if len(cells) > place]
        for place, name in enumerate(usable, start=row_names)
    }
    numbers = frozenset(name for name, cells in columns.items() if _are_numbers([cell for _, cell in cells]))
    if header and len(numbers) == len(usable):
        _refuse_names_below(values, row_names)
    return TableForm(
        usable,
        separator,
        first=values[0][0],
        row_names=row_names,
        ended=ended,
        decimal=decimal_sign([cell for name in numbers for cell in columns[name]], separator),
        header=header and (header[0], separator.join(header[1])[:SHOWN]),
        is_header_doubtful=header is not None and any(is_like_number(name) for name in names),
        renamed=tuple(f"{old} → {new}" for old, new in zip(given, usable, strict=True) if old != new),
        has_comments=has_comments or is_like_number(values[0][1][0]),
        numbers=numbers,
        truths=frozenset(name for name, cells in columns.items() if _are_truths([cell for _, cell in cells])),
    )


def _refuse_names_below(values: Sequence[Row], row_names: bool) -> None:
    """Refuse a row of words above columns of numbers: a title stands above the header, or units below it."""
    rows = (row for row in values if not all(map(is_missing, row[1])))
    at, cells = next(rows)
    if len(cells) > 1 and not any(is_like_number(cell) or is_missing(cell) for cell in cells[row_names:]):
        raise NoLayout(
            f"line {at} ({', '.join(cells)[:SHOWN]!r}) has no number, and the lines after it have: where these are the"
            " names of the columns, delete what is above them, else delete the line."
        )


def _tells_rows_apart(values: Sequence[Row]) -> bool:
    first = [cells[0] for _, cells in values]
    return len(set(first)) == len(first)


def _are_numbers(cells: Sequence[str]) -> bool:
    """Whether at least half of what is there are numbers."""
    there = [cell for cell in cells if not is_missing(cell)]
    return 0 < len(there) <= 2 * sum(map(is_like_number, there))


def _are_truths(cells: Sequence[str]) -> bool:
    """Whether all that is there are words such as true and no; a letter for them is one beside its opposite only."""
    there = [cell.lower() for cell in cells if not is_missing(cell)]
    words = {cell for cell in there if number(cell) is None}
    is_told = any(len(word) > 1 for word in words) or len({truth(word) for word in words}) == 2
    return is_told and all(truth(cell) is not None for cell in there)
