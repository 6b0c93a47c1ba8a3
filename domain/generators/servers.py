"""Measurements of servers, a few of which are ill: the sample's data for the detector of outliers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from domain.generators.random_streams import Stream, generator

SERVERS = 307
CENTRE = (14.1, 15.0)  # latency in ms, throughput in MB/s
SPREAD = (1.35, 1.30)
CORRELATION = -0.25  # the slower servers carry a little less
SLOW, IDLE, OVERLOADED = (7.0, -2.0), (0.5, -6.0), (4.5, 4.5)  # how far the ill ones are from the centre
JITTER = 1.5  # standard deviation around these
ILL, KNOWN_ILL = 6, 9  # of the servers to check, and of those whose truth is known
HEADER = "latency_ms,throughput_mb_s"


class Servers(NamedTuple):
    """`metrics` and `validation` are SERVERS × 2 (latency, throughput); `labels` have 1 for ill ones of the latter."""

    metrics: np.ndarray
    validation: np.ndarray
    labels: np.ndarray


def make_servers(seed: int) -> Servers:
    """The same numbers for the same seed."""
    rng = generator(seed, Stream.SERVERS)
    metrics, _ = _measure(rng, ILL)
    validation, ill = _measure(rng, KNOWN_ILL)
    return Servers(metrics, validation, ill.astype(int))


def server_lines(servers: Servers) -> dict[str, list[str]]:
    """Lines of metrics.csv, validation.csv and labels.csv under servers/; only the first has a header."""
    rows = {"metrics": servers.metrics, "validation": servers.validation}
    lines = {name: [",".join(f"{value:.5f}" for value in row) for row in matrix] for name, matrix in rows.items()}
    return {
        "metrics": [HEADER, *lines["metrics"]],
        "validation": lines["validation"],
        "labels": [str(label) for label in servers.labels.tolist()],
    }


def _measure(rng: np.random.Generator, ill: int) -> tuple[np.ndarray, np.ndarray]:
    """One measurement of each server, and which of them are ill."""
    covariance = np.diag(np.square(SPREAD)) + CORRELATION * np.prod(SPREAD) * (1 - np.eye(2))
    rows = rng.multivariate_normal(CENTRE, covariance, SERVERS)
    chosen = rng.choice(SERVERS, ill, replace=False)
    faults = np.array([SLOW, IDLE, OVERLOADED])[rng.integers(3, size=ill)]
    rows[chosen] = np.array(CENTRE) + faults + JITTER * rng.standard_normal((ill, 2))
    is_ill = np.zeros(SERVERS, dtype=bool)
    is_ill[chosen] = True
    return np.maximum(rows, 0.1), is_ill
