"""A list told from interest by which movies a user chose."""

from __future__ import annotations

import numpy as np
import pytest

from domain.fakes.selection import BINS, Popularity, evidence


def test_places_of_a_movie_are_shares_of_bins() -> None:
    popularity = Popularity(np.array([1] * 500 + [2] * 300 + list(range(3, 203))))
    assert popularity.sizes.sum() == 1000
    assert len(popularity.sizes) == BINS
    places = popularity.places(np.array([0, 1, 2, 150, 999]))
    np.testing.assert_allclose(places.sum(axis=1), 1.0)
    assert [np.count_nonzero(row) for row in places] == [1, 50, 30, 1, 1]
    assert places[4].argmax() == 0
    assert places[0].argmax() == BINS - 1
    assert popularity.weights @ popularity.sizes == pytest.approx(popularity.counts.sum())


def test_evidence_tells_a_list_from_interest_and_names_the_list() -> None:
    random = np.random.default_rng(2)
    counts = np.sort(np.ceil(50 * np.exp(2 * random.standard_normal(3000)))).astype(int)[::-1]
    popularity = Popularity(counts)
    rows = [random.choice(3000, 150, replace=False, p=counts / counts.sum())]
    rows += [random.choice(int(3000 * pool), 150, replace=False) for pool in (0.2, 0.6, 1.0)]
    bins = np.array([popularity.places(counts[row]).sum(axis=0) for row in rows])
    nats, pools = evidence(bins, popularity)
    assert nats[0] < 0 < 25 < nats[1:].min()
    np.testing.assert_allclose(pools[1:], [0.2, 0.6, 1.0], atol=0.11)
