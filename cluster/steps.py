"""The steps of the pipeline: what runs, in which order, when it is needed and why. Nothing here runs or writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from cluster.errors import ClusterError
from cluster.fetch.own_folder import problem_of
from cluster.fetch.source import DataSource, is_fetched
from cluster.probes import last_record
from cluster.settings import Settings
from domain.contract.generated import is_marked
from domain.contract.movielens import SAMPLES, SCALE, Scale
from domain.contract.runs import Status

CLEAN, QUALITY, DRIFT = "preprocess_movielens", "report_quality", "report_drift"
TRAIN, PUBLISH = "train_als", "publish_recommendations"
OUTLIERS, USERS = "detect_outliers", "detect_anomalous_users"
SITE = "web"
CATALOGUE_FILES = ("titles.csv", "credits.csv")
SONG_FOLDERS = ("song_data", "log_data")

# what steps hand on to each other, as the docs of the jobs say it
CLEANED, CHECKED, MODELS = "DATA_DIR/clean", "DATA_DIR/clean/quality.json", "DATA_DIR/models"
CATALOGUE = "DATA_DIR/raw/catalogue"
INTERACTIONS = "interactions in Cassandra"
LISTS = "recommendations in Cassandra"
NO_CATALOGUE = (
    "the ratings are real, beside which nothing is made up: CATALOGUE_DIR can name a folder of titles.csv and"
    " credits.csv (`make job JOB=generate_catalogue` makes an invented one all the same)"
)
DRIFTED = "DATA_DIR/reports/*/drift.json"
SERVERS = "DATA_DIR/raw/servers"
FOUND = "reports at /outliers"
NO_LAB = "LAB=0 leaves it out"


@dataclass(frozen=True)
class Step:
    """A part of the pipeline; `reason` says why it is needed, or why not."""

    name: str  # of the job that it runs, or SITE
    reads: tuple[str, ...]
    makes: tuple[str, ...]
    reason: str
    flags: tuple[str, ...] = ()  # of the job
    needed: bool = True
    decided_by: str = ""  # the step before that has to be done until anybody knows whether this one is needed
    problem: str = ""  # what the user has to put right first
    subject: str = ""  # of the job, which has a step for each of several
    after_site: bool = False  # the site is complete without it, and LAB=0 leaves it out

    @property
    def label(self) -> str:
        """What tells the step from all others."""
        return f"{self.name} {self.subject}".strip()


def plan(settings: Settings, source: DataSource, in_place: bool, if_drifted: bool = False) -> list[Step]:
    """All steps from the raw files of `source` to the site, in their order, with those that are not needed.

    `in_place`: jobs can read a folder outside DATA_DIR.
    """
    return [
        _sample(source),
        *learning(source, settings.unvalidated, if_drifted, settings.scale),
        *_catalogue(settings, source, in_place),
        _songs(settings, in_place),
        Step(SITE, (LISTS,), (f"the site at {settings.web_address}",), "shows what is published"),
        *_lab(settings, source, if_drifted),
    ]


def learning(
    source: DataSource, unvalidated: bool = False, if_drifted: bool = False, scale: Scale = SCALE
) -> list[Step]:
    """The steps from raw files to published lists.

    `unvalidated`: data with errors in the report on their quality are trained on all the same.
    `if_drifted`: a report on drift comes first, and decides whether anything is trained.
    `scale`: of the ratings.
    """
    rated_on = () if scale == SCALE else (f"--scale={scale}",)  # with =, as a scale may begin with a minus
    decided_by = DRIFT if if_drifted else ""
    checks = "checks the cleaned data; errors " + ("stop nothing (UNVALIDATED=1)" if unvalidated else "stop the rest")
    return [
        Step(
            CLEAN,
            (str(source.folder), INTERACTIONS),
            (CLEANED, "movies, users and ratings in Cassandra"),
            "cleans the raw files, merges what people rated since, and stores both; the same data are not stored twice",
            ("--movielens", str(source.folder), *rated_on),
        ),
        Step(QUALITY, (CLEANED,), (CHECKED,), checks, ("--only-report",) if unvalidated else ()),
        *([Step(DRIFT, (CLEANED,), (DRIFTED,), "says whether to train again (IF_DRIFTED=1)")] if if_drifted else []),
        Step(
            TRAIN,
            (CLEANED, CHECKED),
            (MODELS,),
            "learns from the cleaned data",
            ("--unvalidated",) if unvalidated else (),
            decided_by=decided_by,
        ),
        Step(PUBLISH, (CLEANED, MODELS), (LISTS,), "stores the lists of the new model", decided_by=decided_by),
    ]


def training(data_dir: Path) -> tuple[bool, str]:
    """Whether the report on drift that this pipeline made asks for training, and why or why not.

    What is published is what the report found in Cassandra, which may have been emptied since it was.

    Raises:
        ClusterError: the newest record of a report is not of one that was done, on the data cleaned last.
    """
    drift, cleaned = last_record(data_dir, DRIFT), last_record(data_dir, CLEAN, Status.DONE)
    if drift.get("status") != Status.DONE or drift["dataset_id"] != cleaned.get("dataset_id"):
        raise ClusterError(f"There is no {DRIFT} on the data that {CLEAN} cleaned: run it with `make job JOB={DRIFT}`.")
    report = drift["facts"]["drift"]
    if not report["published"]:
        return True, "nothing is published yet"
    if report["published"]["dataset_id"] == drift["dataset_id"]:
        return False, f"the published model was trained on this very data set, {drift['dataset_id']}"
    return report["retrain"], report["because"]


def _sample(source: DataSource) -> Step:
    """Data that stand for MovieLens."""
    preset = "full" if source.name == SAMPLES["f"] else "small"
    flags = ("--preset", preset, "--out", str(source.folder))
    needed = source.generated and not is_fetched(source)
    if needed:
        reason = "generates the data, which stand for MovieLens"
    else:
        reason = f"{source.folder} was generated before" if source.generated else "the data are not generated ones"
    return Step("generate_sample", (), (str(source.folder),), reason, flags, needed)


def _catalogue(settings: Settings, source: DataSource, in_place: bool) -> list[Step]:
    """The user's own catalogue, or a generated one beside generated ratings; beside real ones none is made up."""
    given, own = settings.catalogue_dir, settings.data_dir / "raw" / "catalogue"
    is_there = own.is_dir()
    if given:
        made = f"CATALOGUE_DIR names {given}"
    elif is_there:
        made = f"{CATALOGUE} is there"
    else:
        made = "there is no catalogue, and CATALOGUE_DIR names none" if source.invented else NO_CATALOGUE
    is_built = bool(given) or source.invented or (is_there and not is_marked(own))
    built = "cleans the catalogue, links it to the movies and publishes it" if is_built else NO_CATALOGUE
    folder, shown = (_where_jobs_read(settings, given, in_place), str(given)) if given else (own, CATALOGUE)
    return [
        Step(
            "generate_catalogue",
            (CLEANED,),
            (CATALOGUE,),
            made,
            needed=source.invented and not given and not is_there,
        ),
        Step(
            "build_catalogue",
            (shown, CLEANED),
            ("titles, people and credits in Cassandra",),
            built,
            ("--catalogue", str(folder)),
            needed=is_built,
            problem=problem_of("CATALOGUE_DIR", given, CATALOGUE_FILES) if given else "",
        ),
    ]


