"""Any error in one line: a full disk by its folder, whoever found it full."""

from __future__ import annotations

import errno
from collections import namedtuple
from pathlib import Path

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from spark_jobs.storage.errors import JobError, message

usage = namedtuple("usage", "total used free")
FULL = "No space left on device"


def test_a_full_disk_is_named_by_the_folder_of_the_file(tmp_path: Path) -> None:
    said = message(OSError(errno.ENOSPC, FULL, str(tmp_path / "gone" / "part-0.parquet")))
    assert said.startswith(f"The disk of {tmp_path} is full")
    assert "DATA_DIR/reports" in said


def test_a_quota_is_a_full_disk_too(tmp_path: Path) -> None:
    assert f"The disk of {tmp_path} is full" in message(OSError(errno.EDQUOT, "Disk quota exceeded", str(tmp_path)))


def test_a_write_to_an_open_file_does_not_know_its_name_so_the_folders_that_jobs_write_to_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_LOCAL_DIRS", "/var/spark/one,/var/spark/two")
    with pytest.raises(OSError, match=FULL) as full, Path("/dev/full").open("w") as file:
        file.write("x" * 10_000)
    said = message(full.value, tmp_path)
    assert all(folder in said for folder in (str(tmp_path), "/var/spark/one", "/var/spark/two"))


def test_of_several_folders_those_without_room_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full, roomy = tmp_path / "full", tmp_path / "roomy"
    for folder in (full, roomy):
        folder.mkdir()
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage(0, 0, 0 if folder == str(full) else 1 << 40))
    monkeypatch.setenv("SPARK_LOCAL_DIRS", f"{roomy},{full}")
    said = message(OSError(errno.ENOSPC, FULL), roomy)
    assert said.startswith(f"The disk of {full} is full")


@pytest.mark.parametrize(
    "told",
    [
        "java.io.FileNotFoundException: {}/blockmgr-1a/0c/temp_shuffle_1 ({full})",
        "org.apache.hadoop.fs.FSError: java.io.IOException: {}/.clean.staged/_temporary/0/part-0: {full}",
        "Job aborted: SparkOutOfMemoryError: error while calling spill() on x : {}/spark-77/blockmgr-1/08/t ({full})",
        "OSError: [Errno 28] {full}: '{}/spark-77/pyspark-5/broadcast'",
        "Cannot write {}/blockmgr-3/1/shuffle_0_1_0.data java.io.IOException: {full}",
    ],
)
def test_of_what_spark_says_the_folder_is_named_and_not_the_file_deep_in_it(told: str, tmp_path: Path) -> None:
    said = message(PySparkException(told.replace("{full}", FULL).replace("{}", str(tmp_path))))
    assert said.startswith(f"The disk of {tmp_path} is full")
    assert "blockmgr" not in said
    assert "SPARK_LOCAL_DIRS" in said


def test_a_full_disk_of_a_python_task_is_named(spark: SparkSession) -> None:
    def fill(batches: object) -> object:
        with Path("/dev/full").open("w") as file:
            file.write("x" * 10_000)
        yield

    with pytest.raises(Exception, match=FULL) as caught:
        spark.range(1).mapInArrow(fill, "id long").collect()  # type: ignore[arg-type]
    assert "is full" in message(caught.value, Path("/data"))
    assert "/data" in message(caught.value, Path("/data"))


@pytest.mark.parametrize(
    "error",
    [JobError("one\ntwo\r\n\x1b[31mthree"), ValueError("one\ntwo\r\n\x1b[31mthree"), OSError("one\ntwo\x1bthree")],
)
def test_a_message_is_one_printable_line(error: Exception) -> None:
    said = message(error)
    assert said.isprintable()
    assert "one two" in said
    assert "three" in said
