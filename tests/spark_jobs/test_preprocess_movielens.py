"""The job as a whole, on real, dirty and fuzzed files, and under faults."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from domain.contract.movielens import HEADERS, SCALE, Scale
from spark_jobs import preprocess_movielens as job
from spark_jobs.movielens.cleaned import Cleaned
from spark_jobs.storage import datasets
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.schemas import table_schema
from spark_jobs.storage.tables import ParquetTables
from tests.support.parquet import save

SMALL = {
    "movies": ["1,Toy Story (1995),Comedy", '2,"Matrix, The (1999)",Action', "3,Amélie (2001),(no genres listed)"],
    "ratings": ["1,1,4.0,1000000000", "1,2,3.5,1000000001", "2,1,0.5,1000000002", "2,9,5.0,1000000003"],
    "tags": ["1,1,Pixar,1000000000"],
    "links": ["1,0114709,862", "2,0133093,", "3,0211915,194"],
}
FUZZED_LINES = int(os.environ.get("FUZZED_LINES", "50000"))


@dataclass
class Cleaning:
    """A finished run and where its results are."""

    run: Run
    tables: ParquetTables

    def rows(self, side: str, file: str) -> pd.DataFrame:
        return pd.read_parquet(getattr(self.run.paths, side) / file)

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.tables.root / name)


@pytest.fixture(scope="module", autouse=True)
def session_settings(spark: SparkSession) -> Iterator[None]:
    """The job fits these to its data; other tests have their own."""
    names = ("spark.sql.shuffle.partitions", "spark.sql.files.minPartitionNum")
    before = {name: spark.conf.get(name, None) for name in names}
    yield
    for name, value in before.items():
        spark.conf.unset(name) if value is None else spark.conf.set(name, value)


def write_files(folder: Path, **changed: bytes | list[str] | None) -> Path:
    """A small data set with some files changed: other bytes, other lines, or (None) no such file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in (SMALL | changed).items():
        if lines is not None:
            content = lines if isinstance(lines, bytes) else "\n".join([HEADERS[name], *lines, ""]).encode()
            (folder / f"{name}.csv").write_bytes(content)
    return folder


def clean(
    spark: SparkSession,
    folder: Path,
    data_dir: Path,
    *,
    highest: float = 1.0,
    force: bool = False,
    scale: Scale = SCALE,
) -> Cleaning:
    run = Run("preprocess_movielens", Paths(data_dir), {})
    tables = ParquetTables(data_dir / "tables")
    flags = {"scale": scale, "max_rejected_share": highest, "force": force, "segments": None}
    job.main(spark, run, movielens=folder, tables=tables, **flags)
    return Cleaning(run, tables)


def assert_it_adds_up(cleaning: Cleaning, file: str, lines: int) -> None:
    """Every line is in exactly one of clean and rejected, in the files and in the record."""
    counts, rejected = cleaning.run.counts, cleaning.rows("rejected", file)
    by_reason = {f"{file}.rejected.{reason}": count for reason, count in rejected["reason"].value_counts().items()}
    assert counts[f"{file}.in"] == lines == len(cleaning.rows("clean", file)) + len(rejected)
    assert (counts[f"{file}.clean"], counts[f"{file}.rejected"]) == (lines - len(rejected), len(rejected))
    assert {name: count for name, count in counts.items() if name.startswith(f"{file}.rejected.")} == by_reason
    assert not rejected.duplicated(["file", "line"]).any()


# ------------------------------------------------------------------------------------------------- a whole run


