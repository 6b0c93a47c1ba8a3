"""The documents say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cql import document
from tests.support.example_env import documented_variables

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_page_of_tables_is_made_from_the_table_files() -> None:
    assert (ROOT / "docs/tables.md").read_text(encoding="utf-8") == document.document()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_make_targets_in_the_docs_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE))
    named = set(re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z]+)", page.read_text(encoding="utf-8")))
    assert named <= targets


def test_every_variable_of_the_example_environment_is_read_somewhere() -> None:
    names = documented_variables()
    code = "".join(
        path.read_text(encoding="utf-8")
        for top in ("cluster", "cql", "spark_jobs", "web")
        for path in (ROOT / top).rglob("*.py")
    )
    code += "".join((ROOT / file).read_text("utf-8") for file in ("Makefile", "setup.sh", "docker-compose.yml"))
    assert names
    assert [variable for variable in names if variable not in code] == []
