"""A table with everything that figures of columns must cope with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

START = datetime(2015, 1, 1, tzinfo=UTC)


def odd_table() -> pa.Table:
    """Columns of every kind, with nulls, NaN, an infinity, empty texts and lists, and a month without data."""
    random = np.random.default_rng(9)
    n = 6000
    numbers = random.normal(50, 20, n)
    numbers[:100] = np.nan
    days = np.sort(random.choice([day for day in range(200) if not 31 <= day < 59], n))
    return pa.table(
        {
            "id": pa.array(np.append(np.arange(n - 2), [0, 1]), pa.int32()),
            "few": pa.array([None if at % 10 == 0 else float(at % 7) / 2 for at in range(n)], pa.float32()),
            "many": pa.array(numbers, pa.float64()),
            "some": pa.array(np.where(np.arange(n) == 5, np.inf, random.integers(0, 900, n)), pa.float64()),
            "text": pa.array(["" if at % 5 == 0 else f"ä{at % 333:03}" for at in range(n)]),
            "list": pa.array([["x"] * (at % 4) for at in range(n)], pa.list_(pa.string())),
            "flag": pa.array([at % 3 == 0 for at in range(n)]),
            "at": pa.array([START + timedelta(days=int(day)) for day in days], pa.timestamp("us", "UTC")),
        }
    )
