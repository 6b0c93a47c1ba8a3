"""Make a data set of any size in the form of MovieLens, with the truth about its bad lines and fake profiles.

Reads: nothing
Writes: OUT/{movies,ratings,tags,links}.csv, OUT/truth/{planted_dirt,fake_profiles}.csv,
    OUT/servers/{metrics,validation,labels}.csv; OUT appears whole.
Example: make job JOB=generate_sample ARGS="--preset full"
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from domain.contract.generated import mark
from domain.contract.movielens import HEADERS
from domain.fakes.attacks import TRUTH_HEADER
from domain.generators.movielens import PLANTED, Sample, SampleSizes, fake_lines, make_sample, movie_and_link_lines
from spark_jobs.generators.output import replacing
from spark_jobs.generators.servers import write_servers
from spark_jobs.generators.transforms.movielens import user_blocks
from spark_jobs.run import cli, flags
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.record import Run

# the sizes of ml-latest-small, and about those of ml-latest
PRESETS = {"small": SampleSizes(610, 9_742, 100_836), "full": SampleSizes(330_975, 84_000, 33_832_162)}
USERS_PER_TASK = 1000  # about 3 MB of text
COPY_BYTES = 1 << 22
PARTS = "parts"
FAKES = "fake_profiles"
FILES = {file: (f"{file}.csv", header) for file, header in HEADERS.items()} | {
    PLANTED: (f"truth/{PLANTED}.csv", "file,reason,text"),
    FAKES: (f"truth/{FAKES}.csv", TRUTH_HEADER),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the job."""
    parser.add_argument("--preset", choices=PRESETS, default="small", help="sizes, unless given (default: small)")
    parser.add_argument("--users", type=flags.positive, help="genuine users")
    parser.add_argument("--movies", type=flags.positive, help="movies, rated or not")
    parser.add_argument("--ratings", type=flags.positive, help="ratings by genuine users")
    parser.add_argument("--seed", type=flags.positive, default=42, help="the same seed, the same bytes (default: 42)")
    parser.add_argument(
        "--dirt-share", type=flags.minority, default=0.005, help="bad lines for each good one, on top (default: 0.005)"
    )
    parser.add_argument(
        "--fake-share",
        type=flags.minority,
        default=0.015,
        help="fakes for each genuine user, on top (default: 0.015)",
    )
    parser.add_argument("--out", type=flags.folder, help="folder to make anew (default: DATA_DIR/raw/sample)")


def main(spark: SparkSession, run: Run, *, preset: str, seed: int, out: Path | None, **sizes: Any) -> None:
    """Draw movies, tastes and users, let tasks write the users' lines, and publish the folder.

    `sizes` are fields of `SampleSizes`; those that are None are the preset's.
    """
    given = {name: size for name, size in sizes.items() if size is not None}
    with replacing(out or run.paths.raw("sample"), "sample", "truth") as staged:
        with run.step("draw movies, tastes and users"):
            sample = draw(seed, replace(PRESETS[preset], **given))
        (staged / "truth").mkdir(parents=True)
        with run.step("write ratings and tags") as step:
            partitions = max(spark.sparkContext.defaultParallelism, len(sample.users) // USERS_PER_TASK)
            user_blocks(spark, sample, partitions).write.partitionBy("file").text(str(staged / PARTS))
            step.rows = sample.rows["ratings"] + sample.rows["tags"]
        with run.step("put the parts together"):
            lines = movie_and_link_lines(sample) | {FAKES: fake_lines(sample)}
            for file in FILES:
                put_together(staged, file, lines.get(file, []))
            shutil.rmtree(staged / PARTS)
            write_servers(staged / "servers", seed)
            mark(staged, run.job)
    record(run, sample)


def draw(seed: int, sizes: SampleSizes) -> Sample:
    """Draw a sample of these sizes.

    Raises:
        JobError: no such data set can be made.
    """
    try:
        return make_sample(seed, sizes)
    except ValueError as error:
        raise JobError(f"{error}.") from error


def put_together(folder: Path, file: str, lines: list[str]) -> None:
    """Write a file of `folder`: its header, `lines`, and the parts that tasks wrote, which go."""
    path, header = FILES[file]
    with (folder / path).open("wb") as whole:
        whole.writelines(f"{line}\n".encode(errors="surrogateescape") for line in (header, *lines))
        for part in sorted((folder / PARTS / f"file={file}").glob("part-*")):
            with part.open("rb") as text:
                shutil.copyfileobj(text, whole, COPY_BYTES)
            part.unlink()


def record(run: Run, sample: Sample) -> None:
    """Count what is in the files: good lines, bad lines, users, fakes."""
    for file, rows in sample.rows.items():
        run.count(f"{file}.good", rows)
        run.count(f"{file}.planted", len(sample.dirt[file].places))
    run.count("users", len(sample.users))
    run.count("users.fake", len(fake_lines(sample)))
    made = ", ".join(f"{rows:,} {file}" for file, rows in sample.rows.items())
    planted = sum(run.counts[f"{file}.planted"] for file in sample.rows)
    run.say(f"made: {made}; {planted:,} bad lines and {run.counts['users.fake']:,} fake users are among them")


if __name__ == "__main__":
    cli.run(__doc__, add_arguments, main)
