"""Measure rankings and predicted stars on any MovieLens folder, by a protocol of your choice, beside baselines.

Implicit ALS, «most popular», EASE (item-kNN where there are too many movies for it) and their blend, which is what is
published, rank all movies of the training part that the user has not rated there; «bias only», explicit ALS,
neighbours, and a blend that is published, too, predict stars. Every model gets the same training part, users and
movies; intervals are those of the bootstrap over users.

Reads: DATA_DIR/clean/ratings, or the ratings of the release whose folder --movielens names
Writes: DATA_DIR/reports/<run_id>/evaluate.{json,csv,html}; a table on standard output; metrics in the run record
Example: make job JOB=evaluate ARGS="--protocol held-out-users --k 10,50"
"""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from domain.models.settings import MANY, RANKING, STARS, ModelSettings, Parts, defaults_for
from spark_jobs.evaluation import comparison, protocols, report, served
from spark_jobs.evaluation.comparison import Comparison, Lists
from spark_jobs.evaluation.driver_models import DriverModels
from spark_jobs.evaluation.protocols import PROTOCOLS, HoldOut
from spark_jobs.evaluation.scores import Scores
from spark_jobs.evaluation.served import Site
from spark_jobs.models.engines import engine_for
from spark_jobs.models.tuned import read_tuned
from spark_jobs.movielens.rating_files import read_ratings
from spark_jobs.run import cli, flags
from spark_jobs.storage import folders
from spark_jobs.storage.folders import scratch
from spark_jobs.storage.record import Run

log = logging.getLogger(__name__)

