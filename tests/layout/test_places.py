"""Where tests stand: beside the module that they test, or on the short list of journeys."""

from __future__ import annotations

from pathlib import Path

from tests.layout.tree import ROOT, TOPS

TESTS = ROOT / "tests"
OWN_SUBJECT = ("bench", "browser", "compose", "layout")  # folders whose tests are of no single module
# Tests that follow something through several rooms. Each is named after the journey.
JOURNEYS = {
    "cluster/docker/test_dockerfile.py",  # the Dockerfile
    "cluster/test_makefile.py",  # the Makefile
    "cluster/test_setup.py",  # setup.sh
    "cluster/test_end_to_end.py",  # from files to the site, with faults
    "cluster/test_loop.py",  # a rating, from the site to the next training
    "cluster/test_lab_on_cluster.py",  # reports of the lab, from the job to the page
    "cluster/test_native_cluster.py",  # starting, stopping and faults of the services
    "cluster/test_preprocess_stored.py",  # the data set in Cassandra
    "cluster/test_publish_kill.py",  # kill -9 of a publisher, seen by readers
    "cluster/test_real_movielens.py",  # the real data, from the files to Cassandra
    "cluster/test_songplays_on_cluster.py",  # song plays in Cassandra
    "cql/test_tables.py",  # the files of cql/tables
    "spark_jobs/songs/test_songplays_sql.py",  # the questions of docs/songplays_sql.md
    "spark_jobs/songs/test_sparkify_form.py",  # files in the form of the public set, through all modules of the room
    "spark_jobs/test_planted_dirt.py",  # what a generator plants is what cleaning rejects
    "web/test_gunicorn.py",  # gunicorn.conf.py
    "web/test_routes.py",  # every route
    "web/test_web_empty.py",  # the site before anything is published
    "web/test_web_healing.py",  # the site while Cassandra comes and goes
    "web/test_web_pages.py",  # every page
}


def modules_beside(test: Path) -> set[str]:
    """Names of the modules that tests in this folder may be named after: of the folder's room and its transforms."""
    room = ROOT / test.parent.relative_to(TESTS)
    return {path.stem for folder in (room, room / "transforms") for path in folder.glob("*.py")}


def is_beside_its_module(test: Path) -> bool:
    """Whether a module in the place that mirrors the test's has its name, or the first words of it."""
    words = test.stem.removeprefix("test_").split("_")
    names = {"_".join(words[:count]) for count in range(1, len(words) + 1)}
    return bool(names & modules_beside(test))


def test_each_test_file_stands_beside_its_module() -> None:
    files = [path for path in TESTS.rglob("test_*.py") if path.relative_to(TESTS).parts[0] not in OWN_SUBJECT]
    astray = {str(path.relative_to(TESTS)) for path in files if not is_beside_its_module(path)}
    assert astray - JOURNEYS == set(), "name it after a module of its room, or move it to that room"
    assert JOURNEYS - astray == set(), "these are no journeys, or are gone"
    assert len(JOURNEYS) <= 20, "the list of journeys is short"


def test_the_folders_of_tests_are_those_of_the_sources() -> None:
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    strange = [str(folder) for folder in folders if folder.parts[0] in TOPS and not (ROOT / folder).is_dir()]
    assert strange == []
