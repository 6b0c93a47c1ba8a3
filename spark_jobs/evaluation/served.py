"""The lists that the site serves now, read through its API, and what they are worth on ratings that were not learned.

A user's list leaves out every movie that they rated, so that it cannot be measured on the data set's own hold-out: the
site serves the measured lists beside it, made by the same model from the training part alone. On ratings of another
folder, which the data set does not have, it is the users' own lists that are measured.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyspark.sql import DataFrame, SparkSession

from cql.kinds import Kind
from domain.evaluation.gate import measure_of
from domain.evaluation.ranking import ndcg, recall
from spark_jobs.evaluation import own_holdout
from spark_jobs.evaluation.transforms.holdout import mark_holdout
from spark_jobs.evaluation.transforms.measures import relevant_movies
from spark_jobs.models import saved
from spark_jobs.storage.datasets import clean_dataset
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.record import Run

EQUAL = 1e-6  # of nDCG: what is served is then what was measured
AT_ONCE = 8  # requests
SECONDS = 30.0
# the site is a service of ours, which no proxy reaches
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Served:
    """Means over `users` of lists of `k`, and the nDCG in the published model's record, None for other ratings."""

    users: int
    k: int
    ndcg: float
    recall: float
    recorded: float | None


@dataclass(frozen=True)
class Site:
    """The site at an address such as http://127.0.0.1:5000."""

    address: str

    def published(self) -> dict[str, Any]:
        """The active run of recommendations."""
        return self._get("/runs/active")

    def lists(self, users: Sequence[int], k: int, holdout: bool) -> list[list[int]]:
        """The movies of each user's list, best first; of a user without one none."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda user: self._list(user, k, holdout), users))

    def _list(self, user: int, k: int, holdout: bool) -> list[int]:
        query = f"limit={k}" + ("&holdout=true" if holdout else "")
        try:
            answer = self._get(f"/users/{user}/recommendations?{query}")
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return []
            raise JobError(f"{error.url} is answered with {error.code}: see `make logs`.") from error
        return [item["movie_id"] for item in answer["items"]]

    def _get(self, path: str) -> dict[str, Any]:
        url = f"{self.address.rstrip('/')}/api/v1{path}"
        try:
            with _DIRECTLY.open(url, timeout=SECONDS) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError:
            raise
        except (OSError, ValueError) as error:
            raise JobError(f"{url} does not answer ({error}): start the site with `make web`.") from error


def measure(spark: SparkSession, run: Run, site: Site, others: DataFrame | None, relevant_from: float | None) -> Served:
    """Measure the hold-out's lists, or the users' own lists on `others` (user_id, movie_id, rating).

    Of `others` count those which the data set does not have, with `relevant_from` stars or more.

    Raises:
        JobError: the site does not answer, or serves another data set than the cleaned one; nothing can be measured; or
            the hold-out's figure is not that of the published model's record.
    """
    active = site.published()
    model = saved.load(run.paths.published(Kind.RECOMMENDATIONS) / active["run_id"])
    run.dataset_id = clean_dataset(run.paths)["dataset_id"]
    if model.about["dataset_id"] != run.dataset_id:
        raise JobError(f"The site serves lists of {model.about['dataset_id']}, but {run.dataset_id} is cleaned here.")
    run.fact("served", {"site": site.address, "run_id": active["run_id"], "model": model.run_id})
    ratings = Source(run.paths.clean / "ratings").read(spark)
    holdout = model.about["holdout"]
    k = int(holdout["k"])
    if others is None:
        held_out = mark_holdout(ratings, holdout["share"], holdout["seed"]).where("held_out")
        relevant = own_holdout.measured(relevant_movies(held_out, holdout["relevant_from"]))
    else:
        new = others.join(ratings.select("user_id", "movie_id"), on=["user_id", "movie_id"], how="left_anti")
        relevant = relevant_movies(new, holdout["relevant_from"] if relevant_from is None else relevant_from)
    rows = relevant.orderBy("user_id").collect()
    if not rows:
        raise JobError("There is no rating to measure the served lists on: all are learned from, or too low.")
    lists = site.lists([row.user_id for row in rows], k, holdout=others is None)
    pairs = [(found, row.relevant_ids) for found, row in zip(lists, rows, strict=True)]
    made = Served(
        len(rows),
        k,
        float(np.mean([ndcg(found, relevant, k) for found, relevant in pairs])),
        float(np.mean([recall(found, relevant, k) for found, relevant in pairs])),
        measure_of(model.about) if others is None else None,
    )
    if made.recorded is not None and abs(made.ndcg - made.recorded) > EQUAL:
        raise JobError(
            f"The site's lists have an nDCG@{k} of {made.ndcg:.6f} on the hold-out, but the record of model"
            f" {model.run_id} says {made.recorded:.6f}: publish it again with publish_recommendations."
        )
    return made
