"""Laws of the generated sample, user by user and movie by movie."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import pytest

from domain.fakes.attacks import Attack
from domain.generators.dirt import KINDS
from domain.generators.movielens import (
    PLANTED,
    Sample,
    SampleSizes,
    fake_lines,
    make_sample,
    movie_and_link_lines,
    user_lines,
    user_ratings,
)
from domain.generators.movies import GENRES
from domain.generators.random_streams import Stream, generator
from domain.generators.ratings import HALF_STARS_SINCE, year_of
from domain.generators.users import ATTACKS, GENUINE, MIN_RATINGS

USERS, MOVIES, RATINGS = 80, 600, 8_000


class Rows(NamedTuple):
    """Ratings of many users, one row each; `movies` are positions in the sample."""

    users: np.ndarray
    movies: np.ndarray
    stars: np.ndarray
    times: np.ndarray


def make(seed: int = 1, dirt_share: float = 0.01, fake_share: float = 0.05, users: int = USERS) -> Sample:
    return make_sample(seed, SampleSizes(users, MOVIES, RATINGS, dirt_share, fake_share))


def rows(sample: Sample, users: np.ndarray) -> Rows:
    each = [(user, user_ratings(sample, user)) for user in users.tolist()]
    return Rows(
        np.concatenate([np.full(len(ratings.movies), user) for user, ratings in each]),
        *(np.concatenate([getattr(ratings, name) for _, ratings in each]) for name in ("movies", "stars", "times")),
    )


def genuine(sample: Sample) -> np.ndarray:
    return np.flatnonzero(sample.users.attack == GENUINE) + 1


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make()


@pytest.fixture(scope="module")
def ratings(sample: Sample) -> Rows:
    return rows(sample, genuine(sample))


@pytest.fixture(scope="module")
def all_lines(sample: Sample) -> dict[str, list[str]]:
    lines = {file: list(text) for file, text in movie_and_link_lines(sample).items()}
    for user in range(1, len(sample.users) + 1):
        for file, text in user_lines(sample, user).items():
            lines.setdefault(file, []).extend(text)
    return lines


def test_genuine_users_give_exactly_the_ratings_asked_for(sample: Sample, ratings: Rows) -> None:
    assert (len(genuine(sample)), len(sample.movies.ids), len(ratings.users)) == (USERS, MOVIES, RATINGS)


def test_nobody_rates_a_movie_twice_or_fewer_than_the_minimum(sample: Sample) -> None:
    everyone = rows(sample, np.arange(1, len(sample.users) + 1))
    pairs = set(zip(everyone.users.tolist(), everyone.movies.tolist(), strict=True))
    assert len(pairs) == len(everyone.users)
    assert np.bincount(everyone.users)[1:].min() >= MIN_RATINGS


def test_a_users_lines_depend_on_nothing_but_the_sample_and_the_user(sample: Sample) -> None:
    before = user_lines(sample, 7)
    user_lines(sample, 8)
    assert user_lines(make(), 7) == before


def test_another_seed_makes_other_data(sample: Sample) -> None:
    other = make(seed=2)
    assert user_lines(other, 7)["ratings"] != user_lines(sample, 7)["ratings"]
    assert other.movies.titles != sample.movies.titles


def test_stars_are_whole_before_2003_and_halves_appear_after(ratings: Rows) -> None:
    early = ratings.times < HALF_STARS_SINCE
    assert datetime.fromtimestamp(HALF_STARS_SINCE, UTC).year == 2003
    assert set(ratings.stars[early]) <= {1.0, 2.0, 3.0, 4.0, 5.0}
    assert set(ratings.stars[~early]) == set(np.arange(0.5, 5.5, 0.5))


def test_no_rating_is_older_than_its_movie_or_outside_the_years_of_movielens(sample: Sample) -> None:
    everyone = rows(sample, np.arange(1, len(sample.users) + 1))
    years = year_of(everyone.times)
    assert (sample.movies.years[everyone.movies] <= years).all()
    assert years.min() >= 1996
    assert years.max() <= 2018


@pytest.fixture(scope="module")
def preset() -> Rows:
    """As many users, movies and ratings as ml-latest-small has."""
    sample = make_sample(1, SampleSizes(610, 9_742, 100_836))
    return rows(sample, genuine(sample))


def test_stars_are_distributed_about_as_in_movielens(preset: Rows) -> None:
    assert preset.stars.mean() == pytest.approx(3.5, abs=0.15)
    assert preset.stars.std() == pytest.approx(1.04, abs=0.06)


def test_popularity_and_activity_have_the_long_tails_of_movielens(preset: Rows) -> None:
    """In ml-latest-small the top tenth of the movies has 60 % of the ratings, the top tenth of the users 51 %."""
    of_movies = np.sort(np.bincount(preset.movies))[::-1]
    of_users = np.sort(np.bincount(preset.users))[::-1]
    assert of_movies[:974].sum() / 100_836 == pytest.approx(0.6, abs=0.1)
    assert of_users[:61].sum() / 100_836 == pytest.approx(0.5, abs=0.1)


def test_users_return_to_the_genres_they_like(sample: Sample, ratings: Rows) -> None:
    """Shares of genres in one half of a user's movies tell those in the other half better than in a stranger's."""
    shares = sample.movies.has_genre[ratings.movies] / np.maximum(
        sample.movies.has_genre[ratings.movies].sum(axis=1, keepdims=True), 1
    )
    half = generator(0, Stream.TAGS).random(len(ratings.users)) < 0.5
    users = genuine(sample)
    first, second = (
        np.array([shares[(ratings.users == u) & side].mean(axis=0) for u in users]) for side in (half, ~half)
    )
    first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    own = (first * second).sum(axis=1).mean()
    strangers = (first * np.roll(second, 1, axis=0)).sum(axis=1).mean()
    assert own > 0.005
    assert own > 5 * abs(strangers)


def test_some_movies_are_never_rated(sample: Sample, ratings: Rows) -> None:
    assert len(set(ratings.movies.tolist())) < MOVIES
    assert np.diff(sample.tastes.cumulative, axis=1).min() == 0


def test_ids_rise_and_rows_are_sorted_like_movielens(sample: Sample, ratings: Rows) -> None:
    assert (np.diff(sample.movies.ids) > 0).all()
    same_user = np.diff(ratings.users) == 0
    assert (np.diff(ratings.movies)[same_user] > 0).all()


def test_some_movies_have_no_genre_and_some_no_tmdb_id(all_lines: dict[str, list[str]]) -> None:
    assert any(line.endswith(",(no genres listed)") for line in all_lines["movies"])
    assert any(line.endswith(",") for line in all_lines["links"])
    assert {genre for genre in GENRES if any(genre in line for line in all_lines["movies"])} == set(GENRES)


def test_every_kind_of_bad_line_is_planted_and_the_truth_names_each(
    sample: Sample, all_lines: dict[str, list[str]]
) -> None:
    wanted = {(f"{file}.csv", reason.value) for file, kinds in KINDS.items() for reason, _ in kinds}
    named = {tuple(line.split(",", 2)[:2]) for line in all_lines[PLANTED]}
    assert named == wanted
    for file, good in sample.rows.items():
        told = sum(line.startswith(f"{file}.csv,") for line in all_lines[PLANTED])
        assert len(all_lines[file]) == good + told
        assert told >= 0.01 * good


def test_without_a_share_nothing_is_planted_and_nobody_is_a_fake() -> None:
    clean = make(dirt_share=0, fake_share=0)
    assert movie_and_link_lines(clean)[PLANTED] == []
    assert fake_lines(clean) == []
    assert all(user_lines(clean, user)[PLANTED] == [] for user in range(1, USERS + 1))


def test_the_truth_names_every_fake_with_attack_and_target(sample: Sample) -> None:
    told = [line.split(",") for line in fake_lines(sample)]
    assert [int(user) for user, _, _ in told] == (np.flatnonzero(sample.users.attack != GENUINE) + 1).tolist()
    assert {attack for _, attack, _ in told} == {"random", "average", "bandwagon", "average_over_popular"}
    assert {int(target) for _, _, target in told} <= set(sample.movies.ids.tolist())


def test_fakes_push_their_target_to_five_stars_within_a_week(sample: Sample) -> None:
    times: dict[int, list[int]] = {}
    for place in np.flatnonzero(sample.users.attack != GENUINE).tolist():
        ratings, target = user_ratings(sample, place + 1), int(sample.users.target[place])
        assert ratings.stars[ratings.movies == target].tolist() == [5.0]
        times.setdefault(target, []).extend(ratings.times.tolist())
    assert all(max(seen) - min(seen) < 8 * 86_400 for seen in times.values())


def test_fakes_of_a_bandwagon_praise_what_everybody_knows(sample: Sample) -> None:
    place = int(np.flatnonzero(sample.users.attack == ATTACKS.index(Attack.BANDWAGON))[0])
    ratings = user_ratings(sample, place + 1)
    known = sample.tastes.by_popularity[sample.movies.years[sample.tastes.by_popularity] <= 2003][:3]
    assert set(ratings.stars[np.isin(ratings.movies, known)]) == {5.0}


def test_tags_belong_to_movies_that_the_user_rated() -> None:
    lines = user_lines(make(dirt_share=0, fake_share=0), 1)
    rated = {line.split(",")[1] for line in lines["ratings"]}
    assert lines["tags"]
    assert {line.split(",")[1] for line in lines["tags"]} <= rated


HEAVY_USER = """
from tests.domain.generators.test_movielens import make, user_lines
print(*user_lines(make(), 1 + int(make().users.ratings.argmax()))["ratings"])
"""


def test_a_heavy_user_is_the_same_on_an_older_processor() -> None:
    """numpy chooses its sorts by processor, and only the modern ones' select has an order of its own."""
    vectors = "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"
    here, older = (
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", HEAVY_USER],
            env={**os.environ, **chosen},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for chosen in ({}, {"NPY_DISABLE_CPU_FEATURES": vectors})
    )
    assert len(here.split()) > MOVIES / 8
    assert here == older


@pytest.mark.parametrize(
    ("users", "movies", "ratings"),
    [(80, 99, 2_000), (80, 600, 1_599), (80, 600, 12_001)],
    ids=["too few movies", "too few ratings", "too many ratings"],
)
def test_sizes_that_do_not_fit_are_refused(users: int, movies: int, ratings: int) -> None:
    with pytest.raises(ValueError, match="ask for"):
        make_sample(1, SampleSizes(users, movies, ratings))


@pytest.mark.parametrize("movies", [100, 101, 250])
def test_the_smallest_samples_serve_the_heaviest_users_and_fakes(movies: int) -> None:
    tight = make_sample(4, SampleSizes(10, movies, 10 * (movies // 4), 0.1, 0.5))
    assert (
        sum(len(user_ratings(tight, user).movies) for user in range(1, len(tight.users) + 1)) == tight.rows["ratings"]
    )
