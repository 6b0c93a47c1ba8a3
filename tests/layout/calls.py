"""Which function, class or constant is used by which: finer than imports, to tell which job says what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from tests.layout.tree import Module, aliases, modules

Place = tuple[str, str]  # a module, and a name that its top level defines; "" is the rest of the module


def owner(module: Module, line: int) -> str:
    """The name at the top level whose definition has the line."""
    for node in module.tree.body:
        if node.lineno <= line <= (node.end_lineno or node.lineno):
            return next(iter(_defined(node)), "")
    return ""


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


@cache
def uses(place: Place) -> frozenset[Place]:
    """What a definition refers to, in its own module and in others of ours."""
    module = modules()[place[0]]
    names = _names(module)
    bodies = [node for node in module.tree.body if place[1] in (_defined(node) or [""])]
    return frozenset(found for body in bodies for found in _referred(body, names))


@cache
def _names(module: Module) -> dict[str, Place]:
    """What each name at the top level of a module means: a definition here or elsewhere, or a module (with "*")."""
    found = {name: (module.name, name) for node in module.tree.body for name in _defined(node)}
    for full, renamed in aliases(module.tree):
        short = renamed or full.rpartition(".")[2]
        if full in modules():
            found[short] = (full, "*")
        elif full.rpartition(".")[0] in modules():
            found[short] = (full.rpartition(".")[0], full.rpartition(".")[2])
    return found


def _referred(body: ast.AST, names: dict[str, Place]) -> Iterator[Place]:
    for node in ast.walk(body):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module, kind = names.get(node.value.id, ("", ""))
            if kind == "*":
                yield (module, node.attr)
        elif isinstance(node, ast.Name) and names.get(node.id, ("", "*"))[1] != "*":
            yield names[node.id]


@cache
def reached(start: str) -> frozenset[Place]:
    """Everything that the definitions of a module use, directly or through others."""
    seen: set[Place] = set()
    waiting = [(start, name) for node in modules()[start].tree.body for name in _defined(node) or [""]]
    while waiting:
        place = waiting.pop()
        if place not in seen and place[0] in modules():
            seen.add(place)
            waiting += uses(place)
    return frozenset(seen)
