"""The engine, and the cluster in containers: started once from a fresh copy of the project, as a user would."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pandas as pd
import pytest

from cluster.docker.runtime import IMAGES
from cluster.settings import Settings
from tests.compose.engine import NoEngine, docker_engine
from tests.compose.images import provide_base, provide_cassandra, run
from tests.compose.stack import Stack
from tests.support.example_env import documented_variables

ROOT = Path(__file__).resolve().parents[2]
# what a user's shell may have set and these tests choose, and what `make test` tells a make below it
OTHERS = documented_variables() | {"PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}


@pytest.fixture(scope="session")
def engine() -> Iterator[Mapping[str, str]]:
    """The environment with a Docker engine; without one these tests are skipped, in CI they fail."""
    try:
        with docker_engine() as environ:
            yield environ
    except NoEngine as reason:
        if os.environ.get("CI"):
            pytest.fail(f"the tests of the containers cannot run: {reason}")
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a clone would have, the uncommitted changes of this working copy included."""
    folder = tmp_path_factory.mktemp("clone")
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    packed = subprocess.run(["tar", "-c", "--null", "-T", "-"], cwd=ROOT, input=names, capture_output=True, check=True)
    subprocess.run(["tar", "-x"], cwd=folder, input=packed.stdout, check=True)
    return folder


def few_titles(netflix: Path, folder: Path) -> Path:
    """A hundred titles of the real catalogue, with their credits, in `folder`."""
    titles, credits = (pd.read_csv(netflix / f"{name}.csv", dtype=str) for name in ("titles", "credits"))
    few = titles.head(100)
    few.to_csv(folder / "titles.csv", index=False)
    credits[credits["id"].isin(few["id"])].to_csv(folder / "credits.csv", index=False)
    return folder


@pytest.fixture(scope="session")
def stack(
    engine: Mapping[str, str],
    project: Path,
    movielens: Path,
    netflix: Path,
    make_cluster_settings: Callable[..., Settings],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    """`make preprocess` has run in the copy with an empty home, RUNTIME unset; taken down at the end."""
    folder = tmp_path_factory.mktemp("images")
    provide_base(engine, folder)
    name = f"recommender-test-{os.getpid()}"
    images = {f"{target.upper()}_IMAGE": f"{tag}:{name}" for target, tag in IMAGES.items()}
    ports = make_cluster_settings(folder).ports
    home = tmp_path_factory.mktemp("home")
    environ = {
        **{name: value for name, value in engine.items() if name not in OTHERS},
        **images,
        "HOME": str(home),
        "COMPOSE_PROJECT_NAME": name,
        "MOVIELENS_DIR": str(movielens),
        "CATALOGUE_DIR": str(few_titles(netflix, tmp_path_factory.mktemp("few"))),
        "LAB": "0",  # tests/cluster/test_lab_on_cluster.py runs its steps
        "WEB_PORT": str(ports.web),
        "SPARK_MASTER_UI_PORT": str(ports.master_ui),
        "SPARK_HISTORY_PORT": str(ports.worker_ui),
        "CASSANDRA_HEAP": "768m",
        "SPARK_EXECUTOR_MEMORY": "1g",
        "SPARK_DRIVER_MEMORY": "1g",
    }
    found = Stack(project, environ, name, ports.web)
    spark = images["SPARK_IMAGE"]
    dockerfile = ["-f", "cluster/docker/Dockerfile", "--target", "spark"]
    run(["docker", "build", *dockerfile, "-t", spark, "."], environ, project)
    environ["CASSANDRA_IMAGE"] = provide_cassandra(environ, folder, make_cluster_settings(folder), spark)
    # JVMs as all of the tests', see tests/conftest.py, and less waiting; Compose reads this file itself (JSON is YAML)
    often = {"healthcheck": {"interval": "3s"}}
    compile_simply = {**often, "environment": {"JDK_JAVA_OPTIONS": os.environ["JDK_JAVA_OPTIONS"]}}
    services = {**dict.fromkeys(("cassandra", "spark-master", "spark-worker"), compile_simply), "web": often}
    (project / "docker-compose.override.yml").write_text(json.dumps({"services": services}))
    try:
        (project / "preprocess.log").write_text(found.make("preprocess"))
        yield found
    finally:
        found.make("down", "VOLUMES=1")
        subprocess.run(["docker", "image", "rm", "-f", *images.values()], env=environ, capture_output=True)
