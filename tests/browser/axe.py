"""What axe-core finds on a page: the checker of accessibility that its Python package from PyPI carries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

GRAVE = ("serious", "critical")
# what packaged pages bring, and we cannot mend
NOT_OURS = {"exclude": [["#swagger-ui"], [".js-plotly-plot"]]}
# `best-practice` are no rules of WCAG, but headings, landmarks and the like
ALL = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}  # what the darkness of a page changes


@dataclass(frozen=True)
class Finding:
    """One rule that a page breaks, and the first place where it does."""

    rule: str
    impact: str
    help: str
    where: str
    places: int

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}, {self.places} places): {self.help}; first: {self.where}"


@cache
def _source() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def findings(page: Page, rules: dict[str, Any] = ALL, impacts: tuple[str, ...] = GRAVE) -> list[Finding]:
    """The findings of these impacts."""
    page.evaluate(_source())  # by the debugger, which the page's policy for scripts does not concern
    answer = page.evaluate("([context, options]) => axe.run(context, options)", [NOT_OURS, rules])
    return [_finding(one) for one in answer["violations"] if one["impact"] in impacts]


def _finding(violation: dict[str, Any]) -> Finding:
    nodes = violation["nodes"]
    what = f"{nodes[0]['target'][0]}: {nodes[0]['html'][:120]}"
    return Finding(violation["id"], violation["impact"], violation["help"], what, len(nodes))
