"""What stands in a room: transforms without actions, shared files that are shared, few files, words in one place."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from domain.contract import lights, runs
from tests.layout.tree import ROOT, SUBJECTS, TOPS, Module, modules, reachable

MODULES = list(modules().values())
TRANSFORMS = [module for module in MODULES if module.is_transform]
SHARED = ("spark_jobs.storage", "spark_jobs.frames", "spark_jobs.run")
ENTRIES = {  # Spark and the pipeline start these; no job imports them
    "spark_jobs.run.application",
    "spark_jobs.run.worker_daemon",
}
MOST_MODULES = 15
ACTIONS = {
    "first",
    "head",
    "take",
    "count",
    "collect",
    "toPandas",
    "persist",
    "cache",
    "write",
    "save",
    "toLocalIterator",
}
NOT_OF_FRAMES = {"F", "functions", "np", "pc", "pa"}  # F.count and F.first are columns
# Words of the contract: outside it they are members of the enums, which a spelling mistake cannot miss.
WORDS = {str(word) for kind in (runs.Status, lights.Light) for word in kind}


def shown(module: Module) -> str:
    return module.shown


@pytest.mark.parametrize("module", TRANSFORMS, ids=shown)
def test_transforms_import_only_domain_frames_and_their_own_room(module: Module) -> None:
    own = module.room
    wrong = [
        name
        for name in sorted(module.imports())
        if not name.startswith(("domain.", "spark_jobs.frames.", f"{own}.transforms."))
    ]
    assert not wrong, f"{module.shown} imports {', '.join(wrong)}"


@pytest.mark.parametrize("module", TRANSFORMS, ids=shown)
def test_transforms_call_no_action(module: Module) -> None:
    called = [
        (node.attr, node.lineno)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ACTIONS
        and not (isinstance(node.value, ast.Name) and node.value.id in NOT_OF_FRAMES)
    ]
    assert not called, f"{module.shown}: {called}"


def rooms_of_job(job: str) -> set[str]:
    """The subject rooms that a job imports from."""
    return {name.split(".")[1] for name in modules()[job].imports() if name.split(".")[1] in SUBJECTS}


def test_what_is_shared_is_reached_by_jobs_of_three_rooms() -> None:
    jobs = [module.name for module in MODULES if module.room == "spark_jobs" and module.name != "spark_jobs"]
    reached: dict[str, set[str]] = {}
    for job in jobs:
        for name in reachable(job):
            reached.setdefault(name, set()).update(rooms_of_job(job) or {job})
    lonely = {
        module.name: sorted(reached.get(module.name, ()))
        for module in MODULES
        if module.room in SHARED and module.path.name != "__init__.py" and module.name not in ENTRIES
        if len(reached.get(module.name, ())) < 3
    }
    assert not lonely, "what one room needs lives with that room"


def test_a_folder_has_at_most_fifteen_modules() -> None:
    counts = Counter(module.path.parent for module in MODULES if module.path.name != "__init__.py")
    jobs = ROOT / "spark_jobs"
    assert {str(folder): n for folder, n in counts.items() if n > MOST_MODULES + (folder == jobs)} == {}


@pytest.mark.parametrize("module", MODULES, ids=shown)
def test_words_of_status_lights_and_exit_codes_stand_in_the_contract_only(module: Module) -> None:
    if module.room == "domain.contract":
        return
    said = [
        (node.value, node.lineno)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and node.value in WORDS
    ]
    assert not said, f"{module.shown}: say it with the enums of domain/contract: {said}"


@pytest.mark.parametrize("module", MODULES, ids=shown)
def test_folders_are_shallow_and_no_file_is_a_grab_bag(module: Module) -> None:
    assert len(module.path.relative_to(ROOT).parts) <= 4
    assert module.path.stem not in {"utils", "util", "helpers", "misc", "common", "shared"}


def test_mypy_reads_every_source_folder() -> None:
    (line,) = [line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if "/mypy" in line]
    assert set(TOPS) <= set(line.split())
