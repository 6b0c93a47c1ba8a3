"""What stands in a room: transforms without actions, shared files that are shared, few files, words in one place."""

from __future__ import annotations

import ast
from collections import Counter

from domain.contract import lights, runs
from tests.layout.tree import ROOT, SUBJECTS, TOPS, modules, reachable

MODULES = list(modules().values())
TRANSFORMS = [module for module in MODULES if module.is_transform]
SHARED = ("spark_jobs.storage", "spark_jobs.frames", "spark_jobs.run")
ENTRIES = {  # Spark and the pipeline start these; no job imports them
    "spark_jobs.run.application",
    "spark_jobs.run.worker_daemon",
}
MOST_MODULES = 15
ACTIONS = {"first", "head", "take", "count", "collect", "toPandas", "persist", "cache", "toLocalIterator", "foreach"}
NOT_OF_FRAMES = {"F", "functions", "np", "pc", "pa"}  # F.count and F.first are columns
GRAB_BAGS = {"utils", "util", "helpers", "misc", "common", "shared"}
# Words of the contract: outside it they are members of the enums, which a spelling mistake cannot miss.
WORDS = {str(word) for kind in (runs.Status, lights.Light) for word in kind}
OTHER_MEANINGS = {  # (module, word) where the word is not of a run or a report
    ("cluster.runtime", "running"),  # of a service
    ("cluster.pipeline", "failed"),  # of a step, on the terminal
    ("cluster.pipeline", "done"),  # of the steps that a file notes
    ("spark_jobs.publishing.publisher", "deleted"),  # the fact that lists what was deleted
    ("spark_jobs.run.live", "done"),  # of Spark's tasks
    ("web.runs.progress", "done"),
}


def test_transforms_import_only_domain_frames_and_their_own_room() -> None:
    wrong = {
        module.shown: [
            name
            for name in sorted(module.imports())
            if not name.startswith(("domain.", "spark_jobs.frames.", f"{module.room}.transforms."))
        ]
        for module in TRANSFORMS
    }
    assert {file: names for file, names in wrong.items() if names} == {}


def test_transforms_call_no_action() -> None:
    called = [
        (f"{module.shown}:{node.lineno}", node.func.attr)
        for module in TRANSFORMS
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in ACTIONS and not _is_of_no_frame(node.func.value)
    ]
    written = [
        (f"{module.shown}:{node.lineno}", node.attr)
        for module in TRANSFORMS
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("write", "writeStream")
    ]
    assert called + written == []


def _is_of_no_frame(value: ast.expr) -> bool:
    """Whether `value.count` and the like are no action: functions of columns and arrays, and counts of groups."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return value.func.attr == "groupBy"
    return isinstance(value, ast.Name) and value.id in NOT_OF_FRAMES


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
    assert lonely == {}, "what one room needs lives with that room"


def test_a_folder_has_at_most_fifteen_modules() -> None:
    counts = Counter(module.path.parent for module in MODULES if module.path.name != "__init__.py")
    assert {str(folder): n for folder, n in counts.items() if n > MOST_MODULES and folder != ROOT / "spark_jobs"} == {}


def test_words_of_status_and_lights_stand_in_the_contract_only() -> None:
    said = [
        (f"{module.shown}:{node.lineno}", node.value)
        for module in MODULES
        if module.room != "domain.contract"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and node.value in WORDS and (module.name, node.value) not in OTHER_MEANINGS
    ]
    assert said == [], "say it with the enums of domain/contract"


def test_exit_codes_of_jobs_stand_in_the_contract_only() -> None:
    defined = [
        (f"{module.shown}:{node.lineno}", target.id)
        for module in MODULES
        if module.room != "domain.contract"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign) and _are_numbers(node.value)
        for place in node.targets
        for target in ast.walk(place)
        if isinstance(target, ast.Name) and target.id in runs.ExitCode.__members__
    ]
    assert defined == [], "say it with domain.contract.runs.ExitCode"


def _are_numbers(value: ast.expr) -> bool:
    return all(isinstance(node, ast.Constant | ast.Tuple | ast.Load) for node in ast.walk(value))


def test_folders_are_shallow_and_no_file_is_a_grab_bag() -> None:
    assert [module.shown for module in MODULES if len(module.path.relative_to(ROOT).parts) > 4] == []
    assert [module.shown for module in MODULES if module.path.stem in GRAB_BAGS] == []


def test_mypy_reads_every_source_folder() -> None:
    (line,) = [line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if "-m mypy" in line]
    assert set(TOPS) <= set(line.split())
