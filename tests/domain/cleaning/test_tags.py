"""Tags that differ in case or spaces only."""

from __future__ import annotations

import pytest

from domain.cleaning.tags import fold_tag


@pytest.mark.parametrize(
    ("tag", "folded"),
    [("  Film   NOIR\t", "film noir"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("E\u0301toile", "étoile")],
)
def test_tags_that_differ_in_case_or_spaces_only_are_the_same_tag(tag: str, folded: str) -> None:
    assert fold_tag(tag) == folded


def test_folding_a_folded_tag_changes_nothing() -> None:
    everything = [chr(code) for code in range(1, 0x11000) if not 0xD800 <= code < 0xE000]
    assert [text for text in everything if fold_tag(fold_tag(text)) != fold_tag(text)] == []
