"""Names of files by release, and scales of ratings."""

from __future__ import annotations

import io
import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import pytest

from domain.contract.movielens import NAMES, SCALE, STARS, Scale, file_of, release_folder, release_members


@pytest.mark.parametrize("kind", NAMES)
def test_every_name_is_found_packed_and_in_any_case(kind: str) -> None:
    for name in NAMES[kind]:
        for there in (name, name.upper(), f"{name}.gz", f"{name}.zip"):
            assert file_of(kind, ["README.txt", there]) == there
    assert file_of(kind, ["ratings.txt", "movies.csv.bak"]) is None


def test_a_plain_file_wins_over_a_packed_one() -> None:
    assert file_of("ratings", ["ratings.csv.gz", "ratings.csv"]) == "ratings.csv"


def test_a_folder_in_a_folder_is_the_release(tmp_path: Path) -> None:
    (tmp_path / "a" / "ml-1m").mkdir(parents=True)
    (tmp_path / "a" / ".DS_Store").touch()
    assert release_folder(tmp_path / "a") == tmp_path / "a" / "ml-1m"
    (tmp_path / "b" / "ratings.csv").mkdir(parents=True)  # the folder of a file's parts
    assert release_folder(tmp_path / "b") == tmp_path / "b"


def archive_of(*names: str) -> ZipFile:
    archive = ZipFile(io.BytesIO(), "w")
    for name in names:
        archive.writestr(name, "")
    return archive


def test_members_of_a_zip_count_by_their_names_alone() -> None:
    for folder in ("", "ml-1m/", "a/b/", "ml-1m\\"):
        there = archive_of(f"{folder}ratings.dat", f"{folder}movies.dat", "__MACOSX/ratings.dat")
        assert [info.filename for info in release_members(there).values()] == [
            f"{folder}movies.dat",
            f"{folder}ratings.dat",
        ]


def test_a_zip_of_two_releases_is_refused() -> None:
    with pytest.raises(BadZipFile, match=re.escape("a/ratings.csv and b/ratings.csv")):
        release_members(archive_of("a/ratings.csv", "b/ratings.csv"))


def test_stars_of_scales() -> None:
    assert Scale().stars == STARS == (0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5)
    assert Scale.parse("0,10,2.5").stars == (0, 2.5, 5, 7.5, 10)
    assert Scale.parse("0,1,0.1").stars[3] == 0.3
    assert [Scale.parse(text).liked for text in ("0.5,5", "0,10", "1,5,1", "1,100,1", "-10,10,1")] == [4, 8, 4, 80, 6]
    assert Scale.parse(str(SCALE)) == SCALE


NO_SCALES = ["", "5", "a,b", "0,5,0", "5,0", "0,5,-1", "0,5,0.3", "0,1000,1", "0,nan", "1,2,3,4", "0,inf"]


@pytest.mark.parametrize("text", NO_SCALES)
def test_what_is_no_scale_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not LOWEST|must be 1 to"):
        Scale.parse(text)
