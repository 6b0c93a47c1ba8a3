"""The tree as the layout tests see it: modules, what they import, and the arrows that are allowed between rooms."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOPS = ("cluster", "cql", "domain", "spark_jobs", "web")
SUBJECTS = ("catalogue", "drift", "evaluation", "generators", "models", "movielens", "outliers", "quality", "songs")
SITE_ROOMS = ("movies", "users", "catalogue", "songs", "reports", "runs", "model", "session", "operate")

# What each room may import besides itself. A room is a folder of modules; transforms/ belong to the room above them.
STORED = ("domain", "cql")
SERVED = ("domain.contract", "domain.figures", "domain.serving", "cql")  # what the image of the site has
ROOM = (*SERVED, "web.app", "web.shown")  # of the site
HELPERS = ("spark_jobs.frames", "spark_jobs.storage")
SUBJECT = (*STORED, *HELPERS, "spark_jobs.run", "spark_jobs.publishing")
ARROWS: dict[str, tuple[str, ...]] = {
    "domain": (),
    "domain.contract": (),
    "domain.cleaning": (),
    **{f"domain.{room}": ("domain.contract",) for room in ("serving", "statistics", "evaluation", "fakes", "figures")},
    "domain.models": ("domain.contract", "domain.evaluation", "domain.serving"),
    "domain.stars": ("domain.contract", "domain.evaluation", "domain.models", "domain.serving"),
    "domain.tuning": ("domain.contract", "domain.evaluation", "domain.models", "domain.stars"),
    "domain.generators": ("domain.contract", "domain.cleaning", "domain.fakes"),
    "cql": ("domain.contract",),
    "spark_jobs.frames": STORED,
    "spark_jobs.storage": (*STORED, "spark_jobs.frames"),
    "spark_jobs.run": (*STORED, *HELPERS),
    "spark_jobs.publishing": (*STORED, *HELPERS, "spark_jobs.run"),
    **{f"spark_jobs.{room}": SUBJECT for room in SUBJECTS},
    "spark_jobs.songs": (*SUBJECT, "spark_jobs.models"),
    "spark_jobs.outliers": (*SUBJECT, "spark_jobs.movielens"),
    "spark_jobs.quality": (*SUBJECT, "spark_jobs.outliers"),
    "spark_jobs.drift": (*SUBJECT, "spark_jobs.movielens"),
    "spark_jobs.evaluation": (*SUBJECT, "spark_jobs.models", "spark_jobs.movielens"),
    "spark_jobs": (*SUBJECT, *(f"spark_jobs.{room}" for room in SUBJECTS)),  # the jobs
    "web": tuple(f"web.{room}" for room in ("app", "shown", *SITE_ROOMS)),  # create_app
    "web.app": SERVED,
    "web.shown": (*SERVED, "web.app"),
    **{f"web.{room}": ROOM for room in SITE_ROOMS},
    "web.users": (*ROOM, "web.model", "web.movies", "web.runs"),
    "web.catalogue": (*ROOM, "web.movies"),
    "web.operate": (*ROOM, "web.model", "web.reports", "web.runs"),
    "cluster": ("domain.contract", "cql"),
}
# Of the site's rooms, files that answer requests: they bring together what several rooms know.
ANSWERING = ("api", "page")


@dataclass(frozen=True)
class Module:
    """A Python file of ours under its dotted name."""

    name: str
    path: Path

    @property
    def room(self) -> str:
        """The folder whose arrows are the module's, such as spark_jobs.songs of spark_jobs.songs.transforms.events."""
        parts = self.name.split(".")
        package = parts if self.path.name == "__init__.py" else parts[:-1]
        return parts[0] if parts[0] in ("cql", "cluster") else ".".join(package[:2])

    @property
    def is_transform(self) -> bool:
        """Whether it stands in a folder transforms/."""
        return "transforms" in self.name.split(".")[:-1]

    @property
    def shown(self) -> str:
        """The path from the root, for messages and test ids."""
        return str(self.path.relative_to(ROOT))

    @property
    def tree(self) -> ast.Module:
        """The syntax tree of the file."""
        return parsed(self.path)

    def imports(self) -> set[str]:
        """Modules and packages of ours that it imports, wherever in the file; a package only where nothing below is."""
        return imported(self.path)


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def modules() -> dict[str, Module]:
    """Every module of ours by its name, tests left out."""
    found = {}
    for top in TOPS:
        for path in sorted((ROOT / top).rglob("*.py")):
            if "." in path.stem:  # gunicorn.conf.py, which nobody can import
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = Module(name, path)
    return found


def aliases(tree: ast.Module) -> list[tuple[str, str | None]]:
    """The full name of everything that a file imports, with the name that it gets there if it is given one."""
    found: list[tuple[str, str | None]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, alias.asname) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}: name the module in full"
            found += [(f"{node.module}.{alias.name}", alias.asname) for alias in node.names]
    return found


@cache
def imported(path: Path) -> set[str]:
    """Names of our modules that a file imports."""
    ours = set()
    for full, _ in aliases(parsed(path)):
        name = full
        while name and name not in modules():
            name = name.rpartition(".")[0]
        if name:
            ours.add(name)
    return ours


def is_allowed(source: Module, target: Module) -> bool:
    """Whether an arrow from one module to the other is allowed."""
    if source.room == target.room:
        return True
    allowed = ARROWS[source.room]
    if any(target.room == room or target.room.startswith(f"{room}.") for room in allowed if room in ("domain", "cql")):
        return True
    if target.room in allowed:
        return True
    answers = source.name.split(".")[-1].startswith(ANSWERING)
    return source.room.startswith("web.") and answers and target.room.startswith("web.")


def reachable(start: str) -> set[str]:
    """Every module that is imported when `start` is, itself included."""
    seen, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += modules()[name].imports()
    return seen
