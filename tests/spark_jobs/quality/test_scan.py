"""One pass over a table: its counts are those of the whole columns however the table is cut."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from domain.statistics.columns import part_of
from spark_jobs.quality.scan import Table, Wanted, parquet_files, scan
from tests.support.odd_table import odd_table


@pytest.fixture(scope="module", params=["row groups", "mapInArrow"])
def scanned(request: pytest.FixtureRequest, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The odd table as tasks read it themselves, and in five partitions in another order from Spark."""
    folder = tmp_path_factory.mktemp("odd")
    pq.write_table(odd_table(), folder / "part.parquet", row_group_size=1100)
    frame = spark.read.parquet(str(folder))
    files = parquet_files(folder) if request.param == "row groups" else ()
    table = Table("odd", frame if files else frame.repartition(5), files)
    wanted = Wanted(
        tuple(frame.columns), (("id",), ("id", "few", "text")), {"few": pa.array([0, 0.5, 1], pa.float32())}
    )
    return scan(spark, table, wanted)


def test_a_scan_has_the_counts_of_the_whole_columns(scanned: Any) -> None:
    """Figures follow from these counts: see tests/domain/statistics/test_column_figures.py."""
    table = odd_table()
    assert scanned.rows == len(table)
    for name in table.column_names:
        part, whole = scanned.columns[name], part_of(table[name].combine_chunks())
        for field in ("kind", "rows", "missing", "empty", "infinite", "low", "high", "values"):
            assert getattr(part, field) == getattr(whole, field), (name, field)
        assert (part.bins.bins.tolist(), part.bins.counts.tolist()) == (
            whole.bins.bins.tolist(),
            whole.bins.counts.tolist(),
        )
        assert part.moments.mean == pytest.approx(whole.moments.mean, rel=1e-12)
        assert part.moments.comoments == pytest.approx(whole.moments.comoments, rel=1e-9)
        if whole.distinct is not None:
            assert part.distinct.lowest.tolist() == whole.distinct.lowest.tolist()


def test_keys_and_references_are_counted_exactly(scanned: Any) -> None:
    odd = odd_table().to_pandas()
    assert vars(scanned.keys[("id",)]) == {"rows": 6000, "surplus": 2}
    with_key = odd[odd["few"].notna()]
    assert vars(scanned.keys[("id", "few", "text")]) == {
        "rows": len(with_key),
        "surplus": int(with_key.duplicated(["id", "few", "text"]).sum()),
    }
    few = scanned.columns["few"]
    assert few.orphans == (odd["few"] > 1).sum()
    assert few.examples == (1.5, 2.0, 2.5)
