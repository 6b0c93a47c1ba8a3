"""Parquet folders as jobs leave them, without the seconds that Spark takes to write a few rows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def save(folder: Path, table: pa.Table, parts: int = 1) -> None:
    """Write a new folder of so many files, about as long."""
    folder.mkdir(parents=True)
    rows = -(-len(table) // parts)
    for part in range(parts):
        pq.write_table(table.slice(part * rows, rows), folder / f"part-{part}.parquet")
