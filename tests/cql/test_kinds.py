"""What is said of each kind of published run."""

from __future__ import annotations

from pathlib import Path

from cql.kinds import ABOUT, Kind

JOBS = Path(__file__).resolve().parents[2] / "spark_jobs"


def test_each_kind_has_a_job_of_its_own_and_a_folder() -> None:
    assert set(ABOUT) == set(Kind)
    assert len({kind.job for kind in Kind}) == len({kind.folder for kind in Kind}) == len(Kind)
    assert [kind for kind in Kind if not (JOBS / f"{kind.job}.py").is_file()] == []


def test_before_the_first_run_readers_are_told_what_to_do() -> None:
    assert Kind.CATALOGUE.missing.startswith("No catalogue is published yet: name a folder of titles.csv and")
    assert all(word in Kind.CATALOGUE.missing for word in ("CATALOGUE_DIR", "`make job JOB=generate_catalogue`"))
