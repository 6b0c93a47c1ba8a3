"""What tune says of its search: settings and figures before and after, or that nothing better was found."""

from __future__ import annotations

from typing import Any

import pytest

from domain.models.settings import ModelSettings, defaults_for
from spark_jobs.evaluation.gains import said

BEFORE = defaults_for(100_000, 900)


def figures(measure: str, before: float | None, best: float | None, **more: Any) -> dict[str, Any]:
    return {"measure": measure, "before": before, "best": best, "trials": {"complete": 4, "pruned": 1}, **more}


def changed(**parts: dict[str, Any]) -> ModelSettings:
    return BEFORE.with_parts(parts)


def test_settings_and_figures_are_told_before_and_after() -> None:
    after = changed(ranking={"rank": 32, "alpha": 1.1}, stars={"regularization": 0.12345})
    best = {
        "ranking": figures("ndcg@10", 0.2312, 0.23711),
        "stars": figures("rmse", 0.8721, 0.869),
        "ease": figures("ndcg@10", 0.24, 0.24),
        "blend": {"measure": "ndcg@10", "before": 0.25, "best": 0.2528, "interval": 0.0011},
    }
    assert said(BEFORE, after, best) == [
        "found on the validation part, against the defaults: implicit ALS ndcg@10 0.2312 → 0.2371 (+0.0059), explicit"
        " ALS rmse 0.8721 → 0.8690 (-0.0031), EASE ndcg@10 0.2400 as before, blend ndcg@10 0.2500 → 0.2528"
        " (+0.0028 ± 0.0011)",
        "settings: ranking rank 64 → 32, alpha 1.5 → 1.1; stars regularization 0.15 → 0.1235",
    ]


def test_where_nothing_is_better_it_says_so() -> None:
    best = {"ranking": figures("ndcg@10", 0.23, 0.23), "stars": figures("rmse", 0.87, 0.87)}
    assert said(BEFORE, BEFORE, best) == [
        "nothing better than the present settings was found on the validation part: implicit ALS ndcg@10 0.2300,"
        " explicit ALS rmse 0.8700, in 10 trials"
    ]


@pytest.mark.parametrize("best", [{}, {"ranking": figures("ndcg@10", None, None)}])
def test_a_search_without_a_trial_says_what_would_help(best: dict[str, Any]) -> None:
    assert said(BEFORE, BEFORE, best) == [
        "nothing was found, for no trial was completed: give a longer --timeout; the settings are the defaults"
    ]


def test_a_figure_that_was_not_measured_before_is_not_a_gain() -> None:
    (line, *_) = said(BEFORE, changed(ranking={"rank": 8}), {"ranking": figures("ndcg@10", None, 0.2)})
    assert line.endswith("implicit ALS ndcg@10 0.2000 (the defaults were not measured)")
