"""What the images are made from: paths that exist and get to the builder, and modules that are enough."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.layout.tree import reachable

ROOT = Path(__file__).resolve().parents[3]
FILE = (ROOT / "cluster/docker/Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
STAGES = {stage.split("\n")[0].split(" AS ")[1]: stage for stage in re.split(r"(?m)^FROM ", FILE)[1:]}
IGNORED = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]


def copied(stage: str) -> list[str]:
    """What a stage copies from the project."""
    lines = re.findall(r"(?m)^COPY (?!--from)(.+)$", stage)
    return [path for line in lines for path in shlex.split(line)[:-1]]


def is_sent(path: str) -> bool:
    """Whether .dockerignore lets a path through: the last rule that fits it, or a folder above it, decides."""
    sent = True
    for rule in IGNORED:
        if any(_fits(place, rule.removeprefix("!")) for place in (Path(path), *Path(path).parents)):
            sent = rule.startswith("!")
    return sent


def _fits(place: Path, rule: str) -> bool:
    """Whether a rule fits as the builder reads it: from the first folder on, and no `*` stands for several folders."""
    anywhere = rule.startswith("**/")
    return place.match(rule) and (anywhere or len(place.parts) == len(Path(rule).parts))


@pytest.mark.parametrize("name", [name for name in STAGES if copied(STAGES[name])])
def test_what_a_stage_copies_exists_and_is_sent_to_the_builder(name: str) -> None:
    paths = copied(STAGES[name])
    assert [path for path in paths if not (ROOT / path).exists() or not is_sent(path)] == []


def test_the_stage_of_the_jars_has_the_modules_that_fetch_them_and_no_others(tmp_path: Path) -> None:
    modules = {path for path in copied(STAGES["jars"]) if not path.endswith("__init__.py")}
    assert modules == {f"{name.replace('.', '/')}.py" for name in reachable("cluster.fetch.jars")}
    for path in copied(STAGES["jars"]):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((ROOT / path).read_bytes())
    # alone, without our packages, as the image has none at that stage
    alone = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from cluster.fetch import jars; print(jars.__file__)"
    answer = subprocess.run([sys.executable, "-I", "-S", "-c", alone], capture_output=True, text=True, check=False)
    assert answer.stdout.strip() == str(tmp_path / "cluster/fetch/jars.py"), answer.stderr
