"""Keeping and bringing back what people did, with an export that is only played."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO

import pytest

from cluster.errors import ClusterError
from cluster.interactions import bring_back, keep

LINES = '["feedback_by_user", "vote", 1, 1, 2, 7, "tm1"]\n'
WAY_OUT = "remove /data/cassandra"


class Played:
    """Plays `python -m cql.interactions`: exports a text, notes what it restores, or fails."""

    def __init__(self, text: str = "", error: str = "") -> None:
        self.text = text
        self.error = error
        self.restored: list[str] = []

    def __call__(self, action: str, source: IO[str] | None, target: IO[str] | None) -> None:
        if target:
            target.write(self.text)
        if source:
            self.restored.append(source.read())
        if self.error:
            raise ClusterError(self.error)


def whole(rows: int) -> str:
    return LINES * rows + json.dumps({"rows": rows}) + "\n"


def test_what_is_kept_is_said_and_comes_back_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    played = Played(whole(2))
    keep(tmp_path, played, WAY_OUT)
    (path,) = (tmp_path / "interactions").iterdir()
    assert path.read_text() == whole(2)
    assert capsys.readouterr().out == f"Ratings and votes (2) are kept in {path}: `make up` brings them back.\n"
    bring_back(tmp_path, played)
    assert played.restored == [whole(2)]
    assert capsys.readouterr().out == f"Ratings and votes (2) are back from {path}.\n"
    bring_back(tmp_path, played)
    assert (len(played.restored), capsys.readouterr().out) == (1, "")


def test_where_nobody_did_anything_nothing_is_said_and_nothing_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path, Played(whole(0)), WAY_OUT)
    bring_back(tmp_path, Played())
    assert capsys.readouterr().out == ""
    assert not (tmp_path / "interactions").exists()


@pytest.mark.parametrize("text", ["", LINES, whole(3)[:-2], LINES + '{"rows": 1', whole(1) + "no JSON\n"])
def test_an_export_that_is_not_whole_is_not_kept(tmp_path: Path, text: str) -> None:
    with pytest.raises(ClusterError, match="nothing was removed: the export ended early"):
        keep(tmp_path, Played(text), WAY_OUT)
    assert not (tmp_path / "interactions").exists()


def test_without_an_answer_of_cassandra_the_error_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "interactions").mkdir()
    (tmp_path / "interactions" / "of a friend.txt").touch()
    with pytest.raises(ClusterError) as error:
        keep(tmp_path, Played(LINES, "Cassandra does not answer."), WAY_OUT)
    assert str(error.value).endswith(
        "nothing was removed: Cassandra does not answer.\n"
        "Run `make up`, after an update `make setup`, and then `make down VOLUMES=1` again. "
        "To lose them: remove /data/cassandra."
    )
    assert [path.name for path in (tmp_path / "interactions").iterdir()] == ["of a friend.txt"]


def test_several_that_wait_come_back_all_and_one_that_fails_stays(tmp_path: Path) -> None:
    for _ in range(2):
        keep(tmp_path, Played(whole(1)), WAY_OUT)
    with pytest.raises(ClusterError, match=r"jsonl could not be brought back: too busy\nRun `make up` again"):
        bring_back(tmp_path, Played(error="too busy"))
    played = Played()
    bring_back(tmp_path, played)
    assert played.restored == [whole(1)] * 2
