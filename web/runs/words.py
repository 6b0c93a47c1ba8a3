"""What jobs, kinds and statuses of runs are called on pages."""

from __future__ import annotations

from collections.abc import Iterable

from cql.kinds import Kind
from domain.contract.runs import Status

# in the order of /runs: what readers see comes first, then what it is made of, then all else
JOBS = {
    "publish_recommendations": "Publish the lists",
    "train_als": "Learn from the ratings",
    "preprocess_movielens": "Clean and store the data",
    "report_quality": "Check the quality of the data",
    "report_drift": "Compare recent ratings with earlier ones",
    "build_catalogue": "Build and publish the catalogue",
    "build_songplays": "Build and publish the song plays",
    "detect_outliers": "Find unusual users, movies or servers",
    "detect_anomalous_users": "Find fake profiles and unusual users",
    "evaluate": "Measure lists on any data",
    "tune": "Search for better settings",
    "report_scaling": "Report time by number of workers",
    "generate_sample": "Make up ratings",
    "generate_catalogue": "Make up a catalogue",
    "generate_servers": "Make up servers",
    "generate_songplays": "Make up song plays",
    "inject_attackers": "Put fake profiles into a copy of the data",
}
KINDS = {
    Kind.RECOMMENDATIONS: "Movie lists",
    Kind.CATALOGUE: "Catalogue",
    Kind.SONGPLAYS: "Songs",
}
STATUSES = {
    Status.RUNNING: "at work now",
    Status.DONE: "ended well",
    Status.REFUSED: "stopped by its own check: the data or the result were not good enough; nothing was published",
    Status.FAILED: "ended with an error; nothing was published",
    Status.WITHDRAWN: "was shown, until somebody went back to the run before; it is not shown again",
    Status.DELETED: "what it had published was deleted to make room for newer runs",
    Status.LOST: "its process ended without a word, as when it is killed or the machine is switched off",
}


def job_name(job: str) -> str:
    """A job in plain words; its own name where there are none."""
    return JOBS.get(job, job)


def kind_name(kind: Kind) -> str:
    """What a kind of published runs is called."""
    return KINDS[kind]


def status_means(status: str) -> str:
    """What a status says of a run."""
    return STATUSES.get(Status(status), "") if status in set(Status) else ""


def in_order(jobs: Iterable[str]) -> list[str]:
    """The jobs as pages list them: that of the lists first, unknown ones last."""
    places = {job: place for place, job in enumerate(JOBS)}
    return sorted(jobs, key=lambda job: (places.get(job, len(places)), job))
