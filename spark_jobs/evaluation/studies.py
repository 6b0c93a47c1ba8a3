"""Studies of optuna: which settings have been tried, what each was worth, and what to try next.

A study lives in a journal file that all machines see, so that trials in tasks of the cluster know of each other, and
a run that was stopped is continued by the next one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState

Values = Iterator[tuple[int, float]]  # iterations so far, and what the model is worth then
Measure = Callable[[dict[str, Any]], Values]  # from the settings that a trial tries
ITERATIONS = "iterations"  # the note of a trial that says after how many it was best
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Subject:
    """The subject of a study: `part` of the settings, within `space`, beginning with the values `first`.

    `highest` says whether high values are good. A trial may be pruned before `longest` iterations; 0 is never.
    """

    part: str
    space: Mapping[str, BaseDistribution]
    first: dict[str, Any]
    highest: bool
    longest: int = 0


@dataclass(frozen=True)
class Study:
    """One subject on one data set: `file` is the journal, `name` is new for every other data, split or space."""

    file: Path
    name: str
    subject: Subject

    def begin(self) -> None:
        """Make the study, or take it up again: trials that a stopped run left open count as failed."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        study = self._opened(seed=0)
        if not study.trials:
            study.enqueue_trial(self.subject.first)
        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            study.tell(trial.number, state=TrialState.FAIL)

    def counts(self) -> dict[str, int]:
        """Numbers of trials that were completed, pruned, and failed."""
        states = [trial.state for trial in self._opened(seed=0).get_trials(deepcopy=False)]
        wanted = (*FINISHED, TrialState.FAIL)
        return {state.name.lower(): states.count(state) for state in wanted}

    def finished(self) -> int:
        """Number of trials that need not be run again."""
        return len(self._opened(seed=0).get_trials(deepcopy=False, states=FINISHED))

    def best(self) -> FrozenTrial | None:
        """The completed trial with the best value, the earliest of equal ones; None when none was completed."""
        done = self._opened(seed=0).get_trials(states=(TrialState.COMPLETE,))
        sign = -1.0 if self.subject.highest else 1.0
        return min(done, key=lambda trial: (sign * float(trial.value or 0.0), trial.number), default=None)

    def value_of(self, settings: dict[str, Any]) -> float | None:
        """What these settings were worth; None when no trial of them was completed."""
        done = self._opened(seed=0).get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        return next((trial.value for trial in done if trial.params == settings), None)

    def run_trial(self, measure: Measure, seed: int, deadline: float) -> None:
        """Try one setting, unless it is past the deadline (seconds since 1970); a hopeless trial ends early."""
        if time.time() > deadline:
            return
        study = self._opened(seed)
        trial = study.ask(dict(self.subject.space))
        try:
            value = self._followed(trial, measure(dict(trial.params)))
        except optuna.TrialPruned:
            study.tell(trial, state=TrialState.PRUNED)
        except BaseException:
            study.tell(trial, state=TrialState.FAIL)
            raise
        else:
            study.tell(trial, value)

    def _followed(self, trial: Trial, values: Values) -> float:
        """The best value of a training, noting after how many iterations it was reached."""
        choose = max if self.subject.highest else min
        reached: list[tuple[float, int]] = []
        for iterations, value in values:
            reached.append((value, iterations))
            trial.report(value, iterations)
            if iterations < self.subject.longest and trial.should_prune():
                raise optuna.TrialPruned
        best, iterations = choose(reached, key=lambda pair: pair[0])
        trial.set_user_attr(ITERATIONS, iterations)
        return best

    def _opened(self, seed: int) -> optuna.Study:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        return optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(self.file))),
            study_name=self.name,
            direction="maximize" if self.subject.highest else "minimize",
            sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=8, multivariate=True),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=5),
            load_if_exists=True,
        )
