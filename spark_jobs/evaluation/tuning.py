"""Search for settings: the spaces, trials on the cluster, and the file that says what was best."""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from optuna.distributions import FloatDistribution, IntDistribution
from pyspark.sql import DataFrame, SparkSession

from domain.models.blend import als_scorer, ease_scorer
from domain.models.blended_lists import RankingModel
from domain.models.least_squares import Floats
from domain.models.ranking import fitted
from domain.models.rating_matrix import places
from domain.models.settings import MANY, SHRINKAGE, Blend, ModelSettings, Settings
from domain.stars import models
from domain.stars.blend import StarSettings, products
from domain.tuning.trials import Bench, ranking_steps, star_blend_rmse, star_steps
from domain.tuning.weights import SURE, best_blend
from spark_jobs.evaluation.studies import ITERATIONS, Measure, Study, Subject, Values
from spark_jobs.models.engines import Engine, by_rising_id, engine_for, fit_biases
from spark_jobs.models.transforms.mllib import Factors

log = logging.getLogger(__name__)

LONGEST = 20  # iterations of a trial: more change nothing, and a trial says after how many it was best
IN_TASKS = 10_000  # movies, or users, up to which a model of pairs of them (1.2 GB of EASE) is tried in tasks
SPACES: dict[str, dict[str, Any]] = {
    "ranking": {
        "rank": IntDistribution(8, 96, log=True),
        "regularization": FloatDistribution(0.03, 1.0, log=True),
        "alpha": FloatDistribution(0.1, 10.0, log=True),
    },
    "ease": {"regularization": FloatDistribution(30.0, 3000.0, log=True)},
    "stars": {"rank": IntDistribution(8, 64, log=True), "regularization": FloatDistribution(0.05, 0.4, log=True)},
    "neighbours": {
        "count": IntDistribution(8, 80, log=True),
        "shrinkage": FloatDistribution(10.0, 300.0, log=True),
        "damping": FloatDistribution(0.05, 3.0, log=True),
    },
}
SHARES = {"ranking": 1.0, "ease": 0.25, "stars": 0.5, "neighbours": 0.4}  # of --trials: fewer settings need fewer
ITERATED = ("ranking", "stars")  # which learn in iterations
HIGHEST = ("ranking", "ease")  # measured by nDCG, the others by RMSE


@dataclass(frozen=True)
class Tuning:
    """One tuning: of which data (`bench`, and `training` the same ratings as a frame with item_id), where, how long.

    `work` is a folder that all machines see, for blocks of ratings; `file` is the journal; the `deadline` is in seconds
    since 1970; `largest` is the number of movies up to which there are matrices of pairs of them.
    """

    spark: SparkSession
    bench: Bench
    training: DataFrame
    work: Path
    file: Path
    trials: int
    deadline: float
    largest: int

    @property
    def small(self) -> bool:
        """Whether a trial fits into a task."""
        return len(self.bench.training.stars) <= MANY

    def study(self, part: str, settings: ModelSettings) -> Study:
        """The study of a part of the settings; other data, another split or space make another one."""
        first = {name: getattr(getattr(settings, part), name) for name in SPACES[part]}
        longest = LONGEST if self.small and part in ITERATED else 0
        subject = Subject(part, SPACES[part], first, part in HIGHEST, longest)
        beside = settings.stars if part == "neighbours" else None  # in whose company they are measured
        return Study(self.file, f"{part}-{fingerprint(self.bench, SPACES[part], beside)}", subject)

    def tune(self, parts: Sequence[str], settings: ModelSettings) -> ModelSettings:
        """Search for better settings of the parts, and return them; of a part without a completed trial these."""
        studies = [self.study(part, settings) for part in parts]
        for study in studies:
            study.begin()
        self._side_by_side(self._missing([study for study in studies if self._fits_task(study)]), settings)
        self._one_by_one(self._missing([study for study in studies if not self._fits_task(study)]), settings)
        return settings.with_parts({study.subject.part: _found(study) for study in studies})

    def weigh(self, settings: ModelSettings, defaults: ModelSettings) -> tuple[Blend, dict[str, Any]]:
        """The best weights of the blend, and its nDCG: that by the `defaults`, the best, the gain's interval."""
        before = self.bench.ndcg_of_blend(*self._blended(defaults))  # gone before others need their room
        model, users = self._blended(settings)
        blend = best_blend(model, users, self.bench.matrix, self.bench.truth, self.bench.k).blend
        after = self.bench.ndcg_of_blend(replace(model, blend=blend), users)
        gain = after - before
        interval = float(SURE * gain.std() / np.sqrt(len(gain)))
        return blend, {"best": float(after.mean()), "before": float(before.mean()), "interval": interval}

    def _blended(self, settings: ModelSettings) -> tuple[RankingModel, Floats]:
        factors = None if self.small else self._factors_by_engine(settings.ranking)
        return fitted(self.bench.matrix, settings, self.largest, self.bench.seed, factors)

    def _fits_task(self, study: Study) -> bool:
        if study.subject.part in ITERATED:
            return self.small
        matrix = self.bench.matrix
        sides = [matrix.movies, *([matrix.users] if study.subject.part == "neighbours" else [])]
        # a side beyond `largest` has no matrix of pairs at all
        return self.small and all(len(side) <= IN_TASKS or len(side) > self.largest for side in sides)

    def _missing(self, studies: list[Study]) -> list[tuple[Study, int]]:
        """The trials that are not done yet, each with its number."""
        return [
            (study, number)
            for study in studies
            for number in range(study.finished(), max(1, round(self.trials * SHARES[study.subject.part])))
        ]

    def _side_by_side(self, trials: list[tuple[Study, int]], settings: ModelSettings) -> None:
        """Each trial as a task."""
        log.info("%d trials to run side by side", len(trials))
        context, deadline, largest = self.spark.sparkContext, self.deadline, self.largest
        bench = context.broadcast(self.bench)

        def run(trial: tuple[Study, int]) -> None:
            study, number = trial
            measure = measure_of(study.subject.part, bench.value, settings, largest)
            study.run_trial(measure, bench.value.seed + number, deadline)

        if trials:
            context.parallelize(trials, len(trials)).foreach(run)

    def _one_by_one(self, trials: list[tuple[Study, int]], settings: ModelSettings) -> None:
        """Each trial started from here, some of them with the whole cluster at work."""
        log.info("%d trials to run one after the other", len(trials))
        for study, number in trials:
            measure = self._measure_here(study.subject.part, settings)
            study.run_trial(measure, self.bench.seed + number, self.deadline)

    def _measure_here(self, part: str, settings: ModelSettings) -> Measure:
        if self.small or part not in ("ranking", "stars"):
            return measure_of(part, self.bench, settings, self.largest)
        if part == "stars":
            return lambda given: self._stars_by_engine(replace(settings.stars, **given))
        return lambda given: self._ranking_by_engine(replace(settings.ranking, **given))

    def _ranking_by_engine(self, settings: Settings) -> Values:
        yield settings.iterations, self.bench.ndcg([(self._by_engine(settings), 1.0)])

    def _by_engine(self, settings: Settings) -> Any:
        return als_scorer(self.bench.matrix, settings, *self._factors_by_engine(settings))

    def _factors_by_engine(self, settings: Settings) -> tuple[Any, Any]:
        return self._blocks(lambda engine: engine.implicit(self.training, settings, self.bench.seed))

    def _blocks(self, fit: Callable[[Engine], Factors]) -> tuple[Any, Any]:
        """Factors of users and movies by the engine `blocks`, in a folder of this trial's own."""
        folder = self.work / uuid.uuid4().hex
        try:
            factors = fit(engine_for("blocks", folder))
            return by_rising_id(factors.users)[1], by_rising_id(factors.items)[1]
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _stars_by_engine(self, settings: Settings) -> Values:
        """RMSE as in `star_steps`; users who are known by their history alone are predicted by biases."""
        biases = fit_biases(self.training)
        of_users, of_movies = self._blocks(
            lambda engine: engine.explicit(self.training, biases, settings, self.bench.seed)
        )
        matrix, wanted = self.bench.matrix, self.bench.validation
        everyone = np.zeros((len(matrix.users), settings.rank), np.float32)
        everyone[matrix.learned] = of_users
        rows, columns = places(matrix.users, wanted.users), places(matrix.movies, wanted.movies)
        base = models.biases(matrix, SHRINKAGE).base(rows, columns)
        yield settings.iterations, self.bench.rmse(base + products(everyone, of_movies, rows, columns))


