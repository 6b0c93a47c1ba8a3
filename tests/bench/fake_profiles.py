"""How well fake profiles are found: attacks put into ml-latest-small in memory, judged, compared with the truth.

Prints Markdown. `python -m tests.bench.fake_profiles DIR SEED,SEED,... [ATTACK ...]`, DIR with ratings.csv. Seeds 1, 2
and 3 are those on which the thresholds were chosen: measure with others.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from domain.fakes import verdicts
from domain.fakes.attacks import Attack, Campaign, Population, attackers, visits

SIZES, FILLERS, TARGETS = (0.01, 0.05, 0.1), (0.03, 0.1), (1, 20)
SMALL_FILLERS = (30, 60, 100)


def population(ratings: pd.DataFrame) -> Population:
    """What attackers know."""
    movies = ratings.groupby("movieId")["rating"].agg(["count", "mean", "std"]).reset_index()
    movies = movies.sort_values(["count", "movieId"], ascending=[False, True])
    spread = ratings["rating"].std()
    began, gaps = visits(ratings["userId"].to_numpy(), ratings["timestamp"].to_numpy())
    known = (movies[name].to_numpy() for name in ("movieId", "mean"))
    return Population(
        *known, movies["std"].fillna(spread).to_numpy(), ratings["rating"].mean(), spread, 0.5, began, gaps
    )


def attacked(ratings: pd.DataFrame, known: Population, campaigns: list[Campaign], seed: int) -> list[np.ndarray]:
    """Users, movies and stars of the ratings and of all campaigns."""
    rng = np.random.default_rng(seed)
    made = [profile for campaign in campaigns for profile in attackers(rng, known, campaign)]
    parts = [
        (ratings["userId"], [np.full(len(one.movies), one.user) for one in made]),
        (ratings["movieId"], [one.movies for one in made]),
        (ratings["rating"], [one.stars for one in made]),
    ]
    return [np.concatenate([genuine.to_numpy(), *fakes]) for genuine, fakes in parts]


def campaigns(attack: Attack, fakes: int, filler: int, targets: int, each: bool, seed: int) -> list[Campaign]:
    """One campaign for all targets, or with `each` one for each target, attackers divided among them at random."""
    if not each:
        return [Campaign(attack, fakes, filler, targets, FIRST_FAKE)]
    shares = np.random.default_rng(seed).multinomial(fakes, np.full(targets, 1 / targets))
    firsts = FIRST_FAKE + np.concatenate([[0], np.cumsum(shares)[:-1]])
    return [Campaign(attack, int(n), filler, 1, int(first)) for n, first in zip(shares, firsts, strict=True) if n]


def judged(arrays: list[np.ndarray]) -> tuple[float, float, int, float]:
    """Precision, recall, genuine users flagged, recall of PCA variable selection that flags as many as there are."""
    profiles, movies = verdicts.profiles_of(*arrays)
    verdict = verdicts.find(verdicts.passes_in_memory(profiles, len(movies)))
    is_fake = verdict.users >= FIRST_FAKE
    hits = int((verdict.flagged & is_fake).sum())
    suspects = np.argsort(loadings(arrays), kind="stable")[: is_fake.sum()]
    false = int((verdict.flagged & ~is_fake).sum())
    count = max(int(is_fake.sum()), 1)
    return hits / max(hits + false, 1), hits / count, false, is_fake[suspects].sum() / count


def loadings(arrays: list[np.ndarray]) -> np.ndarray:
    """Mehta and Nejdl (2009): users as variables, z-scored over all movies; squares of the first three loadings."""
    (_, user), (_, movie) = (np.unique(ids, return_inverse=True) for ids in arrays[:2])
    table = np.zeros((user.max() + 1, movie.max() + 1))
    table[user, movie] = arrays[2]
    table = (table - table.mean(axis=1, keepdims=True)) / table.std(axis=1, keepdims=True)
    _, vectors = np.linalg.eigh(table @ table.T)
    return np.asarray((vectors[:, -3:] ** 2).sum(axis=1))


FIRST_FAKE = 1_000_000_000


def main(folder: Path, seeds: list[int], attacks: list[Attack]) -> None:
    """The table of all attacks, then the hard cases."""
    ratings = pd.read_csv(folder / "ratings.csv")
    known, users = population(ratings), ratings["userId"].nunique()
    none = judged(attacked(ratings, known, [], 0))
    print(f"Without an attack {none[2]} of {users} users are flagged.\n")
    print("| attack | targets | attackers | filler | precision | recall | genuine flagged | PCA recall |")
    print("|---|---|---|---|---|---|---|---|")
    forms = [(1, False), (20, False), (20, True)]
    for attack, (targets, each), size, filler in product(attacks, forms, SIZES, FILLERS):
        counts = round(size * users), round(filler * len(known.movies)), targets
        print_row(ratings, known, attack, counts, each, seeds, f"{size:.0%}", f"{filler:.0%}")
    for attack, filler in product(attacks, SMALL_FILLERS):
        print_row(ratings, known, attack, (round(0.05 * users), filler, 1), False, seeds, "5%", f"{filler} movies")


def print_row(
    ratings: pd.DataFrame,
    known: Population,
    attack: Attack,
    counts: tuple[int, int, int],
    each: bool,
    seeds: list[int],
    *shown: str,
) -> None:
    """Means over the seeds; `counts` are attackers, filler movies and targets."""
    found = [judged(attacked(ratings, known, campaigns(attack, *counts, each, seed), seed)) for seed in seeds]
    precision, recall, false, pca = np.mean(found, axis=0)
    targets = "one of 20 each" if each else str(counts[2])
    figures = f"{precision:.3f} | {recall:.3f} | {false:.1f} | {pca:.2f}"
    print(f"| {attack} | {targets} | {' | '.join(shown)} | {figures} |", flush=True)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        [int(seed) for seed in sys.argv[2].split(",")],
        [Attack(kind) for kind in sys.argv[3:]] or list(Attack),
    )
