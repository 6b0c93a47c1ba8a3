"""Models of which movies go together, as matrices in one process: EASE and item-kNN.

`watched` is users × movies, 1.0 where the user rated the movie. A movie's score for a user is the sum of its
similarities to the movies of the user's history.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import get_lapack_funcs
from scipy.sparse import csr_matrix, vstack

from domain.evaluation.exposure import NONE
from domain.evaluation.ranking import top_n

BLOCK = 1000  # rows of a dense block: 160 MB of float64 at 20,000 movies


def watched(stars: csr_matrix) -> csr_matrix:
    """The matrix `watched` that follows from that of stars."""
    return stars.astype(bool).astype(np.float32)


def ease(history: csr_matrix, regularization: float) -> NDArray[np.float32]:
    """Similarities (movies × movies, column: the movie scored, diagonal 0) that best rebuild `history` from itself.

    With P = (XᵀX + λ · 1)⁻¹ they are -P_ij / P_jj. Takes 8 + 4 bytes for each pair of movies, 5 GB for 20,000 movies.
    Source: Steck, «Embarrassingly Shallow Autoencoders for Sparse Data», WWW 2019, equation 8.

    Raises:
        ValueError: λ is not above 0, so that the matrix cannot be inverted.
    """
    inverse = regularized_inverse(_gram(history), regularization)
    similar = np.empty(inverse.shape, np.float32)
    scale = -1.0 / np.diag(inverse)
    for start in range(0, len(inverse), BLOCK):
        similar[start : start + BLOCK] = inverse[start : start + BLOCK] * scale
    np.fill_diagonal(similar, 0.0)
    return similar


def regularized_inverse(gram: NDArray[np.floating], regularization: float) -> NDArray[np.floating]:
    """(gram + λ · 1)⁻¹ of a symmetric positive matrix (float32 or float64), in the place of `gram`, which is gone.

    Raises:
        ValueError: λ is not above 0, so that the matrix cannot be inverted.
    """
    if not len(gram):  # LAPACK would complain of it
        return gram
    factorize, invert = get_lapack_funcs(("potrf", "potri"), (gram,))
    gram[np.diag_indices_from(gram)] += regularization
    lower, failed = factorize(gram.T, lower=1, overwrite_a=1)  # of a symmetric matrix the transpose is itself
    if failed:
        raise ValueError(f"Regularization {regularization} leaves the movies' matrix singular.")
    inverse: NDArray[np.floating] = invert(lower, lower=1, overwrite_c=1)[0]
    for start in range(0, len(inverse), BLOCK):  # the upper half is not filled: it comes from the lower one
        end = start + BLOCK
        corner = inverse[start:end, start:end]
        corner[:] = np.tril(corner) + np.tril(corner, k=-1).T
        inverse[start:end, end:] = inverse[end:, start:end].T
    return inverse


def item_knn(history: csr_matrix, neighbours: int) -> csr_matrix:
    """Cosines of the movies' users (movies × movies, column: the movie scored), of each the highest `neighbours`.

    Source: Deshpande & Karypis, «Item-based top-N recommendation algorithms», ACM TOIS 22(1), 2004. Of equal cosines
    that of the lower position is kept. Needs BLOCK × movies at a time.
    """
    lengths = np.sqrt(np.bincount(history.indices, minlength=history.shape[1]))
    columns = history.multiply(1.0 / np.maximum(lengths, 1.0)).tocsc().astype(np.float32)
    kept = [_nearest(columns[:, start : start + BLOCK].T @ columns, start, neighbours) for start in _starts(columns)]
    return vstack(kept).T.tocsr()


def best_similar(history: csr_matrix, similar: NDArray[np.float32] | csr_matrix, n: int) -> NDArray[np.intp]:
    """Positions (users × n) of each user's best movies outside their history, best first, NONE beyond the end.

    Of equal scores the lower position comes first. Without a history there is nothing to go by, and no list.
    """
    lists = np.full((history.shape[0], n), NONE)
    for user, scores in enumerate(_scores(history, similar)):
        own = history.indices[history.indptr[user] : history.indptr[user + 1]]
        if len(own):
            scores[own] = -np.inf
            best = top_n(scores, min(n, len(scores) - len(own)))
            lists[user, : len(best)] = best
    return lists


def _scores(history: csr_matrix, similar: NDArray[np.float32] | csr_matrix) -> Iterator[NDArray[np.float32]]:
    for start in range(0, history.shape[0], BLOCK):
        block = history[start : start + BLOCK] @ similar
        yield from block if isinstance(block, np.ndarray) else block.toarray()


def _nearest(cosines: csr_matrix, start: int, neighbours: int) -> csr_matrix:
    """The highest cosines of each row; row i is that of movie start + i, which is no neighbour of itself."""
    cosines = cosines.tocsr()
    cosines.sort_indices()
    columns, values, ends = [], [], [0]
    for row in range(cosines.shape[0]):
        found = slice(cosines.indptr[row], cosines.indptr[row + 1])
        others = cosines.indices[found] != start + row
        ids, near = cosines.indices[found][others], cosines.data[found][others]
        best = top_n(near, neighbours)
        columns.append(ids[best])
        values.append(near[best])
        ends.append(ends[-1] + len(best))
    return csr_matrix((np.concatenate(values), np.concatenate(columns), ends), shape=cosines.shape)


def _starts(columns: csr_matrix) -> range:
    return range(0, columns.shape[1], BLOCK)


def _gram(history: csr_matrix) -> NDArray[np.float64]:
    """Users who rated both of two movies; filled in blocks, as the sparse product may be larger than the dense."""
    columns = history.T.tocsr()
    gram = np.empty((history.shape[1], history.shape[1]))
    for start in range(0, len(gram), BLOCK):
        gram[start : start + BLOCK] = (columns[start : start + BLOCK] @ history).toarray()
    return gram
