"""The files of a release cleaned beside the earlier data set: each line is a clean row or a rejected one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from domain.cleaning.layouts import Layout
from domain.cleaning.reasons import Reason
from domain.cleaning.written import number
from domain.contract.movielens import NEEDED, Scale
from spark_jobs.frames.partitions import ROWS_PER_PARTITION, fixed_splits
from spark_jobs.movielens.cleaned import Cleaned
from spark_jobs.movielens.releases import genre_places, survey_release
from spark_jobs.movielens.transforms.genome import classify_genome_scores, classify_genome_tags
from spark_jobs.movielens.transforms.links import classify_links
from spark_jobs.movielens.transforms.movies import classify_movies
from spark_jobs.movielens.transforms.ratings import classify_ratings
from spark_jobs.movielens.transforms.tags import classify_tags
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.parquet import Source
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.raw_files import RawFile, read_lines
from spark_jobs.storage.record import Run
from spark_jobs.storage.rejects import Cleaning, separate
from spark_jobs.storage.schemas import CLEAN, GENOME

OFF_SCALE = (Reason.RATING_OUT_OF_RANGE, Reason.RATING_NOT_A_HALF_STEP)


@dataclass(frozen=True)
class Places:
    """Where the raw files are and where their rows go, and the share of lines (0 … 1) that may be rejected."""

    folder: Path
    cleaned: Cleaned
    highest_share: float


def clean(spark: SparkSession, run: Run, places: Places, files: dict[str, RawFile], scale: Scale) -> None:
    """Write the clean and the rejected rows of the files to their staged folders.

    Raises:
        JobError: too many lines of a file are rejected, or lines are lost.
    """
    until = int(run.started_at.timestamp())
    clean_file = partial(_clean_file, spark, run, places)
    clean_file(files["movies"], partial(classify_movies, genre_places=genre_places(files["movies"].layout)))
    movies = Source(places.cleaned.staged("clean", "movies")).read(spark)
    clean_file(files["links"], partial(classify_links, movies=movies))
    clean_file(files["tags"], partial(classify_tags, movies=movies, until=until))
    if files["genome-tags"].parts:
        clean_file(files["genome-tags"], classify_genome_tags)
        tags = Source(places.cleaned.staged("clean", "genome-tags")).read(spark)
        clean_file(files["genome-scores"], partial(_genome_scores, tags=tags, movies=movies))
    try:
        clean_file(files["ratings"], partial(classify_ratings, scale=scale, movies=movies, until=until))
    except JobError as error:
        raise JobError(f"{error}{_other_scale(places.cleaned)}") from error


def clean_apart(
    spark: SparkSession, run: Run, folder: Path, scale: Scale, work: Path, max_rejected_share: float
) -> Paths:
    """Clean a release in a folder of the run; where its rows are.

    Raises:
        JobError: a file is missing or no text, nothing is in it, or too many of its lines are rejected.
    """
    paths = Paths(work)
    cleaned = Cleaned(paths)
    clean(spark, run, Places(folder, cleaned, max_rejected_share), survey_release(folder, work / "plain"), scale)
    cleaned.publish({"dataset_id": folder.name, "run_id": run.run_id, "scale": str(scale), "counts": run.counts})
    return paths


def _genome_scores(lines: DataFrame, layout: Layout, partitions: int, **known: DataFrame) -> DataFrame:
    return classify_genome_scores(lines, layout, **known)  # in the partitions of the file: nothing is compared


def _clean_file(
    spark: SparkSession, run: Run, places: Places, raw: RawFile, classify: Callable[..., DataFrame]
) -> None:
    clean, rejected = (Source(places.cleaned.staged(side, raw.name)) for side in ("clean", "rejected"))
    if raw.name in NEEDED and not raw.lines:
        place = places.folder / raw.part_names[0]
        raise JobError(f"{place}: no lines after the header, so there is nothing to recommend from.")
    cleaning = Cleaning(raw.name, places.folder, raw.lines, clean, rejected, places.highest_share)
    with run.step(f"clean {raw.name}") as step, fixed_splits(spark):
        step.rows = raw.lines
        rows = classify(read_lines(spark, raw), raw.layout, partitions=1 + raw.lines // ROWS_PER_PARTITION)
        separate(run, rows, raw, cleaning, {**CLEAN, **GENOME}[raw.name].names)


def _other_scale(cleaned: Cleaned) -> str:
    """What to do when most of the rejected ratings are off the scale; else nothing."""
    if not (rejected := Source(cleaned.staged("rejected", "ratings"))).path.is_dir():
        return ""
    tally = rejected.tally("reason", "value")
    off = {value: count for (reason, value), count in tally.items() if reason in OFF_SCALE}
    if 2 * sum(off.values()) < tally.total():
        return ""
    kept = [stars for (stars,) in Source(cleaned.staged("clean", "ratings")).tally("rating")]
    found = sorted([*kept, *(stars for text in off if (stars := _stars(text)) is not None)])
    low, high = f"{found[0]:g}", f"{found[-1]:g}"
    return f" The ratings go from {low} to {high}: if that is their scale, say so with --scale {low},{high}."


def _stars(text: str) -> float | None:
    """The rating that is written, with a point or a comma."""
    return number(text) if number(text) is not None else number(text, ",")
