"""Ranking: the best n by score, and how good ranked lists are.

The measures take the hits of many users at once: row u of `hits` (users × places, bool, at least one place) says which
places of the list of user u hold a relevant movie, best place first; places beyond the end of a list are misses.
`relevant` (users, int) is how many relevant movies each user has. Each gives a value in 0 … 1 for every user (float64),
for the first k places.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Hits = NDArray[np.bool_]
Counts = NDArray[np.integer]
Values = NDArray[np.float64]


def top_n(scores: NDArray[np.floating], n: int) -> NDArray[np.intp]:
    """Positions of the min(n, len(scores)) highest scores, best first; of equal scores the lower position first."""
    return np.argsort(-scores, kind="stable")[:n]


def ndcg_of_hits(hits: Hits, relevant: Counts, k: int) -> Values:
    """Normalized discounted cumulative gain at k, with relevance 0 or 1.

    DCG = sum of 1 / log2(place + 1) over the hits among the first k places, places from 1; nDCG = DCG / DCG of a list
    that begins with min(k, relevant) hits. 1.0 is perfect, 0.0 no hit.
    Source: Järvelin & Kekäläinen, «Cumulated gain-based evaluation of IR techniques», TOIS 2002.

    Raises:
        ValueError: a user has no relevant movie; there no measure has a value, and 0 would be a lie.
    """
    _check(relevant)
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discounts)[np.minimum(relevant, k) - 1]
    first = hits[:, :k]
    return first @ discounts[: first.shape[1]] / ideal


def average_precision(hits: Hits, relevant: Counts, k: int) -> Values:
    """Average precision at k, whose mean over users is MAP@k.

    The sum, over the hits among the first k places, of the precision up to that place, divided by all relevant movies,
    also where there are more than k (as in trec_eval and ranx; some divide by min(k, relevant)). Errors as above.
    Source: Manning, Raghavan & Schütze, «Introduction to Information Retrieval», 2008, section 8.4.
    """
    _check(relevant)
    first = hits[:, :k]
    precisions = np.cumsum(first, axis=1) / np.arange(1, first.shape[1] + 1)
    return (precisions * first).sum(axis=1) / relevant


def reciprocal_rank(hits: Hits, relevant: Counts, k: int) -> Values:
    """1 / place of the first hit among the first k places, 0 without one; the mean over users is MRR@k.

    Errors as above. Source: Voorhees, «The TREC-8 question answering track report», 1999.
    """
    _check(relevant)
    first = hits[:, :k]
    return np.where(first.any(axis=1), 1.0 / (first.argmax(axis=1) + 1), 0.0)


def recall_of_hits(hits: Hits, relevant: Counts, k: int) -> Values:
    """Share of the user's relevant movies that are among the first k places.

    The denominator is `relevant`, also where that exceeds k. Errors as above.
    """
    _check(relevant)
    return hits[:, :k].sum(axis=1) / relevant


def precision(hits: Hits, relevant: Counts, k: int) -> Values:
    """Share of the first k places that are hits; a list shorter than k is filled with misses. Errors as above."""
    _check(relevant)
    return hits[:, :k].sum(axis=1) / k


def hit_rate(hits: Hits, relevant: Counts, k: int) -> Values:
    """1 where the first k places have a hit, else 0. Errors as above."""
    _check(relevant)
    return (hits[:, :k].sum(axis=1) > 0).astype(np.float64)


MEASURES = {
    "ndcg": ndcg_of_hits,
    "map": average_precision,
    "mrr": reciprocal_rank,
    "recall": recall_of_hits,
    "precision": precision,
    "hit_rate": hit_rate,
}


def ndcg(recommended: Sequence[int], relevant: Sequence[int], k: int) -> float:
    """`ndcg_of_hits` of one list.

    Args:
        recommended: distinct ids, best first; a list shorter than k counts as filled with misses.
        relevant: distinct ids, at least one.
    """
    return float(ndcg_of_hits(_hits(recommended, relevant), np.array([len(relevant)]), k)[0])


def recall(recommended: Sequence[int], relevant: Sequence[int], k: int) -> float:
    """`recall_of_hits` of one list; arguments are those of `ndcg`."""
    return float(recall_of_hits(_hits(recommended, relevant), np.array([len(relevant)]), k)[0])


def _hits(recommended: Sequence[int], relevant: Sequence[int]) -> Hits:
    return np.isin(np.asarray(recommended), np.asarray(relevant))[np.newaxis]


def _check(relevant: Counts) -> None:
    if (relevant < 1).any():
        raise ValueError("No relevant movies: leave this user out of the mean.")
