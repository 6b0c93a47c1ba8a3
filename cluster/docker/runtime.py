"""The runtime of containers: what `make` does, said to Compose."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from cluster import interactions
from cluster.application import MODULE, Application
from cluster.docker.compose import PROFILES, Compose
from cluster.docker.env_file import DEFAULT_ID, write_env_file
from cluster.env_file import read_env_file
from cluster.errors import BadSetting, ClusterError
from cluster.locks import exclusive
from cluster.runtime import GROUPS, State, job_script
from cluster.settings import Settings
from cluster.variables.environment import Environment

CASSANDRA_IMAGE = "cassandra:5.0.8"  # as in docker-compose.yml
IMAGES = {"web": "scalable-recommender-web", "spark": "scalable-recommender-spark"}  # target: tag
BUILD_ARGS = ("BASE_IMAGE", "APP_UID", "APP_GID", "MLFLOW_TRACKING_URI")
DATA = Path("/data")  # DATA_DIR in the containers
PATH = re.compile(r"((?:[\w-]+[=:])?)(.*)", re.DOTALL)  # what comes before it, as in titles=/path or parquet:/path
HIGHEST_ID = 999_999_999
MASTER = "spark-master"  # where drivers run
IN_SCHEMA = ("run", "--rm", "--no-deps", "-T", "schema")  # the service, or a command in its place
# What jobs read that may be given for one call, too; what `.env` says of them the containers have had since `make up`.
OF_A_CALL = ("SIZE", "ALERT_WEBHOOK", "ALERT_ON", "ALERT_REPEAT_HOURS", "ALERT_EXIT", "MLFLOW_TRACKING_URI")
SECONDS = {"cassandra": 420.0, "spark": 120.0, "web": 120.0}


@dataclass(frozen=True)
class Docker:
    """The runtime of containers; for its methods see `Runtime`."""

    settings: Settings
    name: str = "docker"

    @property
    def data(self) -> Path:
        """See `Runtime`."""
        return DATA

    @cached_property
    def _compose(self) -> Compose:
        return Compose(self.settings)

    def prepare(self) -> None:
        """Write .env, build our two images, and pull Cassandra's."""
        write_env_file(self.settings)
        environ = self._environ()
        for target, usual in IMAGES.items():
            self._build(target, environ.get(f"{target.upper()}_IMAGE") or usual, environ)
        cassandra = environ.get("CASSANDRA_IMAGE") or CASSANDRA_IMAGE
        if not self._compose.has_image(cassandra):
            self._compose.docker("pull", cassandra)

    def _build(self, target: str, tag: str, environ: Mapping[str, str]) -> None:
        print(f"Image {tag} …", flush=True)
        args = [f"{name}={environ[name]}" for name in BUILD_ARGS if environ.get(name)]
        self._compose.docker(
            "build",
            # the first time takes minutes, and its progress is worth seeing
            *(["--quiet"] if self._compose.has_image(tag) else []),
            *(part for arg in args for part in ("--build-arg", arg)),
            *("-f", "cluster/docker/Dockerfile", "--target", target, "-t", tag, "."),
        )

    def up(self, services: Sequence[str] = GROUPS) -> None:
        """See `Runtime`."""
        write_env_file(self.settings)
        self._own_data_folder()
        with exclusive(self.settings.run_dir / "up.lock", "another `make up` or `make down`"):
            for group in GROUPS:
                if group in services:
                    self._start(group)
                if group == "cassandra" in services:
                    self.schema()
                    interactions.bring_back(self.settings.data_dir, self._interactions)

    def _start(self, group: str) -> None:
        # a worker registers with a master that answers, a node joins the one before it
        for service in self._services(group):
            print(f"{service} …", flush=True)
            self._compose.quietly(*self._profiles(), "up", "-d", "--no-deps", service)
            self._compose.wait_until_healthy([service], SECONDS[group])

    def _services(self, group: str) -> list[str]:
        if group == "cassandra":
            if self.settings.nodes not in (1, 3):
                raise BadSetting(
                    f"NODES={self.settings.nodes}: docker-compose.yml has one node of Cassandra, or three."
                )
            return ["cassandra", "cassandra-2", "cassandra-3"][: self.settings.nodes]
        return {"spark": ["spark-master", "spark-worker"], "web": ["web"]}[group]

    def _profiles(self) -> list[str]:
        return ["--profile", "three-nodes"] if self.settings.nodes > 1 else []

    def down(self, volumes: bool = False) -> None:
        """See `Runtime`."""
        profiles = [part for profile in PROFILES for part in ("--profile", profile)]
        with exclusive(self.settings.run_dir / "up.lock", "another `make up` or `make down`"):
            if volumes and (names := self._compose.volumes()):
                self._compose.call("stop", "web")  # so that nobody writes any more
                interactions.keep(
                    self.settings.data_dir,
                    self._interactions,
                    f"`make down`, then `docker volume rm {' '.join(names)}`",
                )
            self._compose.call(*profiles, "down", "--remove-orphans", *(["--volumes"] if volumes else []))

    def status(self) -> list[State]:
        """See `Runtime`."""
        return self._compose.states()

    def logs(self, service: str | None, follow: bool) -> int:
        """See `Runtime`."""
        args = ["logs", "--tail=50", *(["--follow"] if follow else []), *([service] if service else [])]
        return self._compose.call(*self._profiles(), *args)

    def scale(self) -> None:
        """See `Runtime`; a new worker has the size of the others, and the master with its jobs is left alone."""
        wanted = f"spark-worker={self.settings.workers}"
        with exclusive(self.settings.run_dir / "up.lock", "another `make up` or `make down`"):
            self._compose.quietly("up", "-d", "--no-deps", "--no-recreate", "--scale", wanted, "spark-worker")
            self._compose.wait_until_healthy(["spark-worker"], SECONDS["spark"])
        print(f"spark-worker: {self.settings.workers} running", flush=True)

    def schema(self) -> None:
        """See `Runtime`."""
        print(self._once(), flush=True)

    def rollback(self, kind: str) -> None:
        """See `Runtime`."""
        print(self._once("python", "-m", "cql.active", "rollback", "--kind", kind), flush=True)

    def _once(self, *command: str) -> str:
        """Run the service `schema`, or another command in its place; returns what it prints."""
        return self._compose.quietly(*IN_SCHEMA, *command)

    def _interactions(self, action: str, source: IO[str] | None, target: IO[str] | None) -> None:
        """Export or restore what people did at the site."""
        self._compose.between(source, target, *IN_SCHEMA, "python", "-m", interactions.MODULE, action)

    def submit(self, job: str, args: list[str], output: IO[str] | None = None) -> int:
        """See `Runtime`; paths under DATA_DIR are told as the containers see them."""
        script = f"/app/{job_script(self.settings, job)}"
        inside = self._inside(args)
        self._own_data_folder()  # what root has put there since `make up` the job could not read
        try:
            return self._compose.call(*self._driver(), "spark-submit", script, *inside, output=output)
        except KeyboardInterrupt:  # ends the client only
            self._end(script)
            raise

    def application(self) -> Application:
        """See `Runtime`; Ctrl-C ends the client only."""
        return Application(
            lambda: self._compose.pipe(*self._driver(), "python", "-m", MODULE),
            self._inside,
            lambda: self._end(MODULE),
        )

    def _driver(self) -> list[str]:
        """The beginning of a command in the master's container, without a terminal, that runs jobs."""
        settings, env_file = self.settings, read_env_file(self.settings.root / ".env")
        here = {name: settings.environ.get(name) for name in OF_A_CALL}
        given = {name: value for name, value in here.items() if value is not None and value != env_file.get(name)}
        for name, folder in (("CATALOGUE_DIR", settings.catalogue_dir), ("SONGS_DIR", settings.songs_dir)):
            if folder is not None:
                given[name] = str(DATA / settings.inside(folder).relative_to(settings.data_dir))
        told = [word for name, value in given.items() for word in ("-e", f"{name}={value}")]
        return ["exec", "-T", *told, MASTER]

    def _end(self, command: str) -> int:
        return self._compose.call("exec", "-T", MASTER, "pkill", "-f", command)

    def spark_sql(self, args: Sequence[str]) -> int:
        """See `Runtime`; in the master's container, which has Spark and the memory of a driver."""
        without_terminal = [] if sys.stdin.isatty() else ["-T"]
        return self._compose.call("exec", *without_terminal, MASTER, "spark-sql", *args)

    def _inside(self, args: Sequence[str]) -> list[str]:
        """Paths under DATA_DIR as the containers see them.

        Raises:
            ClusterError: a file or folder of this machine that they do not see.
        """
        return [self._seen(arg) for arg in args]

    def _seen(self, arg: str) -> str:
        match = PATH.fullmatch(arg)
        assert match
        before, text = match.groups()
        path = Path(os.path.normpath(self.settings.root / text))  # relative as natively: from the project's folder
        is_there = os.access(path, os.F_OK)  # False, too, for a text that is too long for a name
        if "/" not in text and not (is_there and path.is_file()):
            return arg
        if path.is_relative_to(self.settings.data_dir):
            return f"{before}{DATA / path.relative_to(self.settings.data_dir)}"
        if is_there and not path.is_relative_to(DATA):
            raise ClusterError(f"{path}: containers see DATA_DIR only. Copy it into {self.settings.data_dir} first.")
        return arg

    def clean(self, data: bool) -> None:
        """See `Runtime`."""
        if running := self._compose.containers():
            raise ClusterError(f"{', '.join(sorted({each.service for each in running}))} run(s): `make down` first.")
        for folder in [self.settings.run_dir, *([self.settings.data_dir] if data else [])]:
            if folder.exists():
                print(f"Removing {folder}", flush=True)
                shutil.rmtree(folder)

    def _environ(self) -> dict[str, str]:
        """The variables of `.env` as it is now, and of the environment, which wins."""
        return {**read_env_file(self.settings.root / ".env"), **os.environ}

    def _own_data_folder(self) -> None:
        """Make DATA_DIR, which the user in the containers must be able to write to.

        Only root can give it away, and only root need: anybody else's ids are those of the containers' user.
        """
        data = self.settings.data_dir
        data.mkdir(parents=True, exist_ok=True)
        if os.getuid() != 0:
            return
        environ = Environment(self._environ())
        owner = (
            environ.number("APP_UID", DEFAULT_ID, 0, HIGHEST_ID),
            environ.number("APP_GID", DEFAULT_ID, 0, HIGHEST_ID),
        )
        for path in [data, *(path for path in data.rglob("*") if not path.is_relative_to(data / "cassandra"))]:
            _give(path, owner)


def _give(path: Path, owner: tuple[int, int]) -> None:
    stat = path.lstat()
    if (stat.st_uid, stat.st_gid) != owner:
        os.chown(path, *owner, follow_symlinks=False)
