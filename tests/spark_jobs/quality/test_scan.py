"""One pass over a table: its figures are those of pandas however the table is cut."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from domain.statistics.column_figures import QUANTILES, figures, months, profile
from spark_jobs.quality.scan import Table, Wanted, parquet_files, scan

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


def test_counts_and_figures_of_numbers_are_those_of_pandas(scanned: Any) -> None:
    odd = odd_table().to_pandas()
    assert scanned.rows == len(odd)
    for name in ("id", "few", "many", "some", "flag"):
        part, values = scanned.columns[name], odd[name].astype(float)
        finite = values[np.isfinite(values)]
        found = figures(part)
        assert part.missing == values.isna().sum()
        assert part.infinite == np.isinf(values).sum()
        assert (found["min"], found["max"]) == (finite.min(), finite.max())
        assert (found["mean"], found["std"]) == pytest.approx((finite.mean(), finite.std()), rel=1e-12)
        assert found["distinct"] == values.nunique()
        true = np.quantile(finite, list(QUANTILES.values()), method="inverted_cdf")
        ours = np.array([found[share] for share in QUANTILES])
        assert (ours <= true).all()
        assert ours == pytest.approx(true, rel=2**-12)


def test_distributions_are_those_of_pandas(scanned: Any) -> None:
    odd = odd_table().to_pandas()
    by_value = profile("few", "float", scanned.columns["few"])["distribution"]
    assert dict(zip(by_value["of"], by_value["rows"], strict=True)) == odd["few"].value_counts().to_dict()
    by_range = profile("many", "double", scanned.columns["many"])["distribution"]
    assert by_range["rows"] == np.histogram(odd["many"].dropna(), by_range["of"])[0].tolist()


def test_texts_and_lists_are_measured_by_their_lengths(scanned: Any) -> None:
    odd = odd_table().to_pandas()
    text, lists = scanned.columns["text"], scanned.columns["list"]
    assert (text.empty, text.distinct.count, text.high) == ((odd["text"] == "").sum(), odd["text"].nunique(), 4)
    assert (lists.empty, lists.low, lists.high) == ((odd["list"].str.len() == 0).sum(), 0, 3)
    assert figures(lists)["mean"] == pytest.approx(odd["list"].str.len().mean())


def test_times_have_their_months_and_the_one_without_data_is_named(scanned: Any) -> None:
    at = odd_table().to_pandas()["at"]
    by_month, without = months(scanned.columns["at"])
    assert without == ["2015-02"]
    assert by_month == at.dt.strftime("%Y-%m").value_counts().to_dict()
    shown = profile("at", "timestamp", scanned.columns["at"])
    assert (shown["min"], shown["max"]) == (at.min().isoformat(), at.max().isoformat())
    assert shown["median"] == at.quantile(0.5, interpolation="lower").isoformat()
    assert shown["std"] == pytest.approx(at.std() / timedelta(days=1), rel=1e-9)


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
