"""Clones work wherever they are made: Git for Windows turns line ends to CRLF, which bash and Spark do not take."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.layout.tree import ROOT


@pytest.fixture(scope="module", params=["true", "input", "false"])
def clone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commit of this tree, cloned with one setting of `core.autocrlf`."""
    folder = tmp_path_factory.mktemp("clone") / "project"
    options = ["-c", f"core.autocrlf={request.param}", "-c", "core.eol=crlf", "-c", "safe.directory=*"]
    subprocess.run(["git", *options, "clone", "-q", "--no-hardlinks", ROOT, folder], check=True)
    return folder


def test_no_text_of_a_clone_has_a_carriage_return(clone: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "--eol"], cwd=clone, capture_output=True, text=True, check=True).stdout
    ends = {line.partition("\t")[2]: line.split()[1] for line in listed.splitlines()}
    assert len(ends) > 500
    assert {file: end for file, end in ends.items() if end not in ("w/lf", "w/-text", "w/none")} == {}


def test_what_is_no_text_is_cloned_as_it_is(clone: Path) -> None:
    for picture in ROOT.glob("docs/*.png"):
        assert (clone / picture.relative_to(ROOT)).read_bytes() == picture.read_bytes()


def test_the_scripts_of_a_clone_run(clone: Path) -> None:
    scripts = [clone / "setup.sh", *clone.glob("cluster/**/*.sh"), clone / ".ci/run"]
    assert len(scripts) > 2
    for script in scripts:
        subprocess.run(["bash", "-n", script], check=True)
    assert subprocess.run([clone / "setup.sh", "--help"], capture_output=True, check=True).stdout.startswith(b"Usage")
