"""What trials measure, and how studies choose, prune and go on; no Spark."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from domain.evaluation.ranking import ndcg
from domain.models import matrix_als
from domain.models.blend import als_scorer
from domain.models.rating_matrix import Triples
from domain.models.settings import RANKING, RANKING_OF_FEW, Settings, defaults_for
from domain.tuning.trials import Bench, ranking_steps, star_steps
from spark_jobs.evaluation.studies import Study, Subject
from spark_jobs.evaluation.tuning import file_name, fingerprint
from spark_jobs.models.tuned import read_tuned
from spark_jobs.storage.errors import JobError

ALS = Settings(rank=3, regularization=0.1, alpha=1.0, iterations=10, blocks=1)
LATER = time.time() + 86_400  # than any run of the tests takes


def planted() -> Bench:
    """40 users of two tastes and 30 movies; a fourth of the ratings is the validation part."""
    random = np.random.default_rng(5)
    users, movies = np.divmod(np.arange(1200, dtype=np.int32), 30)
    own = users % 2 == movies % 2
    rated = random.random(1200) < np.where(own, 0.7, 0.1)
    stars = np.where(own, 4.5, 1.5).astype(np.float32)
    all_ratings = Triples(users[rated], movies[rated], stars[rated])
    aside = random.random(rated.sum()) < 0.25
    return Bench(all_ratings.where(~aside), None, all_ratings.where(aside), relevant_from=4.0, k=5, seed=1)


BENCH = planted()


def test_a_trial_gives_its_value_every_few_iterations_and_at_the_end() -> None:
    for steps in (list(ranking_steps(BENCH, ALS)), list(star_steps(BENCH, ALS))):
        assert [iterations for iterations, _ in steps] == [4, 8, 10]
    last = list(ranking_steps(BENCH, ALS))[-1][1]
    problem = matrix_als.implicit(BENCH.matrix.training, ALS.alpha)
    factors = matrix_als.fit(problem, ALS.rank, ALS.regularization, ALS.iterations, BENCH.seed)
    assert last == BENCH.ndcg([(als_scorer(BENCH.matrix, ALS, *factors), 1.0)])
    assert last > 0.3


def test_ndcg_of_a_bench_is_the_mean_over_users_with_a_relevant_movie() -> None:
    scores = np.random.default_rng(2).random((40, 30))
    found = BENCH.ndcg([(lambda rows: scores[rows], 1.0)])
    rated = BENCH.matrix.stars.toarray() > 0
    naive = []
    for row, user in enumerate(BENCH.matrix.users):
        of_user = BENCH.validation.where(BENCH.validation.users == user)
        wanted = of_user.movies[of_user.stars >= 4.0].tolist()
        candidates = np.flatnonzero(~rated[row])
        best = BENCH.matrix.movies[candidates[np.argsort(-scores[row, candidates])]]
        naive += [ndcg(best.tolist(), wanted, 5)] if wanted else []
    assert found == pytest.approx(np.mean(naive))


def study(file: Path, highest: bool = True, longest: int = 9) -> Study:
    subject = Subject("ease", {"x": FloatDistribution(0.0, 1.0)}, {"x": 0.5}, highest, longest)
    return Study(file, "ease-test", subject)


def rising(given: dict[str, Any]) -> Iterator[tuple[int, float]]:
    """Values that grow with x, in three steps."""
    for iterations in (3, 6, 9):
        yield iterations, given["x"] * iterations


def test_a_study_begins_with_the_settings_that_there_are_and_finds_better_ones(tmp_path: Path) -> None:
    made = study(tmp_path / "a.journal")
    made.begin()
    for number in range(12):
        made.run_trial(rising, number, LATER)
    best = made.best()
    assert best is not None
    assert best.value is not None
    assert (best.value > 4.5, best.params["x"] > 0.5, best.user_attrs["iterations"]) == (True, True, 9)
    assert made._opened(0).trials[0].params == {"x": 0.5}


def test_hopeless_trials_are_pruned_and_recorded(tmp_path: Path) -> None:
    made = study(tmp_path / "a.journal")
    made.begin()
    for number in range(6):
        made.run_trial(lambda given: rising({"x": 1.0}), number, LATER)
    made.run_trial(lambda given: rising({"x": 0.1}), 7, LATER)
    assert made.counts() == {"complete": 6, "pruned": 1, "fail": 0}
    assert made._opened(0).trials[-1].intermediate_values == {3: pytest.approx(0.3)}


def test_a_study_that_was_stopped_goes_on(tmp_path: Path) -> None:
    made = study(tmp_path / "a.journal")
    made.begin()
    made.run_trial(rising, 0, LATER)
    made._opened(0).ask(dict(made.subject.space))  # a run that was killed leaves it open
    again = study(tmp_path / "a.journal")
    again.begin()
    again.run_trial(rising, 1, LATER)
    assert again.counts() == {"complete": 2, "pruned": 0, "fail": 1}
    assert again.finished() == 2
    states = [trial.state for trial in again._opened(0).trials]
    assert states == [TrialState.COMPLETE, TrialState.FAIL, TrialState.COMPLETE]


def test_past_the_deadline_nothing_is_tried(tmp_path: Path) -> None:
    made = study(tmp_path / "a.journal")
    made.begin()
    made.run_trial(rising, 0, time.time() - 1)
    assert made.best() is None


def test_a_trial_that_breaks_is_recorded_and_told(tmp_path: Path) -> None:
    made = study(tmp_path / "a.journal")
    made.begin()
    with pytest.raises(ZeroDivisionError):
        made.run_trial(lambda given: iter([(1, 1 / 0)]), 0, LATER)
    assert made.counts()["fail"] == 1


def test_other_data_or_another_space_make_another_study() -> None:
    first = fingerprint(BENCH, {"x": 1})
    other = replace(BENCH, training=BENCH.training.where(BENCH.training.users != 3))
    assert (
        len({first, fingerprint(other, {"x": 1}), fingerprint(BENCH, {"x": 2}), fingerprint(replace(BENCH, k=6), {})})
        == 4
    )
    assert fingerprint(planted(), {"x": 1}) == first


def test_defaults_follow_the_size_of_the_data() -> None:
    assert defaults_for(75_000, 943).ranking == RANKING  # as ML-100K
    assert defaults_for(75_000, 16_500).ranking == RANKING_OF_FEW
    assert defaults_for(75_000, 16_500).blend.popular_weight > defaults_for(75_000, 943).blend.popular_weight
    assert defaults_for(30_000_000, 80_000).ranking.iterations < RANKING.iterations


def test_settings_are_of_the_file_where_it_has_them(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"settings": {"ranking": {"rank": 7}, "blend": {"ease_weight": 0.2}}}', encoding="utf-8")
    settings = defaults_for(1000, 10).with_parts(read_tuned(file).parts).with_parts({"ranking": {"rank": None}})
    assert (settings.ranking.rank, settings.ranking.alpha, settings.blend.ease_weight) == (7, RANKING.alpha, 0.2)
    assert read_tuned(None).parts == {}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"settings": {"magic": {}}}', '{"settings": {"ranking": {"x": 1}}}'])
def test_a_file_that_holds_no_settings_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text, encoding="utf-8")
    with pytest.raises(JobError, match="holds no settings"):
        read_tuned(tmp_path / "settings.json")
    with pytest.raises(JobError, match="no such file"):
        read_tuned(tmp_path / "none.json")


def test_names_of_data_are_names_of_files() -> None:
    assert file_name("ml-100k") == "ml-100k"
    assert file_name("a/b c") == "a-b-c"
