"""What is like what: beside a computation of every pair, part by part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark_jobs.catalogue.similar_titles import load_features
from spark_jobs.catalogue.transforms import likeness as module
from spark_jobs.catalogue.transforms.likeness import (
    Candidates,
    Features,
    most_similar,
    shared_people,
    shared_words,
    similarity,
)

TITLES = 60
GENRES = ["drama", "crime", "comedy"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Titles of random people, genres and words, of which some have nothing."""
    random = np.random.default_rng(5)
    folder = tmp_path_factory.mktemp("clean")
    ids = [f"tm{number:02d}" for number in range(TITLES)]
    vocabulary = [f"word{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    titles = {
        "media_id": ids,
        "type": random.choice(["MOVIE", "SHOW"], TITLES).tolist(),
        "score": pa.array([None if n % 7 == 0 else float(n % 10) for n in range(TITLES)], pa.float32()),
        "votes": pa.array([None if n % 7 == 0 else n * 10 for n in range(TITLES)], pa.int32()),
        "description": [None if n % 9 == 0 else " ".join(random.choice(vocabulary, 5)) for n in range(TITLES)],
        "genres": [random.choice(GENRES, n % 3, replace=False).tolist() for n in range(TITLES)],
        "countries": [["US"] if n % 2 else [] for n in range(TITLES)],
    }
    credits = [(ids[n], int(person)) for n in range(TITLES) for person in random.integers(1, 40, n % 4)]
    for name, table in (
        ("titles", pa.table(titles)),
        (
            "credits",
            pa.table({"media_id": [c[0] for c in credits], "person_id": pa.array([c[1] for c in credits], pa.int32())}),
        ),
    ):
        (folder / name).mkdir()
        pq.write_table(table, folder / name / "part-0.parquet")
    return folder


@pytest.fixture(scope="module")
def features(folder: Path) -> Features:
    return load_features(folder)


def test_the_similarity_of_a_pair_is_the_weighted_sum_of_its_parts(folder: Path, features: Features) -> None:
    titles = pq.read_table(folder / "titles").to_pandas()
    credits = pq.read_table(folder / "credits").to_pandas().groupby("media_id").person_id.agg(set).to_dict()
    words = features.words.toarray()
    cosine = lambda a, b: len(set(a) & set(b)) / np.sqrt(len(set(a)) * len(set(b))) if len(a) and len(b) else 0.0  # noqa: E731
    pairs = np.random.default_rng(1).integers(0, TITLES, (300, 2))
    found = similarity(features, pairs[:, 0], pairs[:, 1])
    for (a, b), value in zip(pairs.tolist(), found.tolist(), strict=True):
        one, two = titles.iloc[a], titles.iloc[b]
        near = max(0.0, 1 - abs(one.score - two.score) / 2) if not np.isnan(one.score + two.score) else 0.0
        expected = (
            0.3 * cosine(credits.get(one.media_id, set()), credits.get(two.media_id, set()))
            + 0.25 * float(words[a] @ words[b])
            + 0.25 * cosine(one.genres, two.genres)
            + 0.05 * cosine(one.countries, two.countries)
            + 0.05 * (one.type == two.type)
            + 0.1 * near
        )
        assert value == pytest.approx(expected, abs=1e-6)


def test_the_list_of_a_title_has_the_best_of_its_candidates_and_never_itself(
    features: Features, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEST_KNOWN", 5)
    candidates = Candidates.of(features)
    titles, others = candidates.of_block(features, slice(0, TITLES))
    scores = dict(
        zip(
            zip(titles.tolist(), others.tolist(), strict=True),
            similarity(features, titles, others).tolist(),
            strict=True,
        )
    )
    pairs = most_similar(features, candidates, slice(0, TITLES), 4)
    for title in range(TITLES):
        expected = sorted((-score, other) for (of, other), score in scores.items() if of == title)[:4]
        mine = pairs.titles == title
        assert list(zip((-pairs.similarities[mine]).tolist(), pairs.others[mine].tolist(), strict=True)) == expected
        assert title not in pairs.others[mine]


def test_a_block_does_not_depend_on_the_others(features: Features) -> None:
    candidates = Candidates.of(features)
    whole = most_similar(features, candidates, slice(0, TITLES), 6)
    part = most_similar(features, candidates, slice(20, 40), 6)
    mine = (whole.titles >= 20) & (whole.titles < 40)
    assert np.array_equal(whole.others[mine], part.others)
    assert np.array_equal(whole.similarities[mine], part.similarities)


def test_a_shared_person_and_shared_words_are_in_both(folder: Path, features: Features) -> None:
    credits = pq.read_table(folder / "credits").to_pandas().groupby("media_id").person_id.agg(set).to_dict()
    descriptions = pq.read_table(folder / "titles").to_pandas().set_index("media_id").description.fillna("")
    pairs = most_similar(features, Candidates.of(features), slice(0, TITLES), 6)
    people, words = shared_people(features, pairs), shared_words(features, pairs)
    assert any(people)
    assert any(words)
    for a, b, person, shared in zip(features.ids[pairs.titles], features.ids[pairs.others], people, words, strict=True):
        both = credits.get(a, set()) & credits.get(b, set())
        assert person == min(both, default=0)
        assert set(shared.split()) <= set(descriptions[a].split()) & set(descriptions[b].split())


def test_titles_without_people_genres_and_descriptions_are_like_nothing(tmp_path: Path) -> None:
    titles = {
        "media_id": ["tm1", "tm2"],
        "type": ["MOVIE", "MOVIE"],
        "score": pa.array([None, None], pa.float32()),
        "votes": pa.array([None, None], pa.int32()),
        "description": pa.array([None, None], pa.string()),
        "genres": pa.array([[], []], pa.list_(pa.string())),
        "countries": pa.array([[], []], pa.list_(pa.string())),
    }
    credits = pa.schema({"media_id": pa.string(), "person_id": pa.int32()}).empty_table()
    for name, table in (("titles", pa.table(titles)), ("credits", credits)):
        (tmp_path / name).mkdir()
        pq.write_table(table, tmp_path / name / "part-0.parquet")
    features = load_features(tmp_path)
    pairs = most_similar(features, Candidates.of(features), slice(0, 2), 6)
    assert len(pairs.titles) == len(shared_people(features, pairs)) == len(shared_words(features, pairs)) == 0
