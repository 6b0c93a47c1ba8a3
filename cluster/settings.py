"""Everything that can be chosen about a cluster, read once from the environment and `.env`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cluster.env_file import read_env_file
from cluster.errors import BadSetting
from cluster.variables.environment import Environment
from cluster.variables.memory import Memory
from domain.contract.movielens import Scale
from domain.contract.spark_environment import of_this_machine

ROOT = Path(__file__).resolve().parent.parent
RUNTIMES = ("docker", "native")
SIZES = ("s", "f", "sample")


@dataclass(frozen=True)
class Ports:
    """TCP ports of a cluster; `.env.example` names the variable of each."""

    web: int
    cql: int
    storage: int
    jmx: int  # of node 1; node n has jmx + n - 1
    master: int
    master_ui: int
    worker_ui: int  # of worker 1; worker n has worker_ui + n - 1


@dataclass(frozen=True)
class Settings:
    """What one cluster is made of.

    `environ` holds the variables that this was read from (`.env` below the environment), so that a child process
    sees the same choices.
    """

    root: Path
    runtime: str | None  # None: not chosen by the user
    size: str
    data_dir: Path
    run_dir: Path
    cache_dir: Path
    movielens_dir: Path | None
    scale: Scale  # of the ratings
    catalogue_dir: Path | None
    songs_dir: Path | None
    workers: int
    worker_cores: int
    nodes: int
    hosts: tuple[str, ...]
    keyspace: str
    replication: int
    username: str | None
    password: str | None = field(repr=False)
    master_url: str
    ports: Ports
    memory: Memory
    unvalidated: bool  # go on with data that failed quality checks
    lab: bool  # report on outliers and drift when the site is up
    environ: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, root: Path = ROOT) -> Settings:
        """Read the settings; `environ` (default: os.environ) wins over `root`/.env.

        Raises:
            BadSetting: a variable holds something else than is allowed; the message names it.
        """
        own = os.environ if environ is None else environ
        env = Environment({**read_env_file(root / ".env", own), **own})
        nodes = env.number("NODES", 1, 1, 9)
        workers = env.number("WORKERS", 2, 1, 64)
        hosts, cql_port = env.cassandra(node_addresses(nodes))
        ports = _ports(env, cql_port)
        return cls(
            root=root,
            runtime=env.choice("RUNTIME", None, RUNTIMES),
            size=env.choice("SIZE", "s", SIZES) or "s",
            data_dir=env.path("DATA_DIR", root / "data", root),
            run_dir=env.path("RUN_DIR", root / ".run", root),
            cache_dir=env.path("CACHE_DIR", _user_cache(env), root),
            movielens_dir=env.path("MOVIELENS_DIR", root, Path.cwd()) if env.values.get("MOVIELENS_DIR") else None,
            scale=env.scale("MOVIELENS_SCALE"),
            songs_dir=env.path("SONGS_DIR", root, Path.cwd()) if env.values.get("SONGS_DIR") else None,
            catalogue_dir=env.path("CATALOGUE_DIR", root, Path.cwd()) if env.values.get("CATALOGUE_DIR") else None,
            workers=workers,
            worker_cores=env.number("SPARK_WORKER_CORES", max(1, (os.cpu_count() or 1) // workers), 1, 1024),
            nodes=nodes,
            hosts=hosts,
            keyspace=env.name("CASSANDRA_KEYSPACE", "recommender"),
            replication=env.number("CASSANDRA_REPLICATION", nodes, 1, 9),
            username=env.values.get("CASSANDRA_USERNAME") or None,
            password=env.values.get("CASSANDRA_PASSWORD") or None,
            master_url=env.master(f"spark://127.0.0.1:{ports.master}"),
            ports=ports,
            memory=Memory.from_env(env, workers),
            unvalidated=env.choice("UNVALIDATED", "0", ("0", "1")) == "1",
            lab=env.choice("LAB", "1", ("0", "1")) == "1",
            environ=env.values,
        )

    @property
    def starts_cassandra(self) -> bool:
        """Whether Cassandra is ours to start: not when CASSANDRA_HOSTS names another machine."""
        return set(self.hosts) <= {*node_addresses(self.nodes), "localhost"}

    @property
    def starts_spark(self) -> bool:
        """Whether Spark is ours to start: not when SPARK_MASTER_URL names another master."""
        return self.master_url == f"spark://127.0.0.1:{self.ports.master}"

    @property
    def shuffle_partitions(self) -> int:
        """Partitions of Spark's shuffles: some tasks for each core, so that the last one is short."""
        return max(8, 4 * self.workers * self.worker_cores)

    @property
    def web_address(self) -> str:
        """Where a browser on this machine finds the site."""
        return f"http://127.0.0.1:{self.ports.web}"

    def inside(self, folder: Path) -> Path:
        """A folder of the user's where containers see it: under DATA_DIR, to which it is copied if it is elsewhere."""
        return folder if folder.is_relative_to(self.data_dir) else self.data_dir / "raw" / "copied" / folder.name

    def child_environ(self) -> dict[str, str]:
        """The environment of a process of the cluster: the caller's, `.env`, and every choice that has a default."""
        chosen = {
            "DATA_DIR": str(self.data_dir),
            "RUN_DIR": str(self.run_dir),
            "CASSANDRA_HOSTS": ",".join(self.hosts),
            "CASSANDRA_PORT": str(self.ports.cql),
            "CASSANDRA_KEYSPACE": self.keyspace,
            "CASSANDRA_REPLICATION": str(self.replication),
            "SPARK_MASTER_URL": self.master_url,
            "WEB_PORT": str(self.ports.web),
            "PYTHONPATH": str(self.root),
            "PYTHONUNBUFFERED": "1",
        }
        given = {**os.environ, **self.environ}
        return {**given, **of_this_machine(given), **chosen}


def node_addresses(nodes: int) -> tuple[str, ...]:
    """127.0.0.1 … 127.0.0.<nodes>: Linux answers on all of 127/8 without any set-up."""
    return tuple(f"127.0.0.{n}" for n in range(1, nodes + 1))


def _ports(env: Environment, cql_port: int) -> Ports:
    ports = Ports(
        web=env.port("WEB_PORT", 5000),
        cql=cql_port,
        storage=env.port("CASSANDRA_STORAGE_PORT", 7000),
        jmx=env.port("CASSANDRA_JMX_PORT", 7199),
        master=env.port("SPARK_MASTER_PORT", 7077),
        master_ui=env.port("SPARK_MASTER_UI_PORT", 8080),
        worker_ui=env.port("SPARK_WORKER_UI_PORT", 8081),
    )
    values = list(vars(ports).values())
    if twice := sorted({port for port in values if values.count(port) > 1}):
        raise BadSetting(f"Port {twice[0]} is given to two services: see the …_PORT variables in .env.example.")
    return ports


def _user_cache(env: Environment) -> Path:
    """The folder of caches of the user, who need not have one where CACHE_DIR is given."""
    if env.values.get("CACHE_DIR"):
        return Path()
    given = env.values.get("XDG_CACHE_HOME")
    folder = (
        env.path("XDG_CACHE_HOME", Path(), Path.cwd()) if given else env.home("CACHE_DIR or XDG_CACHE_HOME") / ".cache"
    )
    return folder / "scalable-recommender"
