"""The structure that docs/rooms.md promises, read off the syntax trees and the folders."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {"cluster", "cql", "domain", "spark_jobs", "web"}
ALLOWED = {
    "domain": set(),
    "cql": set(),
    "spark_jobs": {"domain", "cql"},
    "web": {"domain", "cql"},
    "cluster": {"cql", "domain"},
}
SOURCES = sorted(path for top in OURS for path in (ROOT / top).rglob("*.py"))
JOBS = sorted(path for path in (ROOT / "spark_jobs").glob("*.py") if path.name != "__init__.py")


def imported(path: Path) -> set[str]:
    """Dotted names of every module that the file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; name the module in full"
            names.add(node.module or "")
    return names


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_arrows_point_only_where_the_design_allows(path: Path) -> None:
    top = path.relative_to(ROOT).parts[0]
    ours = {module.split(".")[0] for module in imported(path)} & OURS
    assert ours <= ALLOWED[top] | {top}


@pytest.mark.parametrize("path", sorted((ROOT / "spark_jobs/transforms").glob("*.py")), ids=name)
def test_transforms_do_no_input_or_output(path: Path) -> None:
    modules = imported(path)
    assert not {module for module in modules if module.startswith(("cassandra", "cql", "spark_jobs.storage.tables"))}
    calls = [node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)]
    assert not {"write", "read", "save", "saveAsTable", "toPandas", "collect"} & set(calls)


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


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_folders_are_shallow_and_no_file_is_a_grab_bag(path: Path) -> None:
    assert len(path.relative_to(ROOT).parts) <= 4
    assert path.stem not in {"utils", "util", "helpers", "misc"}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-mlflow.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(file: str) -> None:
    lines = [line.split("#")[0].strip() for line in (ROOT / file).read_text("utf-8").splitlines()]
    pins = [line for line in lines if line and not line.startswith("-r ")]
    assert pins
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9_.\[\]-]+==[0-9][^ ]*( ;.+)?", line)] == []


def test_names_of_test_files_are_unique() -> None:
    stems = [path.stem for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(stems) == sorted(set(stems))
