"""The ids of data sets."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from domain.contract.movielens import HEADERS
from spark_jobs.storage import datasets
from spark_jobs.storage.raw_files import named_columns, survey

HEADER = HEADERS["tags"].encode()
TAGS = named_columns(dict.fromkeys(HEADERS["tags"].split(","), ()))


def identify(folder: Path) -> str:
    return datasets.named("my data", {"tags": survey(folder / "tags.csv", "tags", TAGS, folder).sha256})


def test_the_id_of_a_data_set_is_that_of_its_content(tmp_path: Path) -> None:
    for name, row in (("a", b"1,1,x,1"), ("b", b"1,1,x,1"), ("c", b"2,1,x,1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tags.csv").write_bytes(HEADER + b"\n" + row)
    assert identify(tmp_path / "a") == identify(tmp_path / "b") != identify(tmp_path / "c")
    shutil.move(tmp_path / "a" / "tags.csv", tmp_path / "part")
    (tmp_path / "a" / "tags.csv").mkdir()
    shutil.move(tmp_path / "part", tmp_path / "a" / "tags.csv" / "part-0")
    assert identify(tmp_path / "a") == identify(tmp_path / "b")


def test_an_id_begins_with_the_name_of_the_folder_as_far_as_a_key_may_have_it() -> None:
    assert re.fullmatch(r"my-data-[0-9a-f]{8}", datasets.named("my data", [1]))
