"""The same lists by sorting all products, and the laws that let most of them go uncomputed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from domain.models import largest_products
from domain.models.largest_products import NOTHING, LongestFirst

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
NOBODY: Pairs = (np.empty(0, np.intp), np.empty(0, np.intp))


def by_sorting(items: NDArray, queries: NDArray, left_out: Pairs, n: int) -> list[list[int]]:
    """Whole numbers have exact products, so equal ones are equal here and there."""
    products = queries @ items.T
    products[left_out] = NOTHING
    return [[int(i) for i in np.argsort(-row, kind="stable")[:n] if row[i] > NOTHING] for row in products]


def lists(positions: NDArray, products: NDArray) -> list[list[int]]:
    return [row[kept].tolist() for row, kept in zip(positions, products > NOTHING, strict=True)]


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    items=st.integers(1, 60),
    queries=st.integers(1, 8),
    rank=st.integers(1, 5),
    n=st.integers(1, 70),
    stretch=st.sampled_from([1, 3, 16, 100]),
    left_out=st.floats(0, 1),
)
def test_lists_are_those_of_sorting_everything(
    seed: int, items: int, queries: int, rank: int, n: int, stretch: int, left_out: float
) -> None:
    random = np.random.default_rng(seed)
    of_items, of_queries = (random.integers(-3, 4, (size, rank)).astype(np.float32) for size in (items, queries))
    of_items[random.random(items) < 0.3] = of_items[0]  # ties, and rows of zeros now and then
    pairs = np.nonzero(random.random((queries, items)) < left_out)
    shuffled = random.permutation(len(pairs[0]))
    left = pairs[0][shuffled], pairs[1][shuffled]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(largest_products, "STRETCH", stretch)
        positions, products = largest_products.largest_products(LongestFirst.of(of_items), of_queries, left, n)
    assert positions.shape == products.shape == (queries, min(n, items))
    assert (np.diff(products, axis=1) <= 0).all()
    assert lists(positions, products) == by_sorting(of_items, of_queries, left, n)
    taken = products > NOTHING
    assert (products[taken] == (of_queries @ of_items.T)[np.nonzero(taken)[0], positions[taken]]).all()


@pytest.mark.parametrize("n", range(1, 12))
def test_a_tie_at_the_end_of_the_list_goes_to_the_lower_position(n: int) -> None:
    items = np.array([[1], [2], [1], [1], [1], [1], [3], [1], [1], [1]], np.float32)
    seen = np.array([0]), np.array([2])
    positions, scores = largest_products.largest_products(LongestFirst.of(items), np.ones((1, 1), np.float32), seen, n)
    unseen = [6, 1, 0, 3, 4, 5, 7, 8, 9]
    assert positions[0, : len(unseen)].tolist() == unseen[:n]
    assert (np.diff(scores[0]) <= 0).all()


def test_short_items_are_not_multiplied(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    items = random.normal(size=(1000, 8)) / np.arange(1, 1001)[:, None]
    offered = []
    keep = largest_products.keep_largest
    monkeypatch.setattr(largest_products, "STRETCH", 50)
    monkeypatch.setattr(largest_products, "keep_largest", lambda *args: (offered.append(args[0].shape), keep(*args)))
    queries = random.normal(size=(20, 8)).astype(np.float32)
    largest_products.largest_products(LongestFirst.of(items.astype(np.float32)), queries, NOBODY, 5)
    assert offered[0] == (20, 50)
    assert sum(rows * columns for rows, columns in offered) < 0.2 * 20 * 1000


def test_rounding_hides_no_item_that_reaches_as_far_as_the_last_of_the_list() -> None:
    """All items lie in the direction of the query, so that products are as large as lengths allow, and equal."""
    direction = np.random.default_rng(3).normal(size=64).astype(np.float32)
    items = np.tile(direction, (3 * largest_products.STRETCH, 1))
    items[0] *= 2
    positions, _ = largest_products.largest_products(LongestFirst.of(items), direction[None], NOBODY, 2)
    products = items @ direction
    assert products[positions[0, 1]] >= products[1:].max() * (1 - 1e-6)


@pytest.mark.parametrize("queries", [0, 3])
def test_nothing_to_list(queries: int) -> None:
    empty = LongestFirst.of(np.empty((0, 4), np.float32))
    positions, products = largest_products.largest_products(empty, np.ones((queries, 4), np.float32), NOBODY, 10)
    assert positions.shape == products.shape == (queries, 0)
