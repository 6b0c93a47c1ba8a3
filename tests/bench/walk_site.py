"""The site with a stand-in for Cassandra, which answers from Parquet folders of tables, for one page (walks.py).

Example: python tests/bench/walk_site.py TABLES /users/1
"""

from __future__ import annotations

import re
import sys
from collections import namedtuple
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pyarrow.dataset import dataset

SELECT = re.compile(r"SELECT (?:DISTINCT )?(?P<columns>.+?) FROM (?P<table>\w+)")
CONDITION = re.compile(r"(\w+) (=|>=|<=|<|>) (?:\?|%s)")
COMPARE = {
    "=": lambda one, other: one == other,
    ">=": lambda one, other: one >= other,
    "<=": lambda one, other: one <= other,
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
}
PUBLISHING = {"preprocess_movielens": "publish_recommendations", "build_catalogue": "build_catalogue"}


class Answer(list[Any]):
    """Rows as the driver's result gives them, all on one page."""

    has_more_pages = False

    @property
    def current_rows(self) -> list[Any]:
        """All rows."""
        return list(self)

    def one(self) -> Any | None:
        """The first row, or None."""
        return next(iter(self), None)


class StandIn:
    """What the site needs of a session of the driver. Nothing is published but what lies in the folder."""

    def __init__(self, folder: Path) -> None:
        self.tables = {path.name: dataset(path).to_table().to_pylist() for path in folder.iterdir() if path.is_dir()}
        self.tables["active_runs"] = [
            {"job": PUBLISHING[name], "run_id": run, "dataset_id": data, "published_at": datetime.now(UTC)}
            for name, run, data in self._runs()
        ]

    def _runs(self) -> list[tuple[str, str, str]]:
        if "ratings_by_user" in self.tables:
            return [("preprocess_movielens", "none", self.tables["ratings_by_user"][0]["dataset_id"])]
        return [("build_catalogue", self.tables["media_by_id"][0]["run_id"], "none")]

    def prepare(self, text: str) -> Any:
        """A statement that can be bound to values."""
        return SimpleNamespace(bind=lambda values: SimpleNamespace(query_string=text, values=values))

    def execute(self, statement: Any, values: Any = ()) -> Answer:
        """The rows whose columns are as the statement says."""
        return self._rows(statement.query_string, getattr(statement, "values", None) or values)

    def execute_async(self, statement: Any, **_: Any) -> Any:
        """The same, behind `result`."""
        return SimpleNamespace(result=lambda: self.execute(statement))

    def _rows(self, text: str, values: Any) -> Answer:
        query = SELECT.search(text)
        assert query, text
        columns = query["columns"].split(", ")
        wanted = [
            (column, COMPARE[sign], value)
            for (column, sign), value in zip(CONDITION.findall(text), values, strict=False)
        ]
        kind = namedtuple("Row", columns)  # type: ignore[misc]
        return Answer(
            kind(**{column: _naive(row.get(column)) for column in columns})
            for row in self.tables.get(query["table"], [])
            if all(compare(row[column], value) for column, compare, value in wanted)
        )


def _naive(value: Any) -> Any:
    """Times without a zone, as the driver has them."""
    if isinstance(value, list):
        return [_naive(each) for each in value]
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def main() -> None:
    """Ask for the page; it must be there."""
    import cql.connect

    session = StandIn(Path(sys.argv[1]))
    cql.connect.connect = lambda *_, **__: session  # before the site imports it
    from web import create_app

    answer = create_app({}).test_client().get(sys.argv[2])
    assert answer.status_code == 200, answer.text


if __name__ == "__main__":
    main()
