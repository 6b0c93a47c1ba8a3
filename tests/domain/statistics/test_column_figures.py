"""Figures of columns are those of pandas, however the rows are cut into parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from domain.statistics.column_figures import QUANTILES, figures, months, profile
from domain.statistics.columns import ColumnPart, merged, part_of

Columns = dict[str, ColumnPart]
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


@pytest.fixture(scope="module", params=[1, 5])
def columns(request: pytest.FixtureRequest) -> Columns:
    """The counts of each column, put together from those of its parts."""
    table = odd_table()
    cuts = np.linspace(0, len(table), request.param + 1).astype(int).tolist()
    return {
        name: merged([part_of(table[name][first:last].combine_chunks()) for first, last in pairwise(cuts)])
        for name in table.column_names
    }


def test_counts_and_figures_of_numbers_are_those_of_pandas(columns: Columns) -> None:
    odd = odd_table().to_pandas()
    for name in ("id", "few", "many", "some", "flag"):
        part, values = columns[name], odd[name].astype(float)
        finite = values[np.isfinite(values)]
        found = figures(part)
        assert part.rows == len(odd)
        assert part.missing == values.isna().sum()
        assert part.infinite == np.isinf(values).sum()
        assert (found["min"], found["max"]) == (finite.min(), finite.max())
        assert (found["mean"], found["std"]) == pytest.approx((finite.mean(), finite.std()), rel=1e-12)
        assert found["distinct"] == values.nunique()
        true = np.quantile(finite, list(QUANTILES.values()), method="inverted_cdf")
        ours = np.array([found[share] for share in QUANTILES])
        assert (ours <= true).all()
        assert ours == pytest.approx(true, rel=2**-12)


def test_distributions_are_those_of_pandas(columns: Columns) -> None:
    odd = odd_table().to_pandas()
    by_value = profile("few", "float", columns["few"])["distribution"]
    assert dict(zip(by_value["of"], by_value["rows"], strict=True)) == odd["few"].value_counts().to_dict()
    by_range = profile("many", "double", columns["many"])["distribution"]
    assert by_range["rows"] == np.histogram(odd["many"].dropna(), by_range["of"])[0].tolist()


def test_texts_and_lists_are_measured_by_their_lengths(columns: Columns) -> None:
    odd = odd_table().to_pandas()
    text, lists = columns["text"], columns["list"]
    assert (text.empty, text.high) == ((odd["text"] == "").sum(), 4)
    assert figures(text)["distinct"] == odd["text"].nunique()
    assert (lists.empty, lists.low, lists.high) == ((odd["list"].str.len() == 0).sum(), 0, 3)
    assert figures(lists)["mean"] == pytest.approx(odd["list"].str.len().mean())


def test_times_have_their_months_and_the_one_without_data_is_named(columns: Columns) -> None:
    at = odd_table().to_pandas()["at"]
    by_month, without = months(columns["at"])
    assert without == ["2015-02"]
    assert by_month == at.dt.strftime("%Y-%m").value_counts().to_dict()
    shown = profile("at", "timestamp", columns["at"])
    assert (shown["min"], shown["max"]) == (at.min().isoformat(), at.max().isoformat())
    assert shown["median"] == at.quantile(0.5, interpolation="lower").isoformat()
    assert shown["std"] == pytest.approx(at.std() / timedelta(days=1), rel=1e-9)
