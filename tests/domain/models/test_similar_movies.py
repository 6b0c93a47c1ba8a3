"""Lists of similar movies against dense NumPy written down from the formulas."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csc_matrix, csr_matrix

from domain.models.largest_products import NOTHING
from domain.models.similar_movies import (
    FEW,
    YEARS,
    Head,
    Movies,
    Watched,
    content_features,
    cosines,
    like_head,
    like_tail,
)

MOVIES, UNRATED, LEAST = 40, 7, 4
RNG = np.random.default_rng(5)
WATCHED = (RNG.random((60, MOVIES)) < RNG.uniform(0.02, 0.3, MOVIES)).astype(np.float64)
WATCHED[:, UNRATED] = 0.0
COUNTS = WATCHED.sum(axis=0).astype(int)
GENRES = (RNG.random((MOVIES, 6)) < 0.3).astype(np.float64)
TAGS = RNG.integers(0, 3, (MOVIES, 9)) * (RNG.random((MOVIES, 9)) < 0.2).astype(np.float64)
YEAR = RNG.integers(1950, 2020, MOVIES).astype(np.float64)
YEAR[3] = np.nan
INVERSE = np.linalg.inv(WATCHED.T @ WATCHED + 3.0 * np.eye(MOVIES))


@pytest.fixture
def movies() -> Movies:
    """40 movies, some with fewer ratings than a similar one needs."""
    return Movies(content_features(csr_matrix(GENRES), csr_matrix(TAGS), YEAR), COUNTS, LEAST)


def _content() -> np.ndarray:
    """Cosines of content, movie by movie."""

    def vector(present: np.ndarray) -> np.ndarray:
        rare = present * np.log(MOVIES / np.maximum(present.sum(axis=0), 1))
        return rare / np.maximum(np.linalg.norm(rare, axis=1, keepdims=True), 1e-300)

    given = TAGS.sum(axis=1)
    starts = np.nanmin(YEAR) + 10.0 * np.arange(9)
    near = np.nan_to_num(np.maximum(1.0 - np.abs(YEAR[:, np.newaxis] - starts) / 10.0, 0.0))
    near /= np.maximum(np.linalg.norm(near, axis=1, keepdims=True), 1e-300)
    shrunk = np.sqrt(given / (given + 1.0))[:, np.newaxis]
    whole = np.hstack([vector((GENRES > 0) * 1.0), shrunk * vector((TAGS > 0) * 1.0), YEARS * near])
    whole /= np.maximum(np.linalg.norm(whole, axis=1, keepdims=True), 1e-300)
    return whole @ whole.T


def _expected(row: int, evidence: np.ndarray, n: int) -> list[tuple[int, float]]:
    """The list of one movie by the definition: n / (n + FEW) of the evidence over the highest, and the content."""
    shown = [other for other in range(MOVIES) if other != row and COUNTS[other] >= LEAST]
    highest = max(evidence[other] for other in shown)
    sure = COUNTS[row] / (COUNTS[row] + FEW) / highest if highest > 0 else 0.0
    scored = [(other, 0.5 * sure * evidence[other] + 0.5 * CONTENT[row, other]) for other in shown]
    return sorted([pair for pair in scored if pair[1] > 0], key=lambda pair: (-pair[1], pair[0]))[:n]


CONTENT = _content()
PARTIAL = -INVERSE / np.sqrt(np.outer(np.diag(INVERSE), np.diag(INVERSE)))
LENGTHS = np.sqrt(np.maximum(COUNTS, 1))
COSINES = WATCHED.T @ WATCHED / np.outer(LENGTHS, LENGTHS)


def _check(found: tuple[np.ndarray, np.ndarray], rows: list[int], evidence: np.ndarray) -> None:
    for row, positions, scores in zip(rows, *found, strict=True):
        expected = _expected(row, evidence[row], len(positions))
        assert positions[: len(expected)].tolist() == [position for position, _ in expected]
        assert scores[: len(expected)] == pytest.approx([score for _, score in expected], abs=1e-7)
        assert (scores[len(expected) :] == NOTHING).all()


@pytest.mark.parametrize("n", [5, MOVIES + 3])
def test_lists_of_the_head_follow_the_definition(movies: Movies, n: int) -> None:
    everyone = np.arange(MOVIES)
    _check(like_head(everyone, INVERSE, Head(everyone, np.diag(INVERSE)), movies, n), list(everyone), PARTIAL)


@pytest.mark.parametrize("n", [5, MOVIES + 3])
def test_lists_outside_the_head_follow_the_definition(movies: Movies, n: int) -> None:
    _check(
        like_tail(np.arange(MOVIES), Watched.of(csc_matrix(WATCHED), movies.shown), movies, n),
        list(range(MOVIES)),
        COSINES,
    )


def test_a_head_of_some_movies_leaves_the_others_their_content(movies: Movies) -> None:
    positions = np.array([30, 2, 11, 25])
    inverse = np.linalg.inv(WATCHED[:, positions].T @ WATCHED[:, positions] + 3.0 * np.eye(4))
    evidence = np.zeros((MOVIES, MOVIES))
    lengths = np.sqrt(np.diag(inverse))
    evidence[np.ix_(positions, positions)] = -inverse / np.outer(lengths, lengths)
    places = np.array([1, 3])
    found = like_head(places, inverse[places], Head(positions, np.diag(inverse)), movies, 6)
    _check(found, [2, 25], evidence)


def test_the_size_of_a_block_changes_nothing(movies: Movies) -> None:
    everyone, watched = np.arange(MOVIES), csc_matrix(WATCHED)
    head = Head(everyone, np.diag(INVERSE))
    whole = (
        like_head(everyone, INVERSE, head, movies, 8),
        like_tail(everyone, Watched.of(watched, movies.shown), movies, 8),
    )
    for size in (1, 7):
        blocks = [everyone[start : start + size] for start in range(0, MOVIES, size)]
        of_head = [like_head(block, INVERSE[block], head, movies, 8) for block in blocks]
        of_tail = [like_tail(block, Watched.of(watched, movies.shown), movies, 8) for block in blocks]
        for parts, expected in zip((of_head, of_tail), whole, strict=True):
            for part in (0, 1):
                assert np.array_equal(np.concatenate([each[part] for each in parts]), expected[part])


def test_a_movie_without_ratings_has_a_list_by_content_with_scores_of_at_most_a_half(movies: Movies) -> None:
    positions, scores = like_tail(np.array([UNRATED]), Watched.of(csc_matrix(WATCHED), movies.shown), movies, 5)
    others = [place for place in range(MOVIES) if place != UNRATED and COUNTS[place] >= LEAST]
    assert positions[0].tolist() == sorted(others, key=lambda place: (-CONTENT[UNRATED, place], place))[:5]
    assert 0 < scores.min() <= scores.max() <= 0.5


def test_no_movie_is_its_own_neighbour_and_none_with_too_few_ratings_is_shown(movies: Movies) -> None:
    everyone = np.arange(MOVIES)
    assert (COUNTS < LEAST).sum() > 1
    for positions, scores in (
        like_head(everyone, INVERSE, Head(everyone, np.diag(INVERSE)), movies, MOVIES),
        like_tail(everyone, Watched.of(csc_matrix(WATCHED), movies.shown), movies, MOVIES),
    ):
        listed = scores > NOTHING
        assert not (listed & (positions == everyone[:, np.newaxis])).any()
        assert (COUNTS[positions[listed]] >= LEAST).all()
        assert (np.diff(scores, axis=1) <= 0).all()


def test_of_equal_scores_the_lower_position_is_first() -> None:
    alike = content_features(csr_matrix([[1.0, 0.0]] * 5 + [[0.0, 1.0]] * 2), csr_matrix((7, 0)), np.full(7, np.nan))
    movies = Movies(alike, np.full(7, 3), 1)
    positions, scores = like_tail(np.array([2, 6]), Watched.of(csc_matrix((4, 7)), movies.shown), movies, 3)
    assert positions.tolist() == [[0, 1, 3], [5, 0, 0]]
    assert scores[0] == pytest.approx([0.5] * 3)
    assert scores[1, 1:].tolist() == [NOTHING, NOTHING]


def test_of_what_nothing_is_known_there_is_no_list() -> None:
    nothing = content_features(csr_matrix((3, 2)), csr_matrix((3, 0)), np.full(3, np.nan))
    movies = Movies(nothing, np.zeros(3, int), 0)
    _, scores = like_tail(np.array([1]), Watched.of(csc_matrix((4, 3)), movies.shown), movies, 2)
    assert (scores == NOTHING).all()


def test_cosines_are_those_of_who_rated() -> None:
    expected = COSINES[[4, UNRATED, 9]]
    expected[[0, 1, 2], [4, UNRATED, 9]] = 0.0
    others = np.arange(WATCHED.shape[1])
    found = cosines(np.array([4, UNRATED, 9]), Watched.of(csc_matrix(WATCHED), others), others)
    assert found == pytest.approx(expected, abs=1e-6)
