"""Who may import whom. The arrows are data, in tests/layout/tree.py."""

from __future__ import annotations

import pytest

from tests.layout.tree import ARROWS, Module, aliases, is_allowed, modules

MODULES = list(modules().values())


def shown(module: Module) -> str:
    return module.shown


@pytest.mark.parametrize("module", MODULES, ids=shown)
def test_arrows_point_only_where_they_are_allowed(module: Module) -> None:
    assert module.room in ARROWS, f"{module.room} is a new room: say in tests/layout/tree.py what it may import"
    wrong = [name for name in sorted(module.imports()) if not is_allowed(module, modules()[name])]
    assert not wrong, f"{module.shown} may not import {', '.join(wrong)}"


def test_there_is_no_circle_of_files() -> None:
    below = {module.name: module.imports() - {module.name} for module in MODULES}
    while free := [name for name, needed in below.items() if not needed & below.keys()]:
        for name in free:
            del below[name]
    assert not below, f"these import each other in a circle, or what does: {sorted(below)}"


@pytest.mark.parametrize("module", MODULES, ids=shown)
def test_no_import_renames_a_module_or_a_name_of_ours(module: Module) -> None:
    renamed = [(name, new) for name, new in aliases(module.tree) if new and name.split(".")[0] in TOPS_OF_OURS]
    assert not renamed, f"{module.shown}: a wrong name is mended at its home: {renamed}"


TOPS_OF_OURS = {name.split(".")[0] for name in modules()}
