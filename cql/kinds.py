"""What is published by runs: the kinds that a reader, or a rollback, names, and the job that publishes each."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Each has a row of its own in active_runs, so one goes back without the others."""

    RECOMMENDATIONS = "recommendations"
    CATALOGUE = "catalogue"
    SONGPLAYS = "songplays"

    @property
    def job(self) -> str:
        """The job that publishes it: the key in active_runs and runs_by_job."""
        return JOBS[self]

    @property
    def how(self) -> str:
        """What a user runs to have one, as the end of a sentence."""
        return HOW[self]


JOBS = {
    Kind.RECOMMENDATIONS: "publish_recommendations",
    Kind.CATALOGUE: "build_catalogue",
    Kind.SONGPLAYS: "build_songplays",
}
HOW = {
    Kind.RECOMMENDATIONS: "run `make preprocess`",
    Kind.CATALOGUE: "run `make preprocess`, or the job build_catalogue",
    Kind.SONGPLAYS: (
        "name the folder of song_data and log_data with SONGS_DIR, or make one by the job generate_songplays; then run"
        " the job build_songplays"
    ),
}
KIND_NAMES = [kind.value for kind in Kind]
