"""The fixtures of the layers: none for pure tests, one local Spark session, one real cluster."""

from __future__ import annotations

import dataclasses
import os
import random
import sys
from collections.abc import Callable, Container, Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cluster.fetch.source import DataSource
from cluster.native.lifecycle import down, up
from cluster.native.service import is_busy
from cluster.settings import Settings
from cluster.steps import learning
from cql.apply import apply
from cql.connect import Contact
from spark_jobs.run.session import release
from spark_jobs.storage.paths import Paths
from tests.support.shared_jobs import SharedJobs
from tests.support.sites import save_results
from tests.support.songs_world import SongWorld, make_song_world

ROOT = Path(__file__).resolve().parents[1]
# executors are forked from this process's environment, and must import the same code
os.environ["PYTHONPATH"] = str(ROOT)
os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
# The JVMs of tests live for seconds: the optimizing compiler takes half of their time and never pays. Its simpler
# brother makes larger stack frames, so stacks are larger, too. The first is for all JVMs, servers and executors too.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -Xss4m")
# The second is for drivers. A plan that is run once is not worth compiling: a fifth of the time; in the containers,
# whose results are compared with those of the native cluster, plans are compiled.
INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
OF_DRIVERS = {**INTERPRETED, "spark.ui.enabled": "false"}
os.environ.setdefault(
    "SPARK_SUBMIT_OPTS", " ".join(["-XX:+UseSerialGC", *(f"-D{name}={value}" for name, value in OF_DRIVERS.items())])
)

