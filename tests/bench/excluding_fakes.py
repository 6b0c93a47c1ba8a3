"""What excluding flagged users from training is worth: how often attacks bring their target into top-10 lists.

Prints Markdown. `python -m tests.bench.excluding_fakes DIR SEEDS`, DIR with ratings.csv. The lists are of ALS in
the package implicit: 64 factors, regularization 0.2, alpha 1.5, 15 iterations; rated movies are left out.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from domain.fakes import verdicts
from domain.fakes.attacks import Attack, Campaign, attackers
from tests.bench.fake_profiles import FIRST_FAKE, population

K = 10


def target_share(arrays: list[np.ndarray], target: int, excluded: np.ndarray) -> float:
    """Of the genuine users who have not rated the target: how many have it in their list."""
    users, user = np.unique(arrays[0], return_inverse=True)
    movies, movie = np.unique(arrays[1], return_inverse=True)
    table = csr_matrix((arrays[2], (user, movie)), (len(users), len(movies)), dtype=np.float32)
    learned = ~np.isin(users, excluded)
    model = AlternatingLeastSquares(
        factors=64, regularization=0.2, alpha=1.5, iterations=15, random_state=1, num_threads=1
    )
    model.fit(table[learned], show_progress=False)
    place = int(np.searchsorted(movies, target))
    genuine = np.flatnonzero((users[learned] < FIRST_FAKE) & (table[learned][:, [place]].toarray().ravel() == 0))
    lists, _ = model.recommend(genuine, table[learned][genuine], N=K)
    return float((lists == place).any(axis=1).mean())


def main(folder: Path, seeds: int) -> None:
    """A row for each attack: 5 % attackers, 3 % filler, one target."""
    ratings = pd.read_csv(folder / "ratings.csv")
    known = population(ratings)
    counts = round(0.05 * ratings["userId"].nunique()), round(0.03 * len(known.movies))
    print("| attack | users with the target in their list: no attack | attacked | flagged users excluded |")
    print("|---|---|---|---|")
    for attack in Attack:
        found = []
        for seed in range(1, seeds + 1):
            made = list(attackers(np.random.default_rng(seed), known, Campaign(attack, *counts, 1, FIRST_FAKE)))
            genuine = [ratings[name].to_numpy() for name in ("userId", "movieId", "rating")]
            parts = zip(
                genuine, *[(np.full(len(one.movies), one.user), one.movies, one.stars) for one in made], strict=True
            )
            arrays = [np.concatenate(part) for part in parts]
            profiles, movies = verdicts.profiles_of(*arrays)
            verdict = verdicts.find(verdicts.passes_in_memory(profiles, len(movies)))
            target, nobody = int(made[0].targets[0]), np.empty(0)
            cases = ((genuine, nobody), (arrays, nobody), (arrays, verdict.users[verdict.flagged]))
            found.append([target_share(of, target, excluded) for of, excluded in cases])
        print(f"| {attack} | " + " | ".join(f"{share:.1%}" for share in np.mean(found, axis=0)) + " |", flush=True)


if __name__ == "__main__":
    with threadpool_limits(limits=1):
        main(Path(sys.argv[1]), int(sys.argv[2]))
