"""What a run reads of song files and logs when it is not the first, and that it ends as one that reads all of them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from cql.kinds import Kind
from domain.cleaning.json_records import json_records
from domain.generators.songs import song
from spark_jobs import build_songplays
from spark_jobs.publishing.active import active_runs
from spark_jobs.songs.files import KINDS, survey_songs
from spark_jobs.songs.intake import new_files, take_in
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import ParquetTables
from tests.support.mutations import LINES, bytes_of, mutated
from tests.support.songs_world import SEED, SIZES, SongWorld, build, log_line, published, table


@dataclass(frozen=True)
class Halves:
    """The events split, shuffled and half of them twice: a run of one half, one of what is new, one of all."""

    paths: Paths
    raw: Path
    first: Run
    second: Run
    whole: Run


@pytest.fixture(scope="module")
def halves(spark: SparkSession, song_world: SongWorld, tmp_path_factory: pytest.TempPathFactory) -> Halves:
    root = tmp_path_factory.mktemp("halves")
    other, source, raw = Paths(root / "data"), song_world.paths.raw("songs"), root / "raw"
    shutil.copytree(source / "song_data", raw / "song_data")
    (raw / "log_data" / ".hidden").mkdir(parents=True)
    (raw / "log_data" / ".hidden" / "old.json").write_text("not read", encoding="utf-8")
    lines = [line for path in (source / "log_data").rglob("*.json") for line in path.read_text("utf-8").splitlines()]
    random.Random(5).shuffle(lines)
    half = len(lines) // 2
    (raw / "log_data" / "late.json").write_text("\n".join(lines[half:]), encoding="utf-8")
    first = taken_in(spark, other, raw)
    active_runs(ParquetTables(other.root / "tables"), Kind.SONGPLAYS.job).flip(first.run_id, "half", None)
    (raw / "log_data" / "early.json").write_text("\n".join(lines[:half]), encoding="utf-8")
    shutil.copy(raw / "log_data" / "late.json", raw / "log_data" / "twice.json")
    second = build(spark, other, songs=raw)
    return Halves(other, raw, first, second, build(spark, other, songs=raw, full=True))


def test_new_files_alone_are_read_and_the_tables_are_those_of_all_files(
    spark: SparkSession, song_world: SongWorld, halves: Halves
) -> None:
    second, built = halves.second, song_world.built
    assert [second.counts[f"log_data.files{part}"] for part in ("", ".read", ".hidden")] == [3, 2, 1]
    assert second.counts["song_data.files.read"] == 0
    assert second.facts["incremental"]
    assert 0 < halves.first.counts["log_data.clean"] < built.counts["log_data.clean"] == second.counts["log_data.clean"]
    assert_same_tables(spark, (halves.paths, second), (song_world.paths, built))


def test_an_incremental_run_ends_with_the_tables_rows_and_counts_of_a_full_one(
    spark: SparkSession, halves: Halves
) -> None:
    assert not halves.whole.facts["incremental"]
    assert halves.whole.counts["log_data.files.read"] == 3
    assert_same_lines(spark, halves.second, halves.whole)
    assert_same_tables(spark, (halves.paths, halves.second), (halves.paths, halves.whole))
    active = active_runs(ParquetTables(halves.paths.root / "tables"), Kind.SONGPLAYS.job).get()
    assert active is not None
    assert active.run_id == halves.whole.run_id


def test_a_file_that_changed_or_other_rules_make_a_run_read_everything(tmp_path: Path, halves: Halves) -> None:
    """What such a file once said, or such rules let through, may have been published."""
    before = published(halves.paths) / halves.whole.run_id
    version = json.loads((before / "files.json").read_text(encoding="utf-8"))["rules"]
    raw = tmp_path / "raw"
    shutil.copytree(halves.raw, raw)
    files = survey_songs(raw)
    assert [len(each.digests) for each in new_files(files, before, version).values()] == [0, 0]
    assert new_files(files, before, "0-00000000") is files
    (raw / "log_data" / "twice.json").write_text("{}", encoding="utf-8")
    files = survey_songs(raw)
    assert new_files(files, before, version) is files
    (raw / "log_data" / "twice.json").unlink()
    files = survey_songs(raw)
    assert new_files(files, before, version) is files


def assert_same_tables(spark: SparkSession, one: tuple[Paths, Run], other: tuple[Paths, Run]) -> None:
    for name in set(build_songplays.TABLES) - {"songs_by_listener"}:
        assert table(spark, *one, name) == table(spark, *other, name), name
    lists = [table(spark, *of_run, "songs_by_listener") for of_run in (one, other)]
    assert [row[0] for row in lists[0]] == [row[0] for row in lists[1]]
    # products of factors depend on how many listeners a task has at once, in the last digits
    first_scores, second_scores = ([score for row in rows for score in row[2]] for rows in lists)
    assert first_scores == pytest.approx(second_scores, rel=1e-3, abs=1e-4)


def assert_same_lines(spark: SparkSession, one: Run, other: Run) -> None:
    """The clean and rejected rows of two runs, and all they counted but the files that they read."""
    for kind in KINDS:
        for name in (kind, f"rejected_{kind}"):
            frames = [spark.read.parquet(str(published(run.paths) / run.run_id / name)) for run in (one, other)]
            columns = sorted(frames[0].columns)
            assert columns == sorted(frames[1].columns)
            rows = [sorted(map(tuple, frame.select(columns).collect()), key=repr) for frame in frames]
            assert rows[0] == rows[1], name
    counts = [{name: n for name, n in run.counts.items() if not name.endswith(".read")} for run in (one, other)]
    assert counts[0] == counts[1]


def taken_in(
    spark: SparkSession, paths: Paths, raw: Path, before: Run | None = None, share: float = 0.05, **about: Any
) -> Run:
    """A run of which only the clean and rejected rows are there, beside those of the run `before`."""
    run = Run("build_songplays", paths, {}, **about)
    folder = published(paths) / run.run_id
    folder.mkdir(parents=True)
    take_in(spark, run, survey_songs(raw), folder, before and published(paths) / before.run_id, share)
    return run


FUTURE = datetime(2020, 5, 1, tzinfo=UTC)  # of the first of the runs below


def test_what_the_clock_or_other_lines_decided_is_judged_anew_beside_new_files(
    spark: SparkSession, tmp_path: Path
) -> None:
    raw, paths, share = tmp_path / "raw", Paths(tmp_path / "data"), 0.24
    one, two = log_line(), log_line(itemInSession=1)
    late = log_line(itemInSession=2, ts=int(FUTURE.timestamp() * 1000))
    joined = log_line(itemInSession=3) + log_line(itemInSession=4)
    write(raw / "song_data" / "one.json", json.dumps(song(SEED, SIZES, 1)) + "\n\n")  # a blank line is no fault
    others = [log_line(sessionId=2, itemInSession=item) for item in range(10)]
    write(raw / "log_data" / "b.json", "\n".join([one, one, two, two, late, "", joined, *others]))
    write(raw / "log_data" / "c.json", f"{one}\r{two}\r")  # as on old Macs
    first = taken_in(spark, paths, raw, share=share, started_at=FUTURE - timedelta(days=1))
    assert logs(first) == {"in": 19, "clean": 12, "rejected": 7} | {
        "rejected.blank_line": 1, "rejected.duplicate": 4, "rejected.not_json": 1, "rejected.time_out_of_range": 1,
    }  # fmt: skip
    earlier = log_line(itemInSession=1, userId="2", ts=1541106106795)
    write(raw / "log_data" / "a.json", "\n".join([one, earlier, late, log_line(itemInSession=5, level="gold")]))
    second = taken_in(spark, paths, raw, first, share)  # more than this share of the lines of a.json alone is bad
    assert logs(second) == {"in": 23, "clean": 13, "rejected": 10} | {
        "rejected.blank_line": 1, "rejected.conflict": 3, "rejected.duplicate": 4, "rejected.not_json": 1,
        "rejected.unknown_level": 1,
    }  # fmt: skip
    whole, again = taken_in(spark, paths, raw, share=share), taken_in(spark, paths, raw, second, share)
    assert_same_lines(spark, second, whole)
    assert_same_lines(spark, again, whole)
    assert [run.counts["log_data.files.read"] for run in (first, second, whole, again)] == [2, 1, 3, 0]
    with pytest.raises(JobError, match=r"log_data: 5 of 22 lines of log_data are rejected"):
        taken_in(spark, paths, raw, second, 0.22)


def logs(run: Run) -> dict[str, int]:
    """What it counted of the lines of logs."""
    counts = {name.removeprefix("log_data."): count for name, count in run.counts.items() if "log_data" in name}
    return {name: count for name, count in counts.items() if not name.startswith("files")}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


@pytest.mark.parametrize("form", ["lines", "array", "over several lines"])
def test_of_any_objects_none_is_lost(spark: SparkSession, tmp_path: Path, form: str) -> None:
    """No crash, and every object is clean or rejected, by a reason that names the field where there is one."""
    rng = random.Random(11)
    indent = 1 if form == "over several lines" else None
    events = [
        json.dumps(json.loads(log_line(sessionId=at, userId=str(at % 50))), indent=indent) for at in range(LINES // 3)
    ]
    texts = [mutated(rng, text) for text in events]
    content = bytes_of(rng, texts) if form != "array" else b"[" + b",\n".join(map(str.encode, texts)) + b"]"
    (tmp_path / "log_data").mkdir(parents=True)
    (tmp_path / "log_data" / "a.json").write_bytes(content)
    write(tmp_path / "song_data" / "one.json", json.dumps(song(SEED, SIZES, 1)))
    run = taken_in(spark, Paths(tmp_path / "data"), tmp_path, share=1.0)
    counts = logs(run)
    assert counts["in"] == counts["clean"] + counts["rejected"] == len(list(json_records(io.BytesIO(content))))
    assert counts["clean"] >= 0.4 * len(events)
    rejected = spark.read.parquet(str(published(run.paths) / run.run_id / "rejected_log_data"))
    whole = ("not_json", "blank_line", "invalid_encoding", "duplicate", "conflict")
    assert {row.reason for row in rejected.where("field is null").select("reason").distinct().collect()} <= {*whole}


@pytest.mark.parametrize("name", ["json-array", "pretty-printed", "whole-numbers-as-floats", "upper-case-extension"])
def test_the_case_files_are_read_whole(spark: SparkSession, tmp_path: Path, cases: Path, name: str) -> None:
    run = taken_in(spark, Paths(tmp_path / "data"), cases / "songs" / name, share=0.0)
    assert run.counts["song_data.clean"] == run.counts["song_data.in"] == 1
    assert run.counts["log_data.clean"] == run.counts["log_data.in"] > 1


FORMS: dict[str, Callable[[str], bytes]] = {
    "a.json.gz": lambda text: gzip.compress(text.encode()),
    "a.jsonl.bz2": lambda text: bz2.compress(text.encode()),
    "b.NDJSON": str.encode,
    "c.json": lambda text: text.encode("utf-16"),
    "d.json": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
    "e.JSON.xz": lambda text: lzma.compress(text.encode()),
}


def test_files_are_read_packed_or_not_and_in_any_encoding(spark: SparkSession, tmp_path: Path) -> None:
    for session, (name, encoded) in enumerate(FORMS.items()):
        path = tmp_path / "log_data" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encoded(f"{log_line(sessionId=session, artist='É')}\n{log_line(sessionId=session + 100)}"))
    write(tmp_path / "song_data" / "one.json", json.dumps(song(SEED, SIZES, 1)))
    write(tmp_path / "song_data" / "read me.txt", "not read")
    run = taken_in(spark, Paths(tmp_path / "data"), tmp_path, share=0.0)
    assert logs(run) == {"in": 12, "clean": 12, "rejected": 0}
    rows = spark.read.parquet(str(published(run.paths) / run.run_id / "log_data")).where("session_id < 100").collect()
    assert {row.artist for row in rows} == {"É"}
    assert len(rows) == len(FORMS)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(b"{}" * 100_000, mtime=0)[:-20], r"a\.json: the file is damaged or was cut off"),
        (b"PAR1\x15\x04", r"a\.json: this is a Parquet file"),
        (b"<!DOCTYPE html><html>", r"a\.json: this is a web page"),
    ],
)
def test_a_file_that_is_no_text_is_named_before_any_work(tmp_path: Path, content: bytes, says: str) -> None:
    for kind in KINDS:
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "a.json").write_bytes(content)
    with pytest.raises(JobError, match=says):
        survey_songs(tmp_path)
