"""`with publisher(…)`: the one way in which a run is published, from what a killed run left to making room.

Everything is written beside what readers see, under the run's id: Parquet copies in a folder that appears whole, rows
in the tables, counted and read back. One flip of the active run shows it all. Then older runs are deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from cql.active import ActiveRun
from cql.kinds import Kind
from domain.contract.runs import ANSWER_BUCKETS, Status
from spark_jobs.publishing import publication, retention
from spark_jobs.publishing.active import ActiveRuns, active_runs, home_of_runs
from spark_jobs.storage import folders
from spark_jobs.storage.errors import Refused, message
from spark_jobs.storage.record import Run
from spark_jobs.storage.tables import Tables

log = logging.getLogger(__name__)

OF_READERS = {Kind.RECOMMENDATIONS: {"answers_by_run": ANSWER_BUCKETS}}  # tables that the site writes to, by run


@dataclass(frozen=True)
class Publication:
    """A run that is being published; its job fills `folder` and stores its tables.

    `folder` becomes `final`. `copies` names the tables, each with the folder of its Parquet copy. `before` is the
    folder of the run that readers see until the flip, None where there is no such run or folder.
    """

    spark: SparkSession
    run: Run
    tables: Tables
    copies: Mapping[str, str]
    final: Path
    folder: Path
    before: Path | None

    def store(self, table: str, rows: DataFrame, *, gathered: bool = False) -> int:
        """Write the rows (without run_id) of one table, see `publication.store`; returns how many."""
        copy = self.folder / self.copies[table]
        return publication.store(self.spark, self.tables, table, self.run.run_id, rows, copy, gathered=gathered)

    def store_all(self, frames: Mapping[str, Callable[[], DataFrame]], gathered: Container[str] = ()) -> None:
        """Write every table, some side by side, as one step of the run that counts the rows of each.

        Frames of `gathered` tables have all rows of a partition in one task by themselves.
        """

        def store_one(table: str) -> int:
            return self.store(table, frames[table](), gathered=table in gathered)

        with self.run.step("store the tables") as step:
            counts = publication.side_by_side(store_one, frames)
            for table, count in zip(frames, counts, strict=True):
                self.run.count(f"rows.{table}", count)
            step.rows = sum(counts)


@contextmanager
def publisher(
    spark: SparkSession,
    run: Run,
    tables: Tables,
    kind: Kind,
    copies: Mapping[str, str],
    keep: int,
    delete_more: Callable[[ActiveRuns, Path], list[str]] = lambda runs, home: [],
) -> Iterator[Publication]:
    """Publish what the block writes, when it ends without an error; until then readers see the run before.

    A block that raises leaves an attempt that the next run deletes, one that is Refused leaves nothing. The last `keep`
    runs stay. `delete_more` deletes what belongs to no kept run, and returns the ids; it is given the active runs and
    the folder of the kept ones.

    Raises:
        JobError: another run was published meanwhile, or Parquet tables are in DATA_DIR itself.
    """
    home = home_of_runs(tables, run.paths).published(kind)
    runs = active_runs(tables, kind.job)
    active = runs.get()
    heal(home, runs, active)
    final = home / run.run_id
    with folders.attempt(final) as folder:
        before = home / active.run_id if active and (home / active.run_id).is_dir() else None
        try:
            yield Publication(spark, run, tables, copies, final, folder, before)
        except Refused:
            folders.discard(final)
            raise
        with run.step("flip"):
            assert run.dataset_id is not None, "a job names its data set before it publishes"
            runs.flip(run.run_id, run.dataset_id, active.run_id if active else None)
        folders.complete(final)
    kept = retention.Publications(home, copies, OF_READERS.get(kind, {}))
    _make_room(run, lambda: retention.delete_old_runs(spark, kept, tables, runs, keep) + delete_more(runs, home))


def heal(home: Path, runs: ActiveRuns, active: ActiveRun | None) -> None:
    """Finish the active run's bookkeeping where its process ended between the flip and its own last word.

    It may have been killed before its folder was complete, or while it made room: then all is there but the status,
    without which no rollback would choose it. Newer runs were left by a rollback, whatever they called themselves when
    they ended after it. `home` has the published runs of the kind.
    """
    if active is None:
        return
    if home / active.run_id in folders.abandoned(home):
        folders.complete(home / active.run_id)
    runs.mark(runs.job, [active.run_id], Status.DONE)
    newer = [run_id for run_id in retention.published(home) if run_id > active.run_id]
    runs.mark(runs.job, newer, Status.WITHDRAWN)


def _make_room(run: Run, delete: Callable[[], list[str]]) -> None:
    """Delete what nobody needs. The new run is already active: an error here is told, and mended by the next run."""
    try:
        with run.step("delete old runs and data sets"):
            run.fact("deleted", delete())
    except Exception as error:
        run.fact("left_behind", message(error))
        log.warning("Published, but old rows could not all be deleted: %s. The next run tries again.", error)