def _lab(settings: Settings, source: DataSource, if_drifted: bool) -> list[Step]:
    """Reports for pages of the site that is up; of drift there is one before the training where that decides on it."""
    made, servers = _servers(settings, source)
    steps = [
        _outliers("users", (CLEANED,)),
        _outliers("movies", (CLEANED,)),
        made,
        _outliers("servers", (servers,)),
        Step(USERS, (CLEANED,), (FOUND,), "looks for fake profiles and unusual users", after_site=True),
        *([] if if_drifted else [Step(DRIFT, (CLEANED,), (DRIFTED,), "says how ratings change", after_site=True)]),
    ]
    return steps if settings.lab else [replace(step, needed=False, reason=NO_LAB) for step in steps]


def _outliers(subject: str, reads: tuple[str, ...]) -> Step:
    flags, reason = ("--subject", subject), f"looks which {subject} are unlike the others"
    return Step(OUTLIERS, reads, (FOUND,), reason, flags, subject=subject, after_site=True)


def _servers(settings: Settings, source: DataSource) -> tuple[Step, str]:
    """The step that makes measurements of servers up, and where those are that are used: a sample has some."""
    raw = settings.data_dir / "raw"
    samples = [raw / name for name in dict.fromkeys(SAMPLES.values())]
    own = next((folder for folder in samples if (folder / "servers").is_dir()), None)
    there = own or (source.folder if source.generated else None)
    is_made = there is None and not (raw / "servers").is_dir()
    reason = "makes up measurements of servers, marked as such" if is_made else f"{there or SERVERS} has some"
    step = Step("generate_servers", (), (SERVERS,), reason, needed=is_made, after_site=True)
    return step, str(there) if there else SERVERS


def _songs(settings: Settings, in_place: bool) -> Step:
    """The user's own song plays."""
    given, made = settings.songs_dir, ("song plays in Cassandra",)
    if given is None:
        return Step("build_songplays", (), made, "SONGS_DIR names no song plays", needed=False)
    return Step(
        "build_songplays",
        (str(given),),
        made,
        "builds the star schema of the song plays and publishes it",
        ("--songs", str(_where_jobs_read(settings, given, in_place))),
        problem=problem_of("SONGS_DIR", given, SONG_FOLDERS),
    )


def _where_jobs_read(settings: Settings, given: Path, in_place: bool) -> Path:
    return given if in_place else settings.inside(given)
