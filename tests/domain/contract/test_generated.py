"""What says of data that they are invented."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from domain.contract.generated import (
    MARKER,
    carry_mark,
    dataset_id,
    is_default_folder,
    is_generated,
    is_in_marked,
    is_marked,
    mark,
    may_be_generated,
)


def test_a_marked_folder_its_files_and_its_zip_are_invented_and_others_are_not(tmp_path: Path) -> None:
    made, own = tmp_path / "made", tmp_path / "own"
    for folder in (made, own):
        (folder / "servers").mkdir(parents=True)
    mark(made, "generate_sample")
    assert (is_marked(made), is_marked(own), is_marked(tmp_path / "nowhere")) == (True, False, False)
    assert is_in_marked(made / "servers" / "metrics.csv")
    assert not is_in_marked(own / "servers" / "metrics.csv")
    for folder in (made, own):
        with ZipFile(tmp_path / f"{folder.name}.zip", "w") as archive:
            archive.writestr(f"{folder.name}/ratings.csv", "userId")
            if is_marked(folder):
                archive.write(folder / MARKER, f"{folder.name}/{MARKER}")
    (tmp_path / "broken.zip").write_text("no zip")
    assert [is_marked(tmp_path / f"{name}.zip") for name in ("made", "own", "broken")] == [True, False, False]


def test_a_sample_from_before_there_were_markers_is_known_by_its_truth(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    assert not is_marked(tmp_path)
    (tmp_path / "truth" / "fake_profiles.csv").touch()
    assert is_marked(tmp_path)


def test_a_copy_says_what_its_folder_says_now(tmp_path: Path) -> None:
    given, copy = tmp_path / "given", tmp_path / "copy"
    given.mkdir()
    mark(given, "generate_sample")
    carry_mark(given, copy)
    assert is_marked(copy)
    (given / MARKER).unlink()
    carry_mark(given, copy)
    assert not is_marked(copy)


@pytest.mark.parametrize("name", ["sample", "sample-full", "catalogue", "songs", "ml-1m", "x-generated", "a b", ""])
def test_an_id_tells_what_is_invented_whatever_the_folder_is_called(name: str) -> None:
    assert is_generated(dataset_id(name, "0123abcd", generated=True))
    own = dataset_id(name, "0123abcd", generated=False)
    assert not is_generated(own)
    assert not may_be_generated(own)


@pytest.mark.parametrize(
    ("older", "generated", "may_be"),
    [
        ("sample-0123abcd", True, False),
        ("sample-full-0123abcd", True, False),
        ("catalogue-0123abcd", False, True),
        ("songs-0123abcd", False, True),
        ("ml-latest-small-3f2a91c4", False, False),
        ("my-sample-3f2a91c4", False, False),
    ],
)
def test_ids_of_older_versions_are_told_as_far_as_they_can_be(older: str, generated: bool, may_be: bool) -> None:
    assert (is_generated(older), may_be_generated(older)) == (generated, may_be)


def test_a_data_set_without_an_id_is_not_invented() -> None:
    assert not is_generated(None)


def test_an_older_record_names_the_folder_of_a_generator_or_none() -> None:
    assert all(map(is_default_folder, (None, "None", "/data/raw/catalogue", "/x/data/raw/songs")))
    assert not any(map(is_default_folder, ("/data/netflix", "/data/raw/copied/netflix", "/home/me/catalogue")))
