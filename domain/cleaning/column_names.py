"""Names of columns as people write them, each made one that Spark can tell from the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def usable_names(given: Iterable[str], reserved: Collection[str] = ()) -> tuple[str, ...]:
    """The names in their order: without line ends, of those without any `x` and the place, no two the same.

    Spark does not tell x from X: the second one gets a number at its end. A reserved name gets a `_` at its end.
    """
    forbidden = {folded(name) for name in reserved}
    taken, names = set(forbidden), list[str]()
    for place, name in enumerate(given, start=1):
        plain = " ".join(name.split()) or f"x{place}"
        usable, number = f"{plain}_" if folded(plain) in forbidden else plain, 2
        while folded(usable) in taken:
            usable, number = f"{plain}_{number}", number + 1
        names.append(usable)
        taken.add(folded(usable))
    return tuple(names)


def folded(name: str) -> str:
    """What two names have in common that Spark takes for the same, by Java's equalsIgnoreCase."""
    raised = (letter.upper() if len(letter.upper()) == 1 else letter for letter in name)
    return "".join(letter.lower()[0] for letter in raised)
