"""The plan of the pipeline: which steps there are, in which order, and whether and why each is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.fetch.source import DataSource
from cluster.settings import Settings
from cluster.steps import CATALOGUE, CATALOGUE_FILES, SONG_FOLDERS, Step, plan
from domain.contract.generated import mark
from domain.contract.movielens import HEADERS

LAB = [
    *("detect_outliers users", "detect_outliers movies", "generate_servers", "detect_outliers servers"),
    *("detect_anomalous_users", "report_drift"),
]
LEARNING = ["preprocess_movielens", "report_quality", "train_als", "publish_recommendations"]

FILES = tuple(f"{kind}.csv" for kind in HEADERS)


def steps(
    tmp_path: Path, generated: bool = False, if_drifted: bool = False, **variables: Path | str
) -> dict[str, Step]:
    """The plan for a data folder, by label, as it is told to containers; without reports unless LAB is given."""
    given = {"LAB": "0"} | {name: str(value) for name, value in variables.items()}
    settings = Settings.from_env({"HOME": str(tmp_path), **given}, tmp_path)
    source = DataSource("sample", settings.data_dir / "raw" / "sample", generated)
    return {step.label: step for step in plan(settings, source, in_place=False, if_drifted=if_drifted)}


def needed(planned: dict[str, Step]) -> list[str]:
    return [step.label for step in planned.values() if step.needed]


def test_a_fresh_data_folder_needs_everything_but_what_nobody_asked_for(tmp_path: Path) -> None:
    planned = steps(tmp_path)
    assert needed(planned) == [*LEARNING, "web"]
    assert planned["generate_sample"].reason == "the data are not generated ones"
    assert planned["build_songplays"].reason == "SONGS_DIR names no song plays"


@pytest.mark.parametrize("generated", [False, True])
def test_every_step_reads_what_is_given_or_what_a_step_before_it_makes(tmp_path: Path, generated: bool) -> None:
    planned = steps(tmp_path, generated=generated, if_drifted=True, SONGS_DIR=tmp_path / "songs", LAB="1")
    there = {str(tmp_path / "songs"), "interactions in Cassandra"}  # what people bring, in files and on the site
    for step in planned.values():
        assert set(step.reads) <= there, step.name
        assert step.makes
        there |= set(step.makes)


def test_another_scale_is_a_flag_of_the_job_that_cleans(tmp_path: Path) -> None:
    assert "--scale" not in " ".join(steps(tmp_path)["preprocess_movielens"].flags)
    assert steps(tmp_path, MOVIELENS_SCALE="-3,3,1")["preprocess_movielens"].flags[2:] == ("--scale=-3,3,1",)


def test_what_is_there_is_not_generated_again(tmp_path: Path) -> None:
    assert "generate_sample" in needed(steps(tmp_path, generated=True))
    sample, catalogue = tmp_path / "data/raw/sample", tmp_path / "data/raw/catalogue"
    for folder in (sample, catalogue):
        folder.mkdir(parents=True)
    for name in FILES:
        (sample / name).touch()
    planned = steps(tmp_path, generated=True)
    assert needed(planned) == [*LEARNING, "build_catalogue", "web"]
    assert planned["generate_sample"].reason == f"{sample} was generated before"
    assert planned["generate_catalogue"].reason == f"{CATALOGUE} is there"


def test_a_catalogue_is_made_up_beside_made_up_ratings_only(tmp_path: Path) -> None:
    both = ["generate_catalogue", "build_catalogue"]
    for planned in (steps(tmp_path), steps(tmp_path, SIZE="f")):
        assert not {*both} & {*needed(planned)}
        for name in both:
            assert "the ratings are real" in planned[name].reason
            assert "CATALOGUE_DIR" in planned[name].reason
            assert "`make job JOB=generate_catalogue`" in planned[name].reason
    assert needed(steps(tmp_path, generated=True))[-3:] == [*both, "web"]
    mark(tmp_path / "data/raw/sample", "generate_sample")  # named with MOVIELENS_DIR, for one
    assert needed(steps(tmp_path))[-3:] == [*both, "web"]


def test_a_catalogue_that_is_there_is_built_beside_real_ratings_unless_it_is_made_up(tmp_path: Path) -> None:
    own = tmp_path / "data/raw/catalogue"
    own.mkdir(parents=True)
    assert needed(steps(tmp_path))[-2:] == ["build_catalogue", "web"]
    mark(own, "generate_catalogue")
    assert "build_catalogue" not in needed(steps(tmp_path))
    assert "build_catalogue" in needed(steps(tmp_path, CATALOGUE_DIR=own)), "who names it wants it"
    assert needed(steps(tmp_path, generated=True))[-2:] == ["build_catalogue", "web"]


def test_with_a_report_on_drift_it_decides_what_is_learned(tmp_path: Path) -> None:
    planned = steps(tmp_path, if_drifted=True)
    assert needed(planned)[:3] == ["preprocess_movielens", "report_quality", "report_drift"]
    decided = [step.name for step in planned.values() if step.decided_by == "report_drift"]
    assert decided == ["train_als", "publish_recommendations"]


@pytest.mark.parametrize(
    ("variable", "content", "job", "flag"),
    [
        ("CATALOGUE_DIR", CATALOGUE_FILES, "build_catalogue", "--catalogue"),
        ("SONGS_DIR", SONG_FOLDERS, "build_songplays", "--songs"),
    ],
)
def test_a_folder_of_the_user_is_read_where_jobs_see_it_or_says_what_it_lacks(
    tmp_path: Path, variable: str, content: tuple[str, str], job: str, flag: str
) -> None:
    own = tmp_path / "own"
    for name in content:
        (own / name).mkdir(parents=True)
    step = steps(tmp_path, **{variable: own})[job]
    assert (step.problem, step.flags) == ("", (flag, str(tmp_path / "data/raw/copied/own")))
    assert not (tmp_path / "data").exists(), "a plan copies nothing"
    (own / content[0]).rmdir()
    assert steps(tmp_path, **{variable: own})[job].problem == f"{variable}: {own} has no {content[0]}."
    (own / content[1]).rmdir()
    own.rmdir()
    problem = steps(tmp_path, **{variable: own})[job].problem
    assert problem == f"{variable}: {own} is no folder. It needs {' and '.join(content)}."


def test_once_the_site_is_up_reports_on_outliers_and_drift_follow(tmp_path: Path) -> None:
    planned = steps(tmp_path, LAB="1")
    assert needed(planned) == [*LEARNING, "web", *LAB]
    assert planned["detect_outliers movies"].flags == ("--subject", "movies")
    assert [label for label, step in planned.items() if step.after_site] == LAB
    left_out = steps(tmp_path, LAB="0")
    assert needed(left_out) == [*LEARNING, "web"]
    assert {left_out[label].reason for label in LAB} == {"LAB=0 leaves it out"}


def test_with_a_report_on_drift_before_the_training_there_is_no_second_one(tmp_path: Path) -> None:
    planned = steps(tmp_path, if_drifted=True, LAB="1")
    assert needed(planned)[-len(LAB) :] == ["web", *LAB[:-1]]
    assert not planned["report_drift"].after_site


def test_servers_are_made_up_only_where_there_are_none(tmp_path: Path) -> None:
    assert "generate_servers" not in needed(steps(tmp_path, generated=True, LAB="1")), "a sample has some"
    (tmp_path / "data/raw/servers").mkdir(parents=True)
    planned = steps(tmp_path, LAB="1")
    assert planned["generate_servers"].reason == "DATA_DIR/raw/servers has some"
    assert "detect_outliers servers" in needed(planned)
    assert "generate_servers" not in needed(planned)
