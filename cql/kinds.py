"""What is published by runs: the kinds that a reader, or a rollback, names, and what each needs to be known by."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Each has a row of its own in active_runs, so one goes back without the others."""

    RECOMMENDATIONS = "recommendations"
    CATALOGUE = "catalogue"
    SONGPLAYS = "songplays"

    @property
    def job(self) -> str:
        """The job that publishes it: the key in active_runs and runs_by_job."""
        return ABOUT[self].job

    @property
    def folder(self) -> str:
        """The folder of DATA_DIR that has a folder for each published run."""
        return ABOUT[self].folder

    @property
    def missing(self) -> str:
        """The sentence for readers before the first run, with what to do."""
        return f"No {ABOUT[self].noun} published yet: {ABOUT[self].how}."


class About(NamedTuple):
    """`noun` is what is missing before the first run, `how` what a user does to have one."""

    job: str
    folder: str
    noun: str
    how: str


ABOUT = {
    Kind.RECOMMENDATIONS: About("publish_recommendations", "published", "recommendations are", "run `make preprocess`"),
    Kind.CATALOGUE: About(
        "build_catalogue",
        "catalogue",
        "catalogue is",
        "name a folder of titles.csv and credits.csv with CATALOGUE_DIR and run `make preprocess`; or invent one by"
        " `make job JOB=generate_catalogue` and publish it by `make job JOB=build_catalogue`",
    ),
    Kind.SONGPLAYS: About(
        "build_songplays",
        "songplays",
        "song plays are",
        "name the folder of song_data and log_data with SONGS_DIR, or make one by the job generate_songplays; then run"
        " the job build_songplays",
    ),
}
KIND_NAMES = [kind.value for kind in Kind]