MODELS = ("als", "popular", "ease", "item-knn", "blend", "stars")  # stars: all that predict them
CANDIDATES = "all movies of the training part that the user has not rated there"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of evaluate."""
    protocols.add_arguments(parser)
    parser.add_argument(
        "--served",
        dest="site",
        nargs="?",
        const=site_address(),
        metavar="URL",
        help="measure the lists that the site serves, alone",
    )
    parser.add_argument("--seed", type=flags.whole, default=42, help="of splits, models and bootstrap (default: 42)")
    parser.add_argument("--k", type=flags.counts, default="5,10,20", help="lengths of lists (default: 5,10,20)")
    parser.add_argument(
        "--models", type=flags.some_of(MODELS), default="als,popular,ease,blend,stars", help=f"of {','.join(MODELS)}"
    )
    parser.add_argument("--bootstrap", type=flags.whole, default=1000, help="samples, 0 for none (default: 1000)")
    parser.add_argument("--confidence", type=flags.inner_share, default=0.95, help="of intervals (default: 0.95)")
    parser.add_argument("--settings", type=flags.folder, help="file of `make tune` (default: by the size of the data)")
    parser.add_argument("--rank", type=flags.positive, help=f"of implicit ALS (default: {RANKING.rank})")
    parser.add_argument("--regularization", type=flags.above_zero, help=f"(default: {RANKING.regularization})")
    parser.add_argument("--alpha", type=flags.above_zero, help=f"of implicit ALS (default: {RANKING.alpha})")
    parser.add_argument("--iterations", type=flags.positive, help=f"(default: {RANKING.iterations}; large data: 10)")
    parser.add_argument("--stars-rank", type=flags.positive, help=f"of explicit ALS (default: {STARS.rank})")
    parser.add_argument("--stars-regularization", type=flags.above_zero, help=f"(default: {STARS.regularization})")
    parser.add_argument("--stars-iterations", type=flags.positive, help=f"(default: {STARS.iterations})")
    parser.add_argument("--stars-neighbours", type=flags.positive, help="that predict stars (default: 20)")
    parser.add_argument("--ease-regularization", type=flags.above_zero, help="λ (default: 300)")
    parser.add_argument("--ease-weight", type=flags.share, help="in the blend (default: found on a validation part)")
    parser.add_argument("--popular-weight", type=flags.share, help="of most popular in the blend (the same)")
    parser.add_argument("--ease-up-to", type=flags.positive, default=20_000, help="movies (default: 20000, 5 GB)")
    parser.add_argument("--neighbours", type=flags.positive, default=100, help="of item-kNN (default: 100)")


@dataclass(frozen=True)
class Options(HoldOut):
    """The other flags by name: see `add_arguments`. Settings of models are None where nobody has typed them."""

    k: list[int]
    models: list[str]
    bootstrap: int
    confidence: float
    rank: int | None
    regularization: float | None
    alpha: float | None
    iterations: int | None
    stars_rank: int | None
    stars_regularization: float | None
    stars_iterations: int | None
    stars_neighbours: int | None
    ease_regularization: float | None
    ease_weight: float | None
    popular_weight: float | None
    ease_up_to: int  # movies
    neighbours: int
    weighed: bool = True  # whether the weights of the blend are found


def main(
    spark: SparkSession,
    run: Run,
    *,
    movielens: Path | None,
    site: str | None = None,
    protocol: str,
    settings: Path | None,
    **flags: Any,
) -> None:
    """Read, split, let each model make its lists on each split, and write what they are worth."""
    with scratch(run.paths.checkpoints / run.run_id) as work:
        if site:
            _measure_served(spark, run, movielens, Site(site), flags, work)
            return
        _evaluate(spark, run, movielens, protocol, settings, Options(**protocols.on_scale(run, movielens, flags)), work)


def site_address() -> str:
    """Where the site of this cluster is."""
    return os.environ.get("SITE_URL") or f"http://127.0.0.1:{os.environ.get('WEB_PORT') or 5000}"


def _measure_served(
    spark: SparkSession, run: Run, movielens: Path | None, site: Site, flags: dict[str, Any], work: Path
) -> None:
    """The lists of the site on the hold-out of the published model, or on the ratings of a folder."""
    others = None
    if movielens:
        by = protocols.on_scale(run, movielens, flags)
        others = read_ratings(spark, movielens, by["scale"], work)
    with run.step("measure the served lists") as step:
        found = served.measure(spark, run, site, others, flags["relevant_from"])
        step.rows = found.users
    run.metric(f"ndcg@{found.k}.served", found.ndcg)
    run.metric(f"recall@{found.k}.served", found.recall)
    recorded = "" if found.recorded is None else f", as the record of the published model says ({found.recorded:.6f})"
    run.say(f"served lists of {found.users:,} users: ndcg@{found.k} {found.ndcg:.6f}{recorded}")
    run.say(f"recall@{found.k} {found.recall:.4f}, on {movielens or 'the hold-out'}; site: {site.address}")


def _evaluate(
    spark: SparkSession,
    run: Run,
    movielens: Path | None,
    protocol: str,
    settings: Path | None,
    options: Options,
    work: Path,
) -> None:
    tuned = read_tuned(settings)
    with run.step("read the ratings") as step:
        ratings = protocols.read(spark, run, movielens, options, work)
        step.rows = run.counts["ratings"]
    given = options.ease_weight is not None or options.popular_weight is not None or "blend" in tuned.parts
    options = replace(options, models=_feasible(options, run.counts["movies"]), weighed=not given)
    model_settings = _settings(run.counts, tuned.parts, options)
    about = {
        "run_id": run.run_id,
        "protocol": protocol,
        "data": run.facts["data"],
        "candidates": CANDIDATES,
        **asdict(options),
        "settings": {"als" if name == "ranking" else name: part for name, part in model_settings.as_parts().items()},
    }
    if otherwise := protocols.differences(tuned.about, about):
        parts = "; ".join(otherwise)
        log.warning("%s was found on other parts (%s): it may know what is tested on here.", settings, parts)
    if tuned.about:
        about["tuned"] = {name: value for name, value in tuned.about.items() if name not in ("validation", "sizes")}
    run.fact("evaluation", about)
    scores = Scores(options.k)
    for number, split in enumerate(PROTOCOLS[protocol](ratings, options), start=1):
        with run.step(f"split {number}") as step:
            prepared = comparison.prepare(spark, split, options.relevant_from, engine_for("blocks", work))
            step.rows = prepared.held_out
        _compare(run, prepared, scores, model_settings, options)
        prepared.release()
    _publish(run, {**about, "splits": scores.splits}, scores, options)


def _feasible(options: Options, movies: int) -> list[str]:
    """The models asked for; with too many movies item-kNN takes the place of those in need of too much memory."""
    wanted = set(options.models)
    if movies <= options.ease_up_to or not {"ease", "stars"} & wanted:
        return options.models
    log.warning(
        "%d movies are more than --ease-up-to: item-kNN takes the place of EASE, by which the blend knows the most"
        " rated ones alone; of the models of stars, neighbours and their blend are left out.",
        movies,
    )
    taken = {"item-knn"} if "ease" in wanted else set()
    return [model for model in MODELS if model != "ease" and model in wanted | taken]


def _settings(counts: dict[str, int], tuned: Parts, options: Options) -> ModelSettings:
    """Defaults by the size of the data, tuned ones above them, and above all what was typed."""
    names = ("rank", "regularization", "iterations")
    typed = {
        "ranking": {name: getattr(options, name) for name in (*names, "alpha")},
        "stars": {name: getattr(options, f"stars_{name}") for name in names},
        "ease": {"regularization": options.ease_regularization},
        "blend": {"ease_weight": options.ease_weight, "popular_weight": options.popular_weight},
        "neighbours": {"count": options.stars_neighbours},
    }
    return defaults_for(counts["ratings"], counts["users"]).with_parts(tuned).with_parts(typed)


def _compare(run: Run, prepared: Comparison, scores: Scores, settings: ModelSettings, options: Options) -> None:
    n, seed = max(options.k), options.seed
    in_driver = DriverModels(prepared, settings, options.ease_up_to, seed)
    small = prepared.training <= MANY and len(prepared.truth.movies) <= options.ease_up_to
    rankers: dict[str, Callable[[], Lists]] = {
        "als": lambda: in_driver.lists([(in_driver.als, 1.0)], n)
        if small
        else comparison.by_als(prepared, settings.ranking, seed, n),
        "popular": partial(comparison.by_popularity, prepared, n),
        "ease": lambda: in_driver.lists([(in_driver.ease, 1.0)], n),
        "item-knn": partial(in_driver.item_knn, options.neighbours, n),
        "blend": lambda: _blend(in_driver, scores, settings, options),
    }
    scores.start(prepared)
    for model in options.models:
        with run.step(model) as step:
            step.rows = prepared.training
            if model != "stars":
                scores.add_lists(model, rankers[model](), prepared.truth)
            elif small:
                scores.add_stars(in_driver.star_errors())
            else:
                scores.add_stars(comparison.star_errors(prepared, settings.stars, seed))


def _blend(in_driver: DriverModels, scores: Scores, settings: ModelSettings, options: Options) -> Lists:
    """The lists of the blend, whose weights are noted beside the sizes of the split."""
    blend = in_driver.weights(options.relevant_from) if options.weighed else settings.blend
    scores.splits[-1]["weights"] = asdict(blend)
    return in_driver.blend(blend, max(options.k))


def _publish(run: Run, about: dict[str, Any], scores: Scores, options: Options) -> None:
    with run.step("bootstrap and report"):
        figures = scores.figures(options.bootstrap, options.confidence, options.seed)
        for figure in figures:
            if figure.value is not None:
                run.metric(f"{figure.figure}.{figure.model}", figure.value)
        final = run.paths.report(run.run_id)
        with folders.attempt(final) as folder:
            report.write(folder, about, figures)
            folders.complete(final)
        print(report.table(figures))
    run.report = final
    run.say(report.best(figures))


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
