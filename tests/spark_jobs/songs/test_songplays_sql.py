"""The queries of docs/songplays_sql.md, run on the set that the page names, and the answers that it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cluster.commands.sql import VIEWS, newest_star, views
from tests.support.songs_world import SEED, SIZES, SongWorld

PAGE = Path(__file__).resolve().parents[3] / "docs/songplays_sql.md"
# a query and, right below it, its answer
BLOCKS = re.findall(r"```sql\n(.*?)```\n\n```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture(scope="module")
def star(spark: SparkSession, song_world: SongWorld) -> Iterator[SparkSession]:
    """The session with the views that `make sql` registers."""
    for statement in views(newest_star(song_world.paths.root / "tables")).split(";\n")[:-1]:
        spark.sql(statement)
    yield spark
    for name in VIEWS:
        spark.catalog.dropTempView(name)


def answer(spark: SparkSession, query: str) -> str:
    """As the page has it: a line of names, then a line a row, of values with two spaces between the columns."""
    frame = spark.sql(query)
    lines = [frame.columns, *(["NULL" if value is None else str(value) for value in row] for row in frame.collect())]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(f"{text:{width}}" for text, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)


@pytest.mark.parametrize("place", range(len(BLOCKS)))
def test_a_query_of_the_page_has_the_answer_beside_it(place: int, star: SparkSession) -> None:
    query, expected = BLOCKS[place]
    assert answer(star, query) == expected.strip()


def test_every_query_has_an_answer_and_the_page_names_the_set_of_these_tests() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(BLOCKS) == page.count("```sql") >= 10
    flags = {f"--{name.replace('_', '-')} {value}" for name, value in vars(SIZES).items()} | {f"--seed {SEED}"}
    assert [flag for flag in sorted(flags) if flag not in page] == []


def test_one_statement_is_answered_by_the_shell_alone(song_world: SongWorld, tmp_path: Path) -> None:
    environ = os.environ | {"DATA_DIR": str(song_world.paths.root / "tables"), "RUN_DIR": str(tmp_path)}
    query = "SELECT 'the \"plays\"', count(*) = count(start_time) FROM songplays JOIN time USING (start_time)"
    shell = [sys.executable, "-m", "cluster.commands.sql", query]
    done = subprocess.run(shell, env=environ, capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.split("\t") == ['the "plays"', "true\n"]
