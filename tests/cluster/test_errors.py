"""A full disk, or a folder without rights, is one sentence that names the place."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from cluster.docker.env_file import write_env_file
from cluster.errors import ClusterError, exit_with_message, writing
from cluster.fetch.jars import jar_folder
from cluster.native import cassandra, spark
from cluster.settings import Settings
from domain.contract.files import write_json

FULL = Path("/dev/full")  # every write to it finds no space left


def full(path: Path) -> Path:
    """A file whose disk is full."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(FULL)
    return path


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a cluster in a folder, whose jars need no fetching."""
    found = Settings.from_env({"HOME": str(tmp_path), "PATH": os.environ["PATH"]}, tmp_path)
    monkeypatch.setattr(spark, "fetch", lambda own, jars: jar_folder(own, jars))
    shutil.copytree(Path(__file__).parents[2] / "cluster" / "conf", tmp_path / "cluster" / "conf")
    return found


def test_the_file_that_could_not_be_written_is_named(tmp_path: Path) -> None:
    path = full(tmp_path / "x")
    with pytest.raises(ClusterError, match=rf"^{path} cannot be written \(No space left on device\)\."), writing(path):
        path.write_text("x")


def test_a_record_names_its_file(tmp_path: Path) -> None:
    full(tmp_path / ".x.json.staged")
    with pytest.raises(OSError, match="No space left on device") as caught:
        write_json(tmp_path / "x.json", {})
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path / "x.json"))


def test_configuration_names_its_file(settings: Settings) -> None:
    config = full(settings.run_dir / "conf" / "spark-defaults.conf")
    with pytest.raises(ClusterError, match=f"^{config} cannot be written"):
        spark.write_config(settings)
    config = full(settings.run_dir / "conf" / "cassandra-1.yaml")
    with pytest.raises(ClusterError, match=f"^{config} cannot be written"):
        cassandra._write_config(settings, 1, "127.0.0.1")
    shutil.rmtree(cassandra.home(settings))
    cassandra.home(settings).write_text("a file in the place of the folder")
    with pytest.raises(ClusterError, match=f"^{cassandra.home(settings)}/nodes cannot be written"):
        cassandra._refuse_other_number_of_nodes(settings)


def test_the_env_file_names_itself(settings: Settings) -> None:
    full(settings.root / ".env.new")
    with pytest.raises(ClusterError, match=rf"^{settings.root}/\.env cannot be written \(No space left on device\)\."):
        write_env_file(settings)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "make room where DATA_DIR, RUN_DIR and CACHE_DIR lie"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "make room where DATA_DIR, RUN_DIR and CACHE_DIR lie"),
        (OSError(errno.ENOSPC, "No space left on device", "/from", None, "/to"), "ERROR /to: No space left on device"),
        (OSError(errno.EACCES, "Permission denied", "/x"), "ERROR /x: Permission denied"),
        (TimeoutError("slow"), "ERROR slow"),
    ],
)
def test_an_error_of_the_system_is_one_line(error: OSError, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> int:
        raise error

    assert exit_with_message(main) == 1
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1
