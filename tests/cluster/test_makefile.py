"""What `make preprocess` calls, in a folder where setup.sh and Python only write down how they were called."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TELL = '#!/bin/sh\necho "$(basename $0) $*" >> told\n'
PLAN = "python -m cluster.pipeline --explain"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The Makefile with a setup.sh that makes a .venv."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "python").write_text(TELL)
    (tmp_path / "setup.sh").write_text(TELL + "mkdir -p .venv/bin\ncp python .venv/bin\n")
    for name in ("python", "setup.sh"):
        (tmp_path / name).chmod(0o755)
    return tmp_path


def told(folder: Path, *words: str) -> list[str]:
    """What `make preprocess` called."""
    (folder / "told").unlink(missing_ok=True)
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    subprocess.run(["make", "-s", "preprocess", *words], cwd=folder, env=environ, check=True)
    return [line.strip() for line in (folder / "told").read_text().splitlines()]


def test_a_plan_is_printed_without_setup_which_would_start_the_cluster(folder: Path) -> None:
    assert told(folder, "EXPLAIN=1") == ["setup.sh --commands", PLAN]
    assert told(folder, "EXPLAIN=1") == [PLAN]
    assert told(folder, "EXPLAIN=1", "IF_DRIFTED=1") == ["python -m cluster.pipeline --if-drifted --explain"]
    assert told(folder) == ["setup.sh", "python -m cluster.pipeline"]
