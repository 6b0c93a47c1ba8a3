"""The cluster in containers, as its users meet it. In the order of a day: setup, use, faults, restart, removal."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.compose.stack import Stack
from tests.support.sites import JOBS, USERS, get_json, list_page

pytestmark = pytest.mark.cluster
PAGE = "/api/v1/users/1/recommendations"


def test_with_an_engine_docker_is_chosen_and_the_site_has_recommendations(stack: Stack, movielens: Path) -> None:
    said = (stack.folder / "preprocess.log").read_text()
    assert "runtime: docker" in said
    assert f"The site is at http://127.0.0.1:{stack.port}" in said
    answer = stack.get(PAGE)
    ids = [item["movie_id"] for item in answer["items"]]
    ratings = (movielens / "ratings.csv").read_text().splitlines()
    rated = {int(line.split(",")[1]) for line in ratings if line.startswith("1,")}
    assert (answer["source"], len(set(ids)), set(ids) & rated) == ("als", 10, set())


def test_every_service_is_healthy_and_as_many_workers_as_asked_for(stack: Stack) -> None:
    rows = stack.make("status").splitlines()[2:]
    assert [row.split()[0] for row in rows] == ["cassandra", "spark-master", "spark-worker", "spark-worker", "web"]
    assert {row.split()[-1] for row in rows} == {"running"}


def test_a_job_is_submitted_inside_the_master_with_no_further_flags(stack: Stack) -> None:
    inside = ("exec", "-T", "spark-master")
    said = stack.compose(*inside, "spark-submit", "/app/spark_jobs/train_als.py", "--help")
    assert "usage: train_als" in said
    there = stack.compose(*inside, "python", "-c", IMPORT).split()
    assert {*JOBS, "evaluate", "tune", "build_songplays"} <= set(there)


IMPORT = """
from importlib import import_module
from pathlib import Path
for path in Path("/app/spark_jobs").glob("[a-z]*.py"):
    print(import_module(f"spark_jobs.{path.stem}").__name__.removeprefix("spark_jobs."))
"""


def test_a_catalogue_from_elsewhere_is_copied_to_where_containers_see_it(stack: Stack) -> None:
    counts = stack.record("build_catalogue")["counts"]
    assert counts["titles.in"] == 100 == counts["titles.clean"] + counts["titles.rejected"]


def test_sql_is_answered_in_the_masters_container(stack: Stack) -> None:
    star = stack.folder / "data" / "songplays" / "20261126T120000.000Z-000000" / "star"
    for name in ("songplays", "users", "songs", "artists", "time"):
        (star / name).mkdir(parents=True)
        pq.write_table(pa.table({"level": ["free", "paid", "paid"]}), star / name / "part.parquet")
    said = stack.make("sql", "QUERY=SELECT level, count(*) FROM songplays GROUP BY level ORDER BY level")
    assert {"free\t1", "paid\t2"} <= set(said.splitlines()), said


def test_the_history_server_looks_where_jobs_write(stack: Stack) -> None:
    stack.compose("exec", "-T", "spark-master", "mkdir", "-p", "/data/spark-events")
    stack.compose("--profile", "history", "up", "-d", "--no-deps", "spark-history")
    address = f"http://127.0.0.1:{stack.environ['SPARK_HISTORY_PORT']}/api/v1/applications"
    for _ in range(60):
        try:
            assert get_json(address, timeout=5) == []
            break
        except OSError:
            time.sleep(1)
    else:
        raise AssertionError(stack.compose("--profile", "history", "logs", "spark-history"))
    stack.compose("--profile", "history", "rm", "-s", "-f", "spark-history")


def test_nothing_runs_as_root_and_the_site_cannot_write_to_itself(stack: Stack) -> None:
    for container in stack.containers():
        users = stack.docker("exec", container["Id"], "sh", "-c", "cat /proc/[0-9]*/status | grep ^Uid:")
        assert all(line.split()[1:] != ["0"] * 4 for line in users.splitlines()), container["Name"]
        assert container["HostConfig"]["CapDrop"] == ["ALL"]
        assert container["HostConfig"]["Memory"] > 0
    web = stack.containers("web")[0]
    assert web["HostConfig"]["ReadonlyRootfs"]
    assert "Read-only" in stack.call("docker", "exec", web["Id"], "touch", "/app/x", code=1)


def test_only_the_pages_are_published_and_only_on_this_machine(stack: Stack) -> None:
    published = {
        container["Config"]["Labels"]["com.docker.compose.service"]: [
            entry["HostIp"] for ports in container["NetworkSettings"]["Ports"].values() for entry in ports or ()
        ]
        for container in stack.containers()
    }
    assert {service for service, addresses in published.items() if addresses} == {"spark-master", "web"}
    assert {address for addresses in published.values() for address in addresses} == {"127.0.0.1"}


def test_no_password_is_in_a_layer(stack: Stack) -> None:
    for variable in ("SPARK_IMAGE", "WEB_IMAGE"):
        image = stack.environ[variable]
        layers = stack.docker("history", "--no-trunc", image) + stack.docker("image", "inspect", image)
        assert not [name for name, value in stack.secrets.items() if value in layers]


CQL = """
import sys
from dataclasses import replace
from cql.connect import CassandraUnavailable, Contact, connect
who, password, statement = sys.argv[1:]
contact = Contact.from_env()
if who:
    contact = replace(contact, username=who, password=password)
try:
    print(connect(contact).execute(statement).all())
except Exception as error:
    print(type(error).__name__, error)
