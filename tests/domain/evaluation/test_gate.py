"""The gate before publishing."""

from __future__ import annotations

from typing import Any

import pytest

from domain.evaluation.gate import BASELINE, measure_of, objections


def model(ndcg: float, popular: float = 0.1, dataset: str = "a", seed: int = 42, name: str = "blend") -> dict[str, Any]:
    metrics = {f"ndcg@10.{name}": ndcg, BASELINE: popular}
    return {"dataset_id": dataset, "holdout": {"seed": seed}, "model": name, "metrics": metrics}


def test_a_model_that_ranks_like_most_popular_or_better_may_be_published() -> None:
    assert objections(model(0.1), None, 0.05) == []


def test_a_model_worse_than_most_popular_may_not_and_the_figures_are_told() -> None:
    (reason,) = objections(model(0.0999), None, 0.05)
    assert "0.0999" in reason and "0.1000" in reason


def test_losing_more_than_the_tolerance_against_the_active_model_is_refused() -> None:
    assert objections(model(0.1901), model(0.2), 0.05) == []
    (reason,) = objections(model(0.1899), model(0.2), 0.05)
    assert "0.1899" in reason and "0.2000" in reason


def test_nothing_speaks_against_a_model_that_too_few_ratings_were_held_out_to_measure() -> None:
    unmeasured = {**model(0.1), "metrics": {}}
    assert objections(unmeasured, model(0.2), 0.05) == []
    assert objections(model(0.2), unmeasured, 0.05) == []


def test_figures_of_another_hold_out_or_data_set_are_not_compared() -> None:
    assert objections(model(0.15), model(0.2, seed=43), 0.05) == []
    assert objections(model(0.15), model(0.2, dataset="b"), 0.05) == []


def test_every_objection_is_listed() -> None:
    assert len(objections(model(0.05), model(0.2), 0.05)) == 2


@pytest.mark.parametrize("name", ["blend", "als"])
def test_a_model_is_measured_by_the_lists_that_it_publishes(name: str) -> None:
    about = model(0.2, name=name)
    about["metrics"] = {"ndcg@10.als": 0.15, "ndcg@10.blend": 0.15, "ndcg@10.popular": 0.1, f"ndcg@10.{name}": 0.2}
    assert measure_of(about) == 0.2
    (reason,) = objections({**about, "metrics": {**about["metrics"], f"ndcg@10.{name}": 0.05}}, None, 0.05)
    assert "0.0500" in reason


def test_a_model_from_before_the_blend_was_als() -> None:
    older = {name: value for name, value in model(0.2, name="als").items() if name != "model"}
    assert measure_of(older) == 0.2
    assert objections(model(0.1901), older, 0.05) == []
    assert len(objections(model(0.1899), older, 0.05)) == 1
    assert objections(older, model(0.2), 0.05) == []


def test_of_a_model_that_was_not_measured_there_is_no_figure() -> None:
    assert measure_of({**model(0.2), "metrics": {"ndcg@10.als": 0.2}}) is None