@pytest.fixture(scope="module")
def small(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Cleaning:
    root = tmp_path_factory.mktemp("small")
    crlf = "\r\n".join([HEADERS["movies"], *SMALL["movies"]]).encode()  # no line end at the end of the file
    folder = write_files(root / "my data [1] 100%", movies=b"\xef\xbb\xbf" + crlf)
    (folder / "ratings.csv").unlink()
    for part, rows in enumerate((SMALL["ratings"][:2], ["", HEADERS["ratings"], *SMALL["ratings"][2:]])):
        (folder / "ratings.csv").mkdir(exist_ok=True)
        (folder / "ratings.csv" / f"part-{part}").write_text("\n".join([HEADERS["ratings"], *rows]), encoding="utf-8")
    return clean(spark, folder, root / "data")


def test_marks_carriage_returns_and_parts_are_no_trouble(small: Cleaning) -> None:
    assert small.rows("clean", "movies")["title"].tolist() == ["Toy Story", "Matrix, The", "Amélie"]
    assert_it_adds_up(small, "movies", 3)
    assert_it_adds_up(small, "ratings", 6)


def test_a_rejected_row_tells_its_reason_place_field_value_and_text(small: Cleaning) -> None:
    rows = small.rows("rejected", "ratings").sort_values("line").itertuples(index=False, name=None)
    assert list(rows) == [
        ("blank_line", "ratings.csv/part-1", 2, None, None, ""),
        ("not_a_number", "ratings.csv/part-1", 3, "userId", "userId", HEADERS["ratings"]),
        ("unknown_movie", "ratings.csv/part-1", 5, "movieId", "9", "2,9,5.0,1000000003"),
    ]


def test_all_tables_belong_to_the_data_set_that_dataset_json_names(small: Cleaning) -> None:
    about = json.loads((small.run.paths.clean / "dataset.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"my-data-1-100--[0-9a-f]{8}", about["dataset_id"])
    assert (about["run_id"], about["counts"]) == (small.run.run_id, small.run.counts)
    rows = {folder.name: small.table(folder.name) for folder in small.tables.root.iterdir()}
    assert all(set(table["dataset_id"]) == {about["dataset_id"]} for table in rows.values())
    assert {name: len(table) for name, table in rows.items() if name != "movies_by_term"} == {
        "movies_by_id": 3,
        "links_by_movie": 3,
        "tags_by_movie": 1,
        "statistics_by_movie": 3,
        "breakdown_by_movie": 2,
        "ratings_by_user": 2,
        "users_by_id": 2,
        "insights_by_dataset": 10,
    }


# ---------------------------------------------------------------------------------------------------- faults


def test_too_many_rejected_lines_fail_the_run_and_leave_the_earlier_data_set(
    spark: SparkSession, tmp_path: Path, small: Cleaning
) -> None:
    shutil.copytree(small.run.paths.clean, tmp_path / "data" / "clean")
    earlier = sorted((path.name, path.read_bytes()) for path in (tmp_path / "data/clean").rglob("*") if path.is_file())
    folder = write_files(tmp_path / "raw", movies=[*SMALL["movies"], "4,,Drama", "5,,Drama", "6"])
    with pytest.raises(JobError, match=r"3 of 6 lines of movies .* empty_title \(2\), first in movies\.csv line 5"):
        clean(spark, folder, tmp_path / "data", highest=0.4)
    now = sorted((path.name, path.read_bytes()) for path in (tmp_path / "data/clean").rglob("*") if path.is_file())
    assert now == earlier
    assert [path.name for path in (tmp_path / "data").iterdir() if "staged" in path.name] == []


def test_a_data_directory_that_is_a_file_is_said(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(OSError, match="data"):
        clean(spark, write_files(tmp_path / "raw"), tmp_path / "data")


def test_a_run_that_was_killed_between_its_renames_is_put_right(
    spark: SparkSession, tmp_path: Path, small: Cleaning
) -> None:
    paths = Paths(tmp_path)
    shutil.copytree(small.run.paths.clean, paths.clean.with_name(".clean.before"))
    (tmp_path / ".rejected.staged").mkdir()
    with Cleaned(paths).exclusively():
        assert Cleaned(paths).about(small.run.dataset_id or "") is not None
    assert not (tmp_path / ".rejected.staged").exists()


def test_two_runs_do_not_clean_into_the_same_folder(tmp_path: Path) -> None:
    first, second = Cleaned(Paths(tmp_path)), Cleaned(Paths(tmp_path))
    with first.exclusively(), pytest.raises(JobError, match="another run is cleaning"), second.exclusively():
        pass


# --------------------------------------------------------------------------------------------------- running again


def test_what_is_stored_already_is_not_stored_again(
    spark: SparkSession, small: Cleaning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "is_stored", lambda dataset, tables: dataset == small.run.dataset_id)
    monkeypatch.setattr(job, "clean", lambda *_: pytest.fail("cleaned again"))
    source = json.loads((small.run.paths.clean / "dataset.json").read_text(encoding="utf-8"))["source"]
    again = clean(spark, Path(source), small.run.paths.root)
    assert again.run.counts == small.run.counts
    assert again.run.facts == {"unchanged": True}


# ------------------------------------------------------------------------------------- what people did on the site

WHEN = datetime(2025, 6, 7, 8, 9, 10, 500_000, tzinfo=UTC)
DONE = [  # user, movie, rating, rated_at, hidden_at
    (1, 1, 1.0, WHEN, None),  # replaces
    (1, 2, None, WHEN, None),  # takes back
    (7, 3, 4.5, WHEN, WHEN),  # of a user whom the files do not have
    (2, 1, 5.0, datetime(2001, 1, 1, tzinfo=UTC), None),  # is older than what the files have
    (2, 9, 5.0, WHEN, None),  # of a movie that the data lack
    (2, 2, 7.5, WHEN, None),  # off the scale
    (-4, 2, 4.0, WHEN, None),  # no id
    (2, 3, None, None, WHEN),  # only hides
]


def store_done(tables: ParquetTables, done: list[tuple]) -> None:
    """The table interactions_by_user."""
    schema = to_arrow_schema(table_schema("interactions_by_user"))
    names = ("user_id", "movie_id", "rating", "rated_at", "hidden_at")
    shutil.rmtree(tables.root / "interactions_by_user", ignore_errors=True)
    rows = [dict.fromkeys(schema.names) | dict(zip(names, row, strict=True)) for row in done]
    save(tables.root / "interactions_by_user", pa.Table.from_pylist(rows, schema))


@pytest.fixture(scope="module")
def answered(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Cleaning:
    """A cleaning of the small data set and what people did."""
    root = tmp_path_factory.mktemp("answered")
    store_done(ParquetTables(root / "data" / "tables"), DONE)
    return clean(spark, write_files(root / "raw"), root / "data", highest=0.25)


def test_what_people_rated_is_in_the_ratings_and_in_all_that_is_made_of_them(answered: Cleaning) -> None:
    ratings = answered.rows("clean", "ratings").sort_values(["user_id", "movie_id"])
    found = list(ratings[["user_id", "movie_id", "rating"]].itertuples(index=False, name=None))
    assert found == [(1, 1, 1.0), (2, 1, 0.5), (7, 3, 4.5)]
    assert pd.Timestamp(WHEN.replace(tzinfo=None)) in set(ratings["rated_at"].dt.tz_localize(None))
    users = answered.table("users_by_id").set_index("user_id")["rating_count"]
    assert users.to_dict() == {1: 1, 2: 1, 7: 1}
    movies = answered.table("statistics_by_movie").set_index("movie_id")["rating_count"]
    assert movies.to_dict() == {1: 2, 2: 0, 3: 1}
    lists = answered.table("ratings_by_user").set_index("user_id")["movie_ids"]
    assert {user: list(ids) for user, ids in lists.items()} == {1: [1], 2: [1], 7: [3]}


def test_each_is_counted_beside_the_lines_of_the_files(answered: Cleaning) -> None:
    counts = answered.run.counts
    assert (counts["ratings.in"], counts["ratings.clean"], counts["ratings.rejected"]) == (4, 3, 1)
    assert {name: count for name, count in counts.items() if name.startswith("interactions")} == {
        "interactions.hidden": 2,
        "interactions.in": 7,
        "interactions.clean": 4,
        "interactions.rejected": 3,
        "interactions.rejected.id_out_of_range": 1,
        "interactions.rejected.rating_out_of_range": 1,
        "interactions.rejected.unknown_movie": 1,
    }
    assert [counts[f"ratings.{change}"] for change in ("added", "replaced", "removed")] == [1, 1, 1]
    rejected = answered.rows("rejected", "interactions").sort_values("text")
    assert list(rejected[["reason", "field", "value"]].itertuples(index=False, name=None)) == [
        ("id_out_of_range", "userId", "-4"),
        ("rating_out_of_range", "rating", "7.5"),
        ("unknown_movie", "movieId", "9"),
    ]
    assert set(rejected["file"]) == {"interactions_by_user"}
    assert sorted(path.name for path in (answered.run.paths.clean).iterdir()) == [
        *("dataset.json", "interactions", "links", "movies", "ratings", "tags"),
    ]


def test_the_job_says_what_came_of_them_in_a_line(answered: Cleaning) -> None:
    said = answered.run.summary
    assert len(said) == 3
    assert said[0].startswith("in: 3 movies, 3 links, 1 tags, 4 ratings, 7 interactions · clean: ")
    assert "3 of interactions (" in said[1]
    assert "; first: interactions_by_user, " in said[1]
    assert said[2] == "ratings of the site: 1 added, 1 replaced, 1 removed; 2 movies hidden"


def test_it_is_as_if_the_files_had_had_these_ratings(spark: SparkSession, tmp_path: Path, answered: Cleaning) -> None:
    lines = ["1,1,1.0,1749283750.5", "2,1,0.5,1000000002", "7,3,4.5,1749283750.5"]
    other = clean(spark, write_files(tmp_path / "raw", ratings=lines), tmp_path / "data")
    for table, key in (("users_by_id", "user_id"), ("statistics_by_movie", "movie_id")):
        pair = [each.table(table).set_index(key).sort_index() for each in (other, answered)]
        figures = [name for name in pair[0].columns if not name.endswith("rated_at") and name != "dataset_id"]
        pd.testing.assert_frame_equal(pair[0][figures], pair[1][figures])


def test_the_data_set_is_another_one_for_other_ratings_and_for_nothing_else(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is cleaned is not asked here: each id is known before that."""
    monkeypatch.setattr(job, "clean", lambda *_: (_ for _ in ()).throw(JobError("not cleaned")))
    folder, tables = write_files(tmp_path / "raw"), ParquetTables(tmp_path / "data" / "tables")

    def named(done: list[tuple] | None) -> str | None:
        if done is not None:
            store_done(tables, done)
        run = Run("preprocess_movielens", Paths(tmp_path / "data"), {})
        flags = {"scale": SCALE, "max_rejected_share": 1.0, "force": False, "segments": None}
        with pytest.raises(JobError, match="not cleaned"):
            job.main(spark, run, movielens=folder, tables=tables, **flags)
        return run.dataset_id

    digests = {name: sha256((folder / f"{name}.csv").read_bytes()).hexdigest() for name in HEADERS}
    content = [
        job.CLEANING_VERSION,
        str(SCALE),
        dict(sorted({**digests, "genome-scores": "", "genome-tags": ""}.items())),
    ]
    before = datasets.named("raw", content)
    assert named(None) == named([]) == before, "as it was before anybody could rate"
    assert named([row for row in DONE if row[3] is None]) == before, "who only hides has rated nothing"
    one = named(DONE)
    assert one == named(DONE[::-1])
    assert one == named([*DONE, (5, 3, None, None, WHEN)])
    assert len({before, one, named(DONE[:-2]), named([(1, 1, 1.5, WHEN, None), *DONE[1:]])}) == 4


def test_who_only_hides_is_counted_and_changes_nothing(spark: SparkSession, tmp_path: Path) -> None:
    store_done(ParquetTables(tmp_path / "data" / "tables"), [row for row in DONE if row[3] is None])
    cleaning = clean(spark, write_files(tmp_path / "raw"), tmp_path / "data")
    assert {name: n for name, n in cleaning.run.counts.items() if name.startswith("interactions")} == {
        "interactions.hidden": 1
    }
    assert len(cleaning.rows("clean", "ratings")) == cleaning.run.counts["ratings.clean"] == 3
    assert cleaning.run.said == []


def test_an_unchanged_state_is_not_cleaned_again_and_knows_what_is_hidden_now(
    spark: SparkSession, answered: Cleaning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "is_stored", lambda dataset, tables: dataset == answered.run.dataset_id)
    monkeypatch.setattr(job, "clean", lambda *_: pytest.fail("cleaned again"))
    store_done(answered.tables, [*DONE, (1, 3, None, None, WHEN)])
    source = json.loads((answered.run.paths.clean / "dataset.json").read_text(encoding="utf-8"))["source"]
    again = clean(spark, Path(source), answered.run.paths.root)
    assert again.run.counts == answered.run.counts | {"interactions.hidden": 3}
    assert again.run.summary[2].startswith("unchanged: ")


# ------------------------------------------------------------------------------------------------------------ fuzz


def fuzzed(line: bytes, source: random.Random) -> bytes:
    """The line with one to three things done to it, none of which makes two lines of it."""
    for _ in range(source.randrange(1, 4)):
        at = source.randrange(len(line) + 1)
        kind = source.randrange(9)
        if kind == 0 and line:
            flipped = bytearray(line)
            flipped[at % len(line)] ^= 1 << source.randrange(8)
            line = bytes(flipped)
        elif kind == 1:
            fields = line.split(b",")
            line = b",".join(fields[: source.randrange(len(fields))])
        elif kind == 2:
            line = line.replace(b",", b",,", 1)
        elif kind == 3:
            fields = line.split(b",")
            fields[source.randrange(len(fields))] = str(source.choice([-1, 1])).encode() + b"9" * source.randrange(400)
            line = b",".join(fields)
        else:
            inserted = (b'"', b'""', b"\x00", "😀".encode(), b"\r")[kind - 4]
            line = line[:at] + inserted + line[at:]
    return line.replace(b"\n", b"\r")


def fuzzed_file(name: str, count: int, source: random.Random) -> list[bytes]:
    user, movie = partial(source.randrange, 1, 300), partial(source.randrange, 1, 9000)
    valid = {
        "movies": lambda: f'{movie()},"Title, A{source.randrange(99)} (1999)",Drama|War',
        "ratings": lambda: f"{user()},{movie()},{source.randrange(1, 11) / 2},1000000000",
        "tags": lambda: f"{user()},{movie()},fun {source.randrange(9)},1000000000",
        "links": lambda: f"{movie()},{source.randrange(1, 10**7):07d},{source.randrange(1, 999)}",
    }[name]
    lines = [valid().encode() for _ in range(count)]
    return [fuzzed(line, source) if source.random() < 0.7 else line for line in lines]


def whole(text: str) -> int | None:
    """A whole number in any usual form, read by Python's decimals."""
    plain = text.strip(" \t\u00a0\ufeff")
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?", plain):
        return None
    value = Decimal(plain)
    return int(value) if value.adjusted() < 30 and value == value.to_integral_value() else None


def clean_ratings(lines: list[bytes], movies: set[int]) -> dict[tuple[int, int], float]:
    """An independent cleaning of ratings that nearly all are of the same time: the last valid line of a key wins."""
    kept = {}
    for line in lines:
        text = line.rstrip(b"\r")
        while (plain := re.sub(rb'(^|,)"([^",]*)"(?=,|$)', rb"\1\2", text)) != text:
            text = plain
        fields = text.decode("utf-8", "replace").split(",")
        if len(fields) != 4 or re.search(r'[\x00-\x08\x0a-\x1f\x7f\ufffd"]', ",".join(fields)):
            continue
        user, movie = whole(fields[0]), whole(fields[1])
        numbers = [
            float(field)
            if re.fullmatch(r"[ \t]*[+-]?[0-9.]+[ \t]*", field) and field.strip() != "." and field.count(".") < 2
            else None
            for field in fields[2:]
        ]
        if user is None or movie is None or None in numbers:
            continue
        stars, at = numbers
        at /= next((step for least, step in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)) if at >= least), 1)
        is_valid = 0 <= user < 2**31 and stars in {half / 2 for half in range(1, 11)} and 788_918_400 <= at < 1.7e9
        if is_valid and movie in movies and (at >= kept.get((user, movie), (0, 0))[0]):
            kept[user, movie] = (at, stars)
    return {key: stars for key, (_, stars) in kept.items()}


def test_fuzzed_lines_are_accounted_for_to_the_row(spark: SparkSession, tmp_path: Path) -> None:
    source = random.Random(20261122)
    shares = {"ratings": 0.4, "tags": 0.3, "movies": 0.2, "links": 0.1}
    lines = {name: fuzzed_file(name, int(share * FUZZED_LINES), source) for name, share in shares.items()}
    assert sum(map(len, lines.values())) == FUZZED_LINES
    folder = tmp_path / "raw"
    folder.mkdir()
    for name, rows in lines.items():
        ends = source.choice([b"", b"\n"])
        (folder / f"{name}.csv").write_bytes(b"\n".join([HEADERS[name].encode(), *rows]) + ends)

    cleaning = clean(spark, folder, tmp_path / "data")
    for name, rows in lines.items():
        blank_at_the_end = rows[-1] == b"" and not (folder / f"{name}.csv").read_bytes().endswith(b"\n\n")
        assert_it_adds_up(cleaning, name, len(rows) - blank_at_the_end)
        for row in cleaning.rows("rejected", name).itertuples():
            line = rows[row.line - 2].rstrip(b"\r")
            assert row.text == line.decode() if row.reason != "invalid_encoding" else "\ufffd" in row.text
    ratings = cleaning.rows("clean", "ratings")
    expected = clean_ratings(lines["ratings"], set(cleaning.rows("clean", "movies")["movie_id"]))
    assert (
        dict(zip(zip(ratings["user_id"], ratings["movie_id"], strict=True), ratings["rating"], strict=True)) == expected
    )
    assert len(expected) > 1000
