"""The lift of two items: how much more often they occur together in a session than chance explains.

lift = P(both) / (P(one) · P(other)), each the share of sessions with these items; 1 is what chance makes. Source: Brin,
Motwani, Ullman & Tsur, «Dynamic Itemset Counting and Implication Rules for Market Basket Data», SIGMOD 1997, section 4
(there it is called interest).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Occurrences:
    """The number of all sessions, and of those with each item."""

    sessions: int
    of_items: Integers


@dataclass(frozen=True)
class Companions:
    """The others that go with `item`, best first: their lifts, and the sessions that both are in."""

    item: int
    others: Integers
    lifts: Floats
    sessions: Integers


def companions(occurs: csr_array, items: range, known: Occurrences, least: int, n: int) -> Iterator[Companions]:
    """The `n` others with the highest lift for each of `items`, of those with at least `least` common sessions.

    An item without any is left out. `occurs` (sessions × all items, 1 where the session has the item) must have every
    session with one of `items`; others change nothing. Of equal lifts more common sessions come first, then the lower
    item.
    """
    together = csr_array(occurs[:, items.start : items.stop].T) @ occurs
    for row, item in enumerate(items):
        of_row = slice(together.indptr[row], together.indptr[row + 1])
        others, common = together.indices[of_row].astype(np.int64), together.data[of_row].astype(np.int64)
        kept = (common >= least) & (others != item)
        others, common = others[kept], common[kept]
        lifts = common * known.sessions / (known.of_items[item] * known.of_items[others])
        if len(lifts) > n:  # the order of all would take longer than their product
            high = lifts >= np.partition(lifts, -n)[-n]
            others, common, lifts = others[high], common[high], lifts[high]
        best = np.lexsort((others, -common, -lifts))[:n]
        if len(best):
            yield Companions(item, others[best], lifts[best], common[best])
