"""Figures of columns are those of pandas, however the rows are cut into parts."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from domain.statistics.column_figures import QUANTILES, figures, months, profile
from domain.statistics.columns import ColumnPart, merged, part_of
from tests.support.odd_table import odd_table

Columns = dict[str, ColumnPart]


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
