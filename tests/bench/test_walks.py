"""Walks are counted as their page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import walks
from tests.bench.walks import Call, Traced, walk

READER = """
from domain.store import Store
def main():
    store = Store()
    for name in ("links", "ratings", "ratings"):
        store.read(name)
"""
STORE = """
from domain import names
class Store:
    def __init__(self):
        names.other()
    def read(self, name):
        return names.shown(name)
"""
NAMES = """
def shown(name):
    return name.title()
def other():
    return 1
"""


def test_a_traced_process_opens_what_has_the_thing_and_what_makes_its_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "domain").mkdir()
    for name, code in {"__init__": "", "reader": READER, "store": STORE, "names": NAMES}.items():
        (tmp_path / "domain" / f"{name}.py").write_text(code)
    monkeypatch.setattr(walks, "ROOT", tmp_path)
    traced = Traced(tmp_path, {"names": ["ratings"], "columns": ["?"], "attributes": ["?"]})
    traced.run("-c", "from domain.reader import main; main()")
    files = walk(traced.calls())
    assert files == ["domain/reader.py", "domain/store.py", "domain/names.py"], "other() is not on the way"


def test_a_file_is_come_back_to_for_another_function_only() -> None:
    def call(file: str, function: str, *calls: Call) -> Call:
        return Call(file, function, 0, True, calls=list(calls))

    twice = call("b.py", "read", call("c.py", "parse"))
    assert walk([call("a.py", "main", twice, twice)]) == ["a.py", "b.py", "c.py"]
    assert walk([call("a.py", "main", twice, call("b.py", "write"))]) == ["a.py", "b.py", "c.py", "a.py", "b.py"]
    loop = [call("b.py", name) for name in ("first", "second", "third")]
    assert walk([call("a.py", "main", *loop, call("c.py", "end"))]) == ["a.py", "b.py", "a.py", "c.py"]
