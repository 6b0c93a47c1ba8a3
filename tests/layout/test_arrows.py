"""Who may import whom. The arrows are data, in tests/layout/tree.py."""

from __future__ import annotations

from tests.layout.tree import ARROWS, TOPS, aliases, is_allowed, modules

MODULES = list(modules().values())


def test_arrows_point_only_where_they_are_allowed() -> None:
    new = sorted({module.room for module in MODULES} - ARROWS.keys())
    assert not new, "new rooms: say in tests/layout/tree.py what they may import"
    wrong = [(source.name, name) for source in MODULES for name in sorted(source.imports())]
    assert [(source, name) for source, name in wrong if not is_allowed(modules()[source], modules()[name])] == []


def test_there_is_no_circle_of_files() -> None:
    below = {module.name: module.imports() - {module.name} for module in MODULES}
    while free := [name for name, needed in below.items() if not needed & below.keys()]:
        for name in free:
            del below[name]
    assert not below, f"these import each other in a circle, or what does: {sorted(below)}"


def test_no_import_renames_a_module_or_a_name_of_ours() -> None:
    given = [(module.shown, name, new) for module in MODULES for name, new in aliases(module.tree) if new]
    renamed = [(file, name, new) for file, name, new in given if name.split(".")[0] in TOPS]
    assert renamed == [], "a wrong name is mended at its home"
