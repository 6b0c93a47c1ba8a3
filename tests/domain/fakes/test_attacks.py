"""Attackers are what their definitions say."""

from __future__ import annotations

import numpy as np
import pytest

from domain.fakes.attacks import POPULAR_SHARE, Attack, Campaign, Population, Profile, attackers, to_scale, visits

MOVIES = 400


@pytest.fixture
def known() -> Population:
    """Movie 1000 + n is the n-th by popularity; good and bad ones take turns, at 4.5 and 1.5 stars."""
    means = np.where(np.arange(MOVIES) % 2 == 0, 4.5, 1.5)
    began, gaps = np.array([1_000_000_000, 1_100_000_000]), np.array([3, 10, 90, 86_400])
    return Population(np.arange(1000, 1000 + MOVIES), means, np.full(MOVIES, 0.2), 3.5, 1.0, 0.5, began, gaps)


def made(known: Population, attack: Attack, filler: int = 100, targets: int = 1, seed: int = 1) -> list[Profile]:
    campaign = Campaign(attack, profiles=30, filler=filler, targets=targets, first_user=700)
    return list(attackers(np.random.default_rng(seed), known, campaign))


@pytest.mark.parametrize("attack", Attack)
@pytest.mark.parametrize("targets", [1, 5])
def test_every_profile_praises_the_targets_and_rates_so_many_others_once(
    known: Population, attack: Attack, targets: int
) -> None:
    profiles = made(known, attack, targets=targets)
    assert [profile.user for profile in profiles] == list(range(700, 730))
    for profile in profiles:
        assert set(profile.targets) == set(profiles[0].targets)
        assert len(profile.movies) == len(set(profile.movies.tolist())) == 100 + targets
        assert (profile.stars[np.isin(profile.movies, profile.targets)] == 5.0).sum() == targets
        assert set(profile.stars * 2) <= set(range(1, 11))
        assert (np.diff(profile.times) >= 0).all()


@pytest.mark.parametrize(("attack", "apart"), zip(Attack, (0.0, 3.0, 0.0, 3.0), strict=True))
def test_only_two_kinds_know_what_others_think_of_a_movie(known: Population, attack: Attack, apart: float) -> None:
    profiles = made(known, attack)
    movies, stars = (np.concatenate([getattr(one, name) for one in profiles]) for name in ("movies", "stars"))
    filler = ~np.isin(movies, profiles[0].targets) & (movies >= 1010)  # behind those that bandwagon praises
    good = movies % 2 == 0
    difference = stars[filler & good].mean() - stars[filler & ~good].mean()
    assert difference == pytest.approx(apart, abs=0.3)


def test_aop_takes_popular_movies_only_and_the_others_any(known: Population) -> None:
    last = 1000 + POPULAR_SHARE * MOVIES
    share = {
        attack: np.mean([(one.movies < last).mean() for one in made(known, attack, filler=150)]) for attack in Attack
    }
    assert share[Attack.AVERAGE_OVER_POPULAR] > 0.99
    others = [share[attack] for attack in Attack if attack is not Attack.AVERAGE_OVER_POPULAR]
    assert others == pytest.approx([POPULAR_SHARE] * 3, abs=0.05)


def test_bandwagon_praises_the_best_known(known: Population) -> None:
    for profile in made(known, Attack.BANDWAGON, filler=150):
        best = profile.stars[np.isin(profile.movies, [1000, 1001, 1002]) & ~np.isin(profile.movies, profile.targets)]
        assert (best == 5.0).all()
        assert len(best) >= 2


def test_the_same_seed_makes_the_same_attackers(known: Population) -> None:
    for one, other in zip(made(known, Attack.AVERAGE), made(known, Attack.AVERAGE), strict=True):
        np.testing.assert_array_equal(one.movies, other.movies)
        np.testing.assert_array_equal(one.times, other.times)


def test_more_filler_than_movies_is_refused(known: Population) -> None:
    with pytest.raises(ValueError, match="more than the 160 movies"):
        made(known, Attack.AVERAGE_OVER_POPULAR, filler=160)


def test_visits_are_the_users_first_times_and_gaps() -> None:
    began, gaps = visits(np.array([2, 1, 2, 1, 2]), np.array([50, 7, 20, 9, 10_000_000]))
    assert (began.tolist(), gaps.tolist()) == ([7, 20], [2, 30, 604_800])


def test_stars_stay_on_their_scale() -> None:
    assert to_scale(np.array([-1.0, 0.6, 3.26, 9.0]), 0.5).tolist() == [0.5, 0.5, 3.5, 5.0]
    assert to_scale(np.array([0.2, 3.4]), 1.0).tolist() == [1.0, 3.0]
