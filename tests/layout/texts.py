"""What the project says: every string of its code, its scripts, templates and pages, with the place where it stands."""

from __future__ import annotations

import argparse
import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from spark_jobs.run import alerts, cli
from tests.layout.calls import owner, reached
from tests.layout.tree import ROOT, modules

JOBS = tuple(sorted(path.stem for path in (ROOT / "spark_jobs").glob("[a-z]*.py")))
PAGES = ("*.md", "docs/*.md", "docs/decisions/*.md", "docs/jobs/*.md", "docs/results/*.md", ".env.example")
FILES = ("setup.sh", "Makefile", "docker-compose.yml", "cluster/**/*.sh", "web/**/*.html", "cql/**/*.cql")
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
GAP = "…"  # stands for a value in an f-string


@dataclass(frozen=True)
class Text:
    """A string of a module, or a line of a file that is no code."""

    path: Path
    line: int
    text: str

    @cached_property
    def module(self) -> str | None:
        """The dotted name of the module that says it."""
        return next((name for name, module in modules().items() if module.path == self.path), None)

    @property
    def place(self) -> str:
        """For messages: path and line."""
        return f"{self.path.relative_to(ROOT)}:{self.line}"


@cache
def said() -> tuple[Text, ...]:
    """Everything: sentences of code, and lines of other files."""
    return (*_of_code(), *_of_files())


def _of_code() -> Iterator[Text]:
    for module in modules().values():
        for node in _strings(module.tree):
            yield Text(module.path, node.lineno, _joined(node))


def _strings(node: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Strings, an f-string as one."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
    else:
        for child in ast.iter_child_nodes(node):
            yield from _strings(child)


def _joined(node: ast.Constant | ast.JoinedStr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in parts)


def _of_files() -> Iterator[Text]:
    for pattern in (*PAGES, *FILES):
        for path in sorted(ROOT.glob(pattern)):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                yield Text(path, number, line)


@cache
def flags_of_job(job: str) -> frozenset[str]:
    """The flags that a job takes, asked of its own parser."""
    module = importlib.import_module(f"spark_jobs.{job}")
    parser = cli.parser(job, module.__doc__, module.add_arguments)
    alerts.add_flag(parser)
    return _flags(parser)


def _flags(parser: argparse.ArgumentParser) -> frozenset[str]:
    return frozenset(option for action in parser._actions for option in action.option_strings)


@cache
def flags_of_commands() -> dict[str, frozenset[str]]:
    """The flags of each module that has a command line, jobs and their rooms left out, and of setup.sh."""
    found: dict[str, set[str]] = {"setup.sh": set(re.findall(r"(?m)^ +(--[a-z]+)\)", (ROOT / "setup.sh").read_text()))}
    programs = [(module.name, module.path) for module in modules().values() if module.room[:10] != "spark_jobs"]
    programs += [(f"tests.bench.{path.stem}", path) for path in (ROOT / "tests/bench").glob("*.py")]
    for name, path in programs:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument":
                words = [word.value for word in node.args if isinstance(word, ast.Constant)]
                found.setdefault(name, set()).update(word for word in words if str(word).startswith("-"))
    return {name: frozenset({*flags, "--help"}) for name, flags in found.items()}


def jobs_that_say(text: Text) -> tuple[str, ...]:
    """The jobs whose run can say it: those that reach the function where it stands; of a page, its job."""
    if text.path.parent == ROOT / "docs/jobs":
        return (text.path.stem,)
    if not text.module or not text.module.startswith("spark_jobs"):
        return ()
    place = (text.module, owner(modules()[text.module], text.line))
    return tuple(job for job in JOBS if place in reached(f"spark_jobs.{job}"))


def jobs_named_in(text: str) -> tuple[str, ...]:
    """The jobs that a sentence names."""
    return tuple(job for job in JOBS if re.search(rf"(?<![\w/.]){job}(?![\w/.-]*\.(?:md|py)\b)\b", text))
