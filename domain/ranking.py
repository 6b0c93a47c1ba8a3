"""Ranking: the best n by score, and how good a ranked list is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def top_n(scores: NDArray[np.floating], n: int) -> NDArray[np.intp]:
    """Positions of the min(n, len(scores)) highest scores, best first; of equal scores the lower position first."""
    return np.argsort(-scores, kind="stable")[:n]


def ndcg(recommended: Sequence[int], relevant: Sequence[int], k: int) -> float:
    """Normalized discounted cumulative gain at k, with relevance 0 or 1.

    DCG = sum of 1 / log2(rank + 1) over the relevant movies among the first k recommended, ranks from 1;
    nDCG = DCG / DCG of a list that begins with min(k, len(relevant)) relevant movies. 1.0 is perfect, 0.0 no hit.
    Source: Järvelin & Kekäläinen, «Cumulated gain-based evaluation of IR techniques», TOIS 2002.

    Args:
        recommended: distinct ids, best first; a list shorter than k counts as filled with misses.
        relevant: distinct ids, at least one.

    Raises:
        ValueError: `relevant` is empty; there the measure has no value, and 0 would be a lie.
    """
    hits = _hits(recommended, relevant, k)
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    return float(discounts[: len(hits)][hits].sum() / discounts[: len(relevant)].sum())


def recall(recommended: Sequence[int], relevant: Sequence[int], k: int) -> float:
    """Share of the relevant movies that are among the first k recommended.

    The denominator is len(relevant), also where that exceeds k. Arguments and errors are those of `ndcg`.
    """
    return float(_hits(recommended, relevant, k).sum() / len(relevant))


def _hits(recommended: Sequence[int], relevant: Sequence[int], k: int) -> NDArray[np.bool_]:
    if len(relevant) == 0:
        raise ValueError("No relevant movies: leave this user out of the mean.")
    return np.isin(np.asarray(recommended)[:k], np.asarray(relevant))