# until a test has failed for want of an end: on slow machines the containers take ten minutes to be there
OF_A_CLUSTER_SECONDS = 1500


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For `make test`: what a process takes as a whole, and in which order.

    What uses the native cluster is one such group, as it is started once, and the containers are another; with them the
    two processes begin. Of the rest every file is a group, for the process that is free first; files that need
    `song_world` are one. Tests marked `alone` come last, so that the application of the others ends once.
    """
    of_songs = {item.path for item in items if "song_world" in getattr(item, "fixturenames", ())}
    first = {"cluster": 0, "compose": 1}
    groups = {item: _group(item, of_songs) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
        if group in first:
            item.add_marker(pytest.mark.timeout(OF_A_CLUSTER_SECONDS))
    items.sort(key=lambda item: (first.get(groups[item], 2), item.get_closest_marker("alone") is not None))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Say failures at once: several processes keep them for the end, which a run that is cut off never sees."""
    if report.failed and hasattr(report, "node"):
        print(f"\n{report.nodeid}, {report.when}:\n{report.longreprtext[-3000:]}", file=sys.stderr, flush=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how long the tests in a browser took, and each journey."""
    reports = [each for each in terminalreporter.getreports("passed") if "tests/browser/" in each.nodeid]
    if not reports:
        return
    terminalreporter.write_line(f"in a browser: {len(reports)} tests, {sum(each.duration for each in reports):.0f} s")
    for each in reports:
        if "test_journeys" in each.nodeid:
            terminalreporter.write_line(f"  {each.nodeid.partition('::test_')[2]} … {each.duration:.1f} s")


def _group(item: pytest.Item, of_songs: Container[Path]) -> str:
    if ROOT / "tests" / "compose" in item.path.parents:
        return "compose"
    if item.get_closest_marker("cluster") or "cluster" in getattr(item, "fixturenames", ()):
        return "cluster"
    return "songs" if item.path in of_songs else str(item.path.relative_to(ROOT))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """One local session for all tests of frames."""
    session = (
        SparkSession.builder.master("local[2]")
        .appName("tests")
        .config("spark.sql.shuffle.partitions", 4)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.python.daemon.module", "spark_jobs.run.worker_daemon")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    # for the permissions of a file Hadoop starts a process, for one with checksums four
    hadoop = session._jsc.hadoopConfiguration()
    session._jvm.org.apache.hadoop.fs.FileSystem.getLocal(hadoop).setWriteChecksum(False)
    yield session
    session.stop()


@pytest.fixture(scope="module", autouse=True)
def released() -> Iterator[None]:
    """What the jobs of a file have cached in the local session is given back, as at the end of a job.

    Jobs called as functions leave it: it fills the session's memory, and every plan is compared with each cached one.
    """
    yield
    release()


@pytest.fixture(scope="session")
def song_world(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> SongWorld:
    """Generated song plays, built once for all tests of them."""
    return make_song_world(spark, Paths(tmp_path_factory.mktemp("song-world")))


@pytest.fixture(scope="session")
def real_movielens() -> Path | None:
    """The real ml-latest-small: $MOVIELENS_SMALL, or ../shared/data beside the repository; in CI it must be there."""
    folder = Path(os.environ.get("MOVIELENS_SMALL") or ROOT.parent / "shared" / "data" / "ml-latest-small")
    if (folder / "ratings.csv").is_file():
        return folder
    if os.environ.get("CI"):
        pytest.fail(f"the real ml-latest-small is not at {folder}; name its folder with MOVIELENS_SMALL")
    return None


@pytest.fixture(scope="session")
def movielens_small(real_movielens: Path | None) -> Path:
    """`real_movielens`, for tests whose figures are those of the real data; without it they are skipped."""
    if real_movielens is None:
        pytest.skip("needs the real ml-latest-small: name its folder with MOVIELENS_SMALL")
    return real_movielens


@pytest.fixture(scope="session")
def netflix() -> Path:
    """The real titles.csv and credits.csv: $NETFLIX, or ../shared/data beside the repository; CI must have them."""
    folder = Path(os.environ.get("NETFLIX") or ROOT.parent / "shared" / "data" / "netflix")
    if not (folder / "titles.csv").is_file():
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"the real catalogue is not at {folder}; name its folder with NETFLIX")
    return folder


@pytest.fixture(scope="session")
def cases() -> Path:
    """Small files as people bring them: ../shared/cases beside the repository; CI must have them."""
    folder = Path(os.environ.get("CASES") or ROOT.parent / "shared" / "cases")
    if not (folder / "README.md").is_file():
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"the case files are not at {folder}; name their folder with CASES")
    return folder


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, in a row: Spark's workers and Cassandra's nodes count upwards from the first.

    Below the range from which Linux takes ports for outgoing connections, so that they stay free during a restart.
    """
    while True:
        first = random.randrange(20_000, 32_000)
        ports = list(range(first, first + count))
        if not any(is_busy("127.0.0.1", port) for port in ports):
            return ports


def cluster_settings(folder: Path, **variables: object) -> Settings:
    """Settings of a small cluster of the tests' own: free ports, little memory, everything under `folder`."""
    ports = free_ports(16)
    environ = {
        "DATA_DIR": folder / "data",
        "RUN_DIR": folder / "run",
        "CASSANDRA_HOSTS": "127.0.0.1",
        "CASSANDRA_KEYSPACE": "recommender_test",
        "CASSANDRA_PORT": ports[0],
        "CASSANDRA_STORAGE_PORT": ports[1],
        "SPARK_MASTER_PORT": ports[2],
        "SPARK_MASTER_UI_PORT": ports[3],
        "WEB_PORT": ports[4],
        "SPARK_WORKER_UI_PORT": ports[8],
        "CASSANDRA_JMX_PORT": ports[12],
        "CASSANDRA_HEAP": "768m",
        "SPARK_EXECUTOR_MEMORY": "1g",
        "SPARK_DRIVER_MEMORY": "1g",
        "WORKERS": 2,
        "API_KEY": "test-key",
        "HOME": os.environ.get("HOME", str(folder)),
        **variables,
    }
    return Settings.from_env({name: str(value) for name, value in environ.items() if value is not None})


@pytest.fixture(scope="session")
def make_cluster_settings() -> Callable[..., Settings]:
    """`cluster_settings`, for tests that start a cluster of another form."""
    return cluster_settings


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The real Cassandra and the real Spark standalone cluster, one for all tests that need them.

    Its keyspace takes five seconds and more to make, so what cannot meet shares this one: a data set, song plays, a
    catalogue. Who publishes recommendations has one of its own.
    """
    settings = cluster_settings(tmp_path_factory.mktemp("cluster"))
    try:
        up(settings, ("cassandra", "spark"))
        yield settings
    finally:
        down(settings)


@pytest.fixture(scope="session")
def jobs(cluster: Settings) -> Iterator[SharedJobs]:
    """Runs jobs on the cluster in one application, for all tests that do not start theirs otherwise."""
    shared = SharedJobs(cluster)
    yield shared
    shared.end()


@pytest.fixture(autouse=True)
def all_cores(request: pytest.FixtureRequest) -> None:
    """For tests marked `alone`: end the application that others share."""
    if request.node.get_closest_marker("alone"):
        request.getfixturevalue("jobs").end()


@pytest.fixture(scope="session")
def movielens(request: pytest.FixtureRequest, real_movielens: Path | None) -> Path:
    """The real ml-latest-small, or on a machine without it the generated sample."""
    if real_movielens:
        return real_movielens
    cluster = request.getfixturevalue("cluster")
    sizes = ["--users", "200", "--movies", "1000", "--ratings", "15000"]
    assert request.getfixturevalue("jobs").submit(cluster, "generate_sample", sizes) == 0
    return cluster.data_dir / "raw" / "sample"


@pytest.fixture(scope="session")
def site(
    cluster: Settings,
    jobs: SharedJobs,
    movielens: Path,
    native_results: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """All steps of the pipeline have run, and the web app serves what they published."""
    own = dataclasses.replace(cluster, data_dir=tmp_path_factory.mktemp("site"), keyspace="recommender_site")
    apply(Contact.from_env(own.child_environ()))
    source = DataSource("movielens", movielens, generated=False)
    for step in learning(source):
        assert jobs.submit(own, step.name, step.flags) == 0
    up(own, ("web",))
    save_results(own, native_results)
    return own


@pytest.fixture(scope="session")
def native_results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file for `save_results`: the same in all processes of a test run, whichever of them has `site`."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "native-results.json"
