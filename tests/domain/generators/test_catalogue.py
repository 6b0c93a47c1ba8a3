"""The generated catalogue."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from domain.contract.catalogue import HEADERS, list_literal
from domain.generators.catalogue import BLOCK, MediaLines, MediaSizes, media_block

SIZES = MediaSizes(2500, 25_000, 0.01, (("tt0000001", "Known", 1999), ("tt0000002", "Known, too", 2000)))


@pytest.fixture(scope="module")
def blocks() -> list[MediaLines]:
    return [media_block(1, SIZES, number) for number in range(SIZES.blocks)]


def rows(lines: list[str], file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(lines, HEADERS[file].split(",")))


def test_a_block_is_the_same_whoever_makes_it_and_another_for_another_seed(blocks: list[MediaLines]) -> None:
    assert media_block(1, SIZES, 2) == blocks[2]
    assert media_block(2, SIZES, 2) != blocks[2]
    assert [len(block.titles) - sum(n for r, n in block.planted.items() if r[0] == "t") for block in blocks] == [
        BLOCK,
        BLOCK,
        500,
    ]


def test_shares_are_those_of_the_real_catalogue(blocks: list[MediaLines]) -> None:
    titles = [row for block in blocks for row in rows(block.titles, "titles") if not row["id"].startswith("tx")]
    assert len({row["id"] for row in titles}) == SIZES.titles
    assert sum(row["type"] == "MOVIE" for row in titles) / len(titles) == pytest.approx(0.77, abs=0.1)
    assert sum(not row["imdb_score"] for row in titles) / len(titles) == pytest.approx(0.16, abs=0.04)
    genres = Counter(genre for row in titles for genre in list_literal(row["genres"]) or [])
    assert genres.most_common(2)[0][0] == "drama"
    assert any("\n" in row["description"] for row in titles)
    credits = [row for block in blocks for row in rows(block.credits, "credits")]
    assert len(credits) == pytest.approx(SIZES.credits, rel=0.1)
    assert max(Counter(row["person_id"] for row in credits).values()) < 200


def test_credits_are_of_titles_and_people_that_are_there(blocks: list[MediaLines]) -> None:
    for block in blocks:
        known = {row["id"] for row in rows(block.titles, "titles")}
        credits = rows(block.credits, "credits")
        strange = [row for row in credits if row["id"] not in known]
        assert len(strange) <= sum(n for reason, n in block.planted.items() if reason.startswith("credits"))
        keys = [(row["id"], row["person_id"], row["role"]) for row in credits if row["id"] in known]
        assert len(keys) == len(set(keys))


def test_apart_from_real_data_nothing_has_an_id_that_looks_like_a_real_one() -> None:
    lines = media_block(1, MediaSizes(300, 3000, apart=True), 0)
    titles, credits = rows(lines.titles, "titles"), rows(lines.credits, "credits")
    assert {row["imdb_id"] for row in titles} == {""}
    assert [row["id"] for row in titles] == [f"invented{number}" for number in range(1, 301)]
    assert {row["id"] for row in credits} <= {row["id"] for row in titles}
    assert sum(not row["imdb_score"] for row in titles) / len(titles) == pytest.approx(0.16, abs=0.06)


def test_movies_of_movielens_are_in_it(blocks: list[MediaLines]) -> None:
    linked = {row["imdb_id"]: row for row in rows(blocks[0].titles, "titles")}
    assert [(linked[i]["title"], linked[i]["type"]) for i, _, _ in SIZES.movies] == [
        ("Known", "MOVIE"),
        ("Known, too", "MOVIE"),
    ]
