"""Made-up profiles are found among genuine ones, and genuine ones are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from domain.fakes import verdicts
from domain.fakes.attacks import Attack, Campaign, Population, attackers
from domain.fakes.verdicts import Profiles, Verdict

USERS, MOVIES = 300, 2000
FIRST_FAKE = 10_000
Ratings = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def genuine() -> Ratings:
    """Users choose movies in proportion to a lognormal popularity."""
    random = np.random.default_rng(11)
    chance = np.exp(1.7 * random.standard_normal(MOVIES))
    chance /= chance.sum()
    lengths = np.clip(random.lognormal(4.4, 0.8, USERS), 20, 600).astype(int)
    movies = [random.choice(MOVIES, length, replace=False, p=chance) for length in lengths]
    stars = random.choice([1.0, 2.0, 3.0, 3.5, 4.0, 4.5, 5.0], lengths.sum(), p=[0.05, 0.1, 0.25, 0.15, 0.25, 0.1, 0.1])
    return np.repeat(np.arange(1, USERS + 1), lengths), np.concatenate(movies) + 1, stars


def attacked(genuine: Ratings, attack: Attack, targets: int = 1, fakes: int = 15, filler: int = 120) -> Ratings:
    users, movies, stars = genuine
    ids, place = np.unique(movies, return_inverse=True)
    counts = np.bincount(place)
    means = np.bincount(place, stars) / counts
    order = np.argsort(-counts, kind="stable")
    times = np.array([1_000_000_000])
    known = Population(ids[order], means[order], np.ones(len(ids)), stars.mean(), stars.std(), 0.5, times, times[:1])
    made = list(attackers(np.random.default_rng(5), known, Campaign(attack, fakes, filler, targets, FIRST_FAKE)))
    return (
        np.concatenate([users, *(np.full(len(one.movies), one.user) for one in made)]),
        np.concatenate([movies, *(one.movies for one in made)]),
        np.concatenate([stars, *(one.stars for one in made)]),
    )


def judged(ratings: Ratings) -> Verdict:
    profiles, movies = verdicts.profiles_of(*ratings)
    return verdicts.find(verdicts.passes_in_memory(profiles, len(movies)))


@pytest.mark.parametrize("targets", [1, 20])
@pytest.mark.parametrize("attack", Attack)
def test_attackers_are_found_and_hardly_anyone_else(genuine: Ratings, attack: Attack, targets: int) -> None:
    verdict = judged(attacked(genuine, attack, targets))
    is_fake = verdict.users >= FIRST_FAKE
    assert verdict.flagged[is_fake].mean() >= 0.95
    assert verdict.flagged[~is_fake].mean() <= 0.01


def test_without_an_attack_nobody_is_flagged(genuine: Ratings) -> None:
    assert not judged(genuine).flagged.any()


def test_the_movie_that_attackers_push_is_named(genuine: Ratings) -> None:
    ratings = attacked(genuine, Attack.AVERAGE, filler=60)
    profiles, movies = verdicts.profiles_of(*ratings)
    verdict = verdicts.find(verdicts.passes_in_memory(profiles, len(movies)))
    fakes = verdict.users >= FIRST_FAKE
    highest = {user: set(ratings[1][(ratings[0] == user) & (ratings[2] == 5.0)]) for user in verdict.users[fakes]}
    pushed = set.intersection(*highest.values())
    assert pushed <= set(movies[verdict.targets].tolist())
    assert set(movies[verdict.praises[fakes & verdict.flagged]].tolist()) & pushed


def test_the_verdict_does_not_depend_on_the_order_of_the_ratings(genuine: Ratings) -> None:
    ratings = attacked(genuine, Attack.BANDWAGON)
    order = np.random.default_rng(1).permutation(len(ratings[0]))
    one, other = judged(ratings), judged(tuple(part[order] for part in ratings))
    np.testing.assert_array_equal(one.flagged, other.flagged)
    np.testing.assert_allclose(one.evidence.nats, other.evidence.nats, rtol=1e-12)


def test_parts_of_the_users_add_up(genuine: Ratings) -> None:
    profiles, movies = verdicts.profiles_of(*genuine)
    everyone = np.ones(len(profiles.users), dtype=bool)
    whole = verdicts.tally(profiles, len(movies), everyone)
    half = np.arange(len(profiles.users)) % 2 == 0
    parts = [verdicts.tally(profiles, len(movies), chosen) for chosen in (half, ~half)]
    np.testing.assert_array_equal(parts[0] + parts[1], whole)
    np.testing.assert_array_equal(whole[0], np.bincount(profiles.movies))
    cut = profiles.starts[100]
    some = Profiles(profiles.users[:100], profiles.starts[:101], profiles.movies[:cut], profiles.highest[:cut])
    known = verdicts.known(whole)
    np.testing.assert_allclose(
        verdicts.weigh(some, known, everyone[:100]).nats,
        verdicts.weigh(profiles, known, everyone).nats[:100],
        rtol=1e-9,
    )


def test_targets_are_more_than_habit_and_chance_explain() -> None:
    by_suspects, by_others = np.zeros(1000, dtype=int), np.zeros(1000, dtype=int)
    by_suspects[:4] = [30, 30, 2, 8]
    by_others[1] = 300  # everybody praises it
    assert verdicts.targets(by_suspects, by_others, suspects=30, others=1000).tolist() == [0, 3]
