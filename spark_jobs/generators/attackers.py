"""Labelled attackers put into a copy of a MovieLens folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from domain.contract.movielens import STEP
from domain.fakes.attacks import TRUTH_HEADER, Attack, Campaign, Population, Profile, attackers, visits
from domain.generators.random_streams import Stream, generator
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import spark_path
from spark_jobs.storage.record import Run

COLUMNS = "user long, movie long, stars double, time long"
USERS_FOR_TIMES = 5000  # whose visits the attackers imitate


@dataclass(frozen=True)
class Plan:
    """An attack: its kind, attackers for each genuine user, filler as a share of the rated movies, movies to push."""

    attack: Attack
    attack_size: float
    filler_size: float
    targets: int
    seed: int


def inject(spark: SparkSession, run: Run, source: Path, staged: Path, plan: Plan) -> None:
    """Make `staged`: what `source` has, the attackers' ratings at the end of ratings.csv, and the truth.

    Raises:
        JobError: the folder has no ratings.csv, or too few movies.
    """
    ratings = _read(spark, source / "ratings.csv").cache()
    with run.step("look at the genuine users") as step:
        users, last = ratings.agg(F.countDistinct("user"), F.max("user")).first() or (0, 0)
        known = _population(ratings, users)
        step.rows = ratings.count()
    filler = max(1, round(plan.filler_size * len(known.movies)))
    profiles = max(1, round(plan.attack_size * users))
    campaign = Campaign(plan.attack, profiles, filler, plan.targets, first_user=int(last) + 1)
    with run.step("write the attackers") as step:
        shutil.copytree(source, staged)
        try:
            made = list(attackers(generator(plan.seed, Stream.ATTACKS), known, campaign))
            step.rows = _append(staged, plan.attack, made)
        except ValueError as error:
            raise JobError(f"{source}: {error}.") from error
    run.count("ratings.genuine", ratings.count())
    run.count("ratings.fake", step.rows)
    run.count("users.genuine", users)
    run.count("users.fake", campaign.profiles)
    ratings.unpersist()


def _read(spark: SparkSession, path: Path) -> DataFrame:
    """Ratings that are complete; what else the file has is copied, but nobody learns from it."""
    if not path.is_file():
        raise JobError(f"{path}: no such file. Name the folder of the four MovieLens files with --into.")
    return spark.read.csv(
        spark_path(path), schema=COLUMNS, header=True, mode="DROPMALFORMED", enforceSchema=True
    ).dropna()


def _population(ratings: DataFrame, users: int) -> Population:
    of_movies = ratings.groupBy("movie").agg(
        F.count("*").alias("ratings"), F.avg("stars").alias("mean"), F.stddev_samp("stars").alias("spread")
    )
    movies = pd.DataFrame(of_movies.toPandas()).sort_values(["ratings", "movie"], ascending=[False, True])
    halves = F.max(F.when(F.col("stars") % 1 != 0, True).otherwise(False))
    mean, spread, has_halves = ratings.agg(F.avg("stars"), F.stddev_pop("stars"), halves).first() or (0.0, 0.0, False)
    some = ratings.where(F.pmod(F.xxhash64("user"), F.lit(1 + users // USERS_FOR_TIMES)) == 0)
    seen: pd.DataFrame = some.select("user", "time").toPandas()
    began, gaps = visits(seen["user"].to_numpy(), seen["time"].to_numpy())
    return Population(
        movies=movies["movie"].to_numpy(),
        means=movies["mean"].to_numpy(),
        spreads=movies["spread"].fillna(spread).to_numpy(),
        mean=float(mean),
        spread=float(spread),
        step=STEP if has_halves else 1.0,
        began=np.sort(began),
        gaps=np.sort(gaps),  # the order that Spark gives is no order
    )


def _append(folder: Path, attack: Attack, profiles: list[Profile]) -> int:
    """Add the profiles to ratings.csv and truth/fake_profiles.csv; returns how many ratings."""
    with (folder / "ratings.csv").open("rb+") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - 1, 0))
        end = b"" if stream.read(1) == b"\n" else b"\n"
        stream.write(end)
        for profile in profiles:
            rows = zip(profile.movies.tolist(), profile.stars.tolist(), profile.times.tolist(), strict=True)
            stream.write("".join(f"{profile.user},{movie},{stars},{time}\n" for movie, stars, time in rows).encode())
    truth = folder / "truth" / "fake_profiles.csv"
    truth.parent.mkdir(exist_ok=True)
    if not truth.exists():
        truth.write_text(f"{TRUTH_HEADER}\n", encoding="utf-8")
    with truth.open("a", encoding="utf-8") as stream:
        stream.writelines(
            f"{profile.user},{attack},{target}\n" for profile in profiles for target in profile.targets.tolist()
        )
    return sum(len(profile.movies) for profile in profiles)
