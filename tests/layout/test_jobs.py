"""The form that every job has, and that packages are pinned."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
JOBS = sorted(path for path in (ROOT / "spark_jobs").glob("*.py") if path.name != "__init__.py")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", JOBS, ids=name)
def test_a_job_has_its_four_parts_in_order(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    doc = ast.get_docstring(tree) or ""
    assert all(part in doc for part in ("Reads:", "Writes:", "Example: make job JOB=" + path.stem))
    functions = {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert functions["add_arguments"] < functions["main"]
    guard = tree.body[-1]
    assert isinstance(guard, ast.If), "the last statement starts the job"
    assert ast.unparse(guard) == "if __name__ == '__main__':\n    cli.run(__doc__, add_arguments, main)"


@pytest.mark.parametrize("path", JOBS, ids=name)
def test_a_job_has_a_docs_page_that_names_its_flags(path: Path) -> None:
    page = (ROOT / "docs/jobs" / f"{path.stem}.md").read_text(encoding="utf-8")
    flags = re.findall(r'add_argument\(\s*"(--[a-z-]+)"', path.read_text(encoding="utf-8"))
    assert flags, "a job without flags?"
    assert [flag for flag in flags if flag not in page] == []


@pytest.mark.parametrize(
    "file", ["requirements.txt", "requirements-web.txt", "requirements-mlflow.txt", "requirements-dev.txt"]
)
def test_every_requirement_is_pinned(file: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / file).read_text("utf-8").splitlines()]
    pins = [line for line in lines if line and not line.startswith("-r ")]
    assert pins
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9_.\[\]-]+==[0-9][^ ]*( ;.+)?", line)] == []
