"""The words of an evaluation: the models by what they are worth, the best first."""

from __future__ import annotations

from spark_jobs.evaluation.report import Figure, best


def test_models_are_told_by_their_longest_lists_and_by_their_stars() -> None:
    values = {"popular": 0.1, "als": 0.3, "nothing": None}
    figures = [Figure(model, f"ndcg@{k}", value, None, None) for k in (20, 5, 10) for model, value in values.items()]
    figures += [Figure(model, "rmse", value, None, None) for model, value in (("als", 0.9), ("blend", 0.85))]
    assert best(figures) == "ndcg@20: als 0.3000, popular 0.1000; rmse: blend 0.8500, als 0.9000"


def test_where_nothing_could_be_measured_it_says_so() -> None:
    assert best([]) == best([Figure("als", "ndcg@10", None, None, None)]) == "nothing could be measured"