"""


def cql(stack: Stack, statement: str, who: str = "", password: str = "") -> str:
    """The answer to a statement, asked from the site's container; its own role unless another is named."""
    return stack.compose("exec", "-T", "web", "python", "-c", CQL, who, password, statement)


def test_jobs_and_site_may_do_nothing_but_read_and_write_rows(stack: Stack) -> None:
    assert "publish_recommendations" in cql(stack, "SELECT job FROM active_runs")
    for statement in ("DROP TABLE active_runs", "CREATE ROLE thief", "ALTER ROLE cassandra WITH PASSWORD = 'x'"):
        assert "Unauthorized" in cql(stack, statement)
    assert "CassandraUnavailable" in cql(stack, "SELECT job FROM active_runs", "cassandra", "cassandra")


def test_the_records_and_the_lists_are_those_of_the_native_runtime(
    stack: Stack, native_results: Path, request: pytest.FixtureRequest
) -> None:
    if not native_results.exists():  # no other process of this run has made the native site
        request.getfixturevalue("site")
    native = json.loads(native_results.read_text())
    for job in JOBS:
        ours, theirs = stack.record(job), native["records"][job]
        assert (ours["dataset_id"], ours["counts"]) == (theirs["dataset_id"], theirs["counts"])
        assert ours["metrics"] == pytest.approx(theirs["metrics"], rel=1e-3)
    for user, answer in zip(USERS, native["lists"], strict=True):
        ours, theirs = ranked(stack.get(list_page(user))), ranked(answer)
        # sums of floats depend on the order in which shuffles deliver: movies may change places that tie to six digits
        assert [score for _, score in ours] == pytest.approx([score for _, score in theirs], abs=1e-5)
        assert settled(ours) == settled(theirs)


def ranked(answer: dict[str, Any]) -> list[tuple[int, float]]:
    return [(item["movie_id"], item["score"]) for item in answer["items"]]


def settled(ranking: list[tuple[int, float]]) -> list[int | None]:
    """Movies in their order, None for those whose neighbours have the same score; the last one's may be cut off."""
    scores = [float("inf"), *(score for _, score in ranking)]
    gaps = [above - below for above, below in pairwise(scores)] + [0.0]
    return [movie if min(gaps[place], gaps[place + 1]) > 1e-4 else None for place, (movie, _) in enumerate(ranking)]


def test_a_killed_worker_comes_back(stack: Stack) -> None:
    """The job that it works for goes on with the other: tests/cluster/test_end_to_end.py shows that."""
    victim = stack.containers("spark-worker")[0]
    stack.docker("exec", victim["Id"], "pkill", "-9", "java")
    restarts = 'docker inspect -f "{{.RestartCount}}" "$0"'
    stack.call("sh", "-c", f'until test "$({restarts})" -ge 1; do sleep 0.2; done', victim["Id"])
    stack.make("up")
    assert len(stack.containers("spark-worker")) == 2
    assert {row.split()[-1] for row in stack.make("status").splitlines()[2:]} == {"running"}
    assert victim["Id"] in [container["Id"] for container in stack.containers("spark-worker")]


def test_rolling_back_serves_the_run_before(stack: Stack) -> None:
    before = stack.record("publish_recommendations")["run_id"]
    stack.make("job", "JOB=publish_recommendations", "ARGS=--force")
    published = wait_for_other_run(stack, before)
    assert published > before
    assert before in stack.make("rollback")
    assert wait_for_other_run(stack, published) == before


def wait_for_other_run(stack: Stack, run_id: str) -> str:
    """The active run, once it is another: a process of the site remembers it for a second."""
    for _ in range(100):
        if (found := stack.get("/api/v1/runs/active")["run_id"]) != run_id:
            return str(found)
        time.sleep(0.1)
    raise AssertionError(f"{run_id} is still active")


def test_down_and_up_lose_nothing(stack: Stack) -> None:
    before = stack.get(PAGE)
    stack.make("down")
    assert stack.containers() == []
    assert "Nothing runs" in stack.make("status")
    stack.make("up")
    assert stack.get(PAGE) == before


def test_more_workers_join_a_running_cluster(stack: Stack) -> None:
    others = {**stack.environ, "WORKERS": "3"}
    Stack(stack.folder, others, stack.project, stack.port).make("scale")
    assert len(stack.containers("spark-worker")) == 3
    page = stack.docker("exec", stack.containers("spark-master")[0]["Id"], "python", "-c", MASTER)
    assert int(page) == 3


MASTER = """
import json, urllib.request
print(json.load(urllib.request.urlopen("http://spark-master:8080/json/"))["aliveworkers"])
"""


def test_with_its_volumes_nothing_is_left_but_what_people_did(stack: Stack) -> None:
    movie_id = stack.get(PAGE)["items"][0]["movie_id"]
    headers = {"X-API-Key": stack.secrets["API_KEY"], "Content-Type": "application/json"}
    body = json.dumps({"movie_id": movie_id, "rating": 4}).encode()
    address = f"http://127.0.0.1:{stack.port}/api/v1/users/1/ratings"
    with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=60) as answer:
        assert json.load(answer)["rating"] == 4
    said = stack.make("down", "VOLUMES=1")
    (kept,) = (stack.folder / "data" / "interactions").glob("*.jsonl")
    assert f"Ratings and votes (1) are kept in {kept}" in said
    assert json.loads(kept.read_text().splitlines()[0])[4] == 4
    label = f"label=com.docker.compose.project={stack.project}"
    for kind in (["ps", "-a"], ["volume", "ls"], ["network", "ls"]):
        assert stack.docker(*kind, "-q", "--filter", label) == ""
    assert not re.search(r"\S", stack.docker("ps", "-q", "--filter", f"name={stack.project}"))
