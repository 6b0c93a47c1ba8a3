"""The tables of Cassandra, each written once as `tables/<name>.cql`, and what is derived from those files.

`TABLES` maps a table's name to its parsed definition. Jobs check their frames against it, the web prepares its
SELECTs from it, `apply` compares it with the live schema and `document` prints it as docs/tables.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")

_COLUMN = re.compile(r"^\s+(?P<name>[a-z_0-9]+) (?P<type>[a-z_<>, ]+?),\s+-- (?P<comment>.+)$")
_KEY = re.compile(r"^\s+PRIMARY KEY \(\((?P<partition>[a-z_0-9, ]+)\)(?P<clustering>[a-z_0-9, ]*)\)$")


class TableFileError(ValueError):
    """A file under cql/tables is not of the form described in docs/rooms.md."""


@dataclass(frozen=True)
class Column:
    """A column: its name, its CQL type such as `frozen<list<int>>`, and what it holds with its unit."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Table:
    """A table as its file tells it."""

    name: str
    question: str
    written_by: str
    read_by: str
    columns: tuple[Column, ...]
    partition_key: tuple[str, ...]
    clustering_key: tuple[str, ...]
    statement: str

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Names of the key columns, those of the partition first."""
        return self.partition_key + self.clustering_key

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns in the order of the file."""
        return tuple(column.name for column in self.columns)

    @property
    def insert(self) -> str:
        """The statement that inserts or replaces a row: a mark for each of `column_names`."""
        marks = ", ".join("?" * len(self.columns))
        return f"INSERT INTO {self.name} ({', '.join(self.column_names)}) VALUES ({marks})"


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _head(path: Path, lines: list[str], label: str) -> str:
    for line in lines:
        if label in line:
            return line.split(label, 1)[1].split(".  ")[0].strip().rstrip(".")
    raise TableFileError(f"{path}: the head comment has no «{label}» line.")


def parse(path: Path) -> Table:
    """The table that `path` creates.

    Raises:
        TableFileError: the head comment, a column's comment or the key is missing.
    """
    text = path.read_text(encoding="utf-8")
    head = [line for line in text.splitlines() if line.startswith("--")]
    body = text[text.index("CREATE TABLE") :].splitlines()
    columns = tuple(Column(**match.groupdict()) for line in body if (match := _COLUMN.match(line)))
    keys = [match for line in body if (match := _KEY.match(line))]
    described = len(columns) + len(keys)
    if len(keys) != 1 or described != sum(line.startswith("    ") for line in body):
        raise TableFileError(f"{path}: every line needs «name type,  -- comment», the last one PRIMARY KEY ((…), …).")
    return Table(
        name=path.stem,
        question=_head(path, head, "Question: "),
        written_by=_head(path, head, "Written by: "),
        read_by=_head(path, head, "Read by: "),
        columns=columns,
        partition_key=_names(keys[0]["partition"]),
        clustering_key=_names(keys[0]["clustering"]),
        statement=text[text.index("CREATE TABLE") :],
    )


TABLES: dict[str, Table] = {path.stem: parse(path) for path in sorted((FOLDER / "tables").glob("*.cql"))}