def measure_of(part: str, bench: Bench, settings: ModelSettings, largest: int) -> Measure:
    """The measure of a trial of a part, for one process."""
    if part == "ranking":
        return lambda given: ranking_steps(bench, replace(settings.ranking, iterations=LONGEST, **given))
    if part == "stars":
        return lambda given: star_steps(bench, replace(settings.stars, iterations=LONGEST, **given))
    if part == "ease":
        return lambda given: iter([(1, bench.ndcg([(ease_scorer(bench.matrix, **given), 1.0)]))])
    stars = partial(StarSettings, settings.stars, largest=largest, seed=bench.seed)
    return lambda given: iter([(1, star_blend_rmse(bench, stars(neighbours=replace(settings.neighbours, **given))))])


def fingerprint(bench: Bench, space: dict[str, Any], beside: Settings | None = None) -> str:
    """A short name for what is learned from, measured on and searched, and beside what."""
    told = hashlib.sha256(repr([bench.relevant_from, bench.k, bench.seed, space, LONGEST, beside]).encode())
    for ratings in (bench.training, bench.history, bench.validation):
        for array in () if ratings is None else (ratings.users, ratings.movies, ratings.stars):
            told.update(array.tobytes())
    return told.hexdigest()[:12]


def file_name(data: str) -> str:
    """A data set's name as that of a file."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", data)


def report(
    tuning: Tuning, parts: Sequence[str], settings: ModelSettings, defaults: ModelSettings
) -> dict[str, dict[str, Any]]:
    """Numbers of trials by how they ended, the value by the `defaults`, and the best one, of each part."""
    told = {}
    for part in parts:
        study = tuning.study(part, settings)
        best = study.best()
        measure = f"ndcg@{tuning.bench.k}" if part in HIGHEST else "rmse"
        first = {name: getattr(getattr(defaults, part), name) for name in SPACES[part]}
        before, best_value = study.value_of(first), best.value if best else None
        told[part] = {"trials": study.counts(), "measure": measure, "before": before, "best": best_value}
    return told


def _found(study: Study) -> dict[str, Any]:
    best = study.best()
    if best is None:
        return {}
    noted = {ITERATIONS: best.user_attrs[ITERATIONS]} if study.subject.part in ITERATED else {}
    return {**best.params, **noted}


def seconds_from_now(timeout: int) -> float:
    """A deadline, in seconds since 1970, as clocks of several machines agree on it."""
    return time.time() + timeout


def as_file(settings: ModelSettings, about: dict[str, Any]) -> dict[str, Any]:
    """The content of the file of settings."""
    return {"settings": asdict(settings), **about}
