"""Bring the whole cluster up and down as local processes, and say which of them run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import IO

from cluster.errors import BadSetting, ClusterError
from cluster.interactions import MODULE, bring_back, keep, run_between
from cluster.locks import exclusive
from cluster.native import cassandra, spark, web
from cluster.native.process import Processes
from cluster.native.service import Service, accepts, bring_up
from cluster.runtime import GROUPS, RUNNING, State
from cluster.settings import Settings

# Cassandra writes its memtables to disk when it is asked to end; full ones take a while on a slow disk
STOP_SECONDS = {"web": 15.0, "spark": 20.0, "cassandra": 90.0}


def up(settings: Settings, services: Sequence[str] = GROUPS) -> None:
    """Start the groups of services that do not run, wait until they are ready, and apply the schema.

    Running services are left alone and dead ones are started again, so it can be repeated.

    Raises:
        ClusterError: a port is busy, a service does not come up, or the schema differs.
    """
    refuse_paths(settings)
    processes = Processes(settings.run_dir)
    with exclusive(settings.run_dir / "up.lock", "another `make up` or `make down`"):
        if "cassandra" in services:
            if settings.starts_cassandra:
                _start(processes, cassandra.services(settings))
            apply_schema(settings)
            bring_back(settings.data_dir, partial(_interactions, settings))
        if "spark" in services:
            wanted = spark.services(settings) if settings.starts_spark else []
            _stop_surplus(processes, wanted)
            _start(processes, wanted)
            spark.write_config(settings)
        if "web" in services:
            _start(processes, web.services(settings))


def refuse_paths(settings: Settings) -> None:
    """Refuse folders whose names Java and Spark cannot be told: signs that end a folder in their lists of folders.

    Raises:
        BadSetting: there is such a folder; the message names it and the sign.
    """
    folders = (("The project", settings.root, ":"), ("RUN_DIR", settings.run_dir, ":,"))
    for what, folder, signs in (*folders, ("CACHE_DIR", settings.cache_dir, ":=")):
        for sign in signs:
            if sign in str(folder):
                raise BadSetting(f"{what} lies in {folder}, but Java or Spark end a folder's name at {sign}: move it.")


def _start(processes: Processes, services: Sequence[Service]) -> None:
    for service in services:
        running = processes.pid(service.name)
        if running and _is_changed(processes, service):
            print(f"{service.name}: its settings changed", flush=True)
            processes.stop([service.name], STOP_SECONDS[service.group])
            running = None
        print(f"{service.name}: {'runs' if running else 'starting'} on {service.host}:{service.port}", flush=True)
        bring_up(processes, service)


def _is_changed(processes: Processes, service: Service) -> bool:
    """Whether a running service would be started otherwise now.

    Cassandra is left alone: its command names its data folder, and a server is not moved by an environment variable.
    """
    if service.group == "cassandra":
        return False
    wanted = (service.host, service.port), [str(part) for part in service.command], service.choices
    return processes.started_with(service.name) != wanted


def _stop_surplus(processes: Processes, wanted: Sequence[Service]) -> None:
    """Stop workers beyond those wanted: jobs are cut to fit these."""
    names = {service.name for service in wanted}
    surplus = [name for name in processes.names() if name.startswith("spark-worker-") and name not in names]
    for name in surplus:
        print(f"{name}: no longer wanted", flush=True)
    processes.stop(surplus, STOP_SECONDS["spark"])


def apply_schema(settings: Settings) -> None:
    """Create the keyspace and the tables that are missing, and compare the rest.

    Raises:
        ClusterError: Cassandra does not answer, or the live tables differ; the message lists how.
    """
    run_module(settings, "cql.apply")


def run_module(settings: Settings, module: str, *args: str) -> None:
    """Run `python -m module` with the environment of the cluster, and print what it says.

    Raises:
        ClusterError: it failed; the message is its own.
    """
    command = [sys.executable, "-m", module, *args]
    answer = subprocess.run(
        command, env=settings.child_environ(), cwd=settings.root, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise ClusterError(answer.stderr.strip().removeprefix("ERROR ") or f"{module} failed.")
    print(answer.stdout.strip(), flush=True)


def _interactions(settings: Settings, action: str, source: IO[str] | None, target: IO[str] | None) -> None:
    """Export or restore what people did at the site."""
    if action == "export" and not settings.starts_cassandra:
        raise ClusterError("CASSANDRA_HOSTS names another Cassandra than the one of these files.")
    command = [sys.executable, "-m", MODULE, action]
    if said := run_between(command, settings.root, settings.child_environ(), source, target):
        raise ClusterError(said.removeprefix("ERROR "))


def down(settings: Settings, volumes: bool = False) -> None:
    """Stop everything that `up` started, the site first; Cassandra writes all it has to disk.

    With `volumes` Cassandra's files are removed then, all but what people did at the site.

    Raises:
        ClusterError: that could not be kept, and nothing is removed.
    """
    processes = Processes(settings.run_dir)
    with exclusive(settings.run_dir / "up.lock", "another `make up` or `make down`"):
        for group in reversed(GROUPS):
            if group == "cassandra" and volumes and cassandra.has_interactions(settings):
                keep(settings.data_dir, partial(_interactions, settings), f"remove {cassandra.home(settings)}")
            names = [name for name in processes.names() if name.split("-")[0] == group]
            killed = processes.stop(names, STOP_SECONDS[group])
            for name in names:
                print(f"{name}: {'did not end in time and was killed' if name in killed else 'stopped'}", flush=True)
        if volumes:
            _remove(cassandra.home(settings))


def clean(settings: Settings, data: bool) -> None:
    """Remove the run folder, and with `data` the data folder.

    Raises:
        ClusterError: something of the cluster runs.
    """
    processes = Processes(settings.run_dir)
    if running := [name for name in processes.names() if processes.pid(name)]:
        raise ClusterError(f"{', '.join(running)} run(s): `make down` first.")
    for folder in [settings.run_dir, *([settings.data_dir] if data else [])]:
        _remove(folder)


def _remove(folder: Path) -> None:
    if folder.exists():
        print(f"Removing {folder}", flush=True)
        shutil.rmtree(folder)


def print_logs(settings: Settings, service: str | None, follow: bool) -> int:
    """Print the end of one log, or of all; returns the exit code.

    Raises:
        ClusterError: there is no such log.
    """
    folder = Processes(settings.run_dir).log("any").parent
    logs = sorted(folder.glob(f"{service or '*'}.log"))
    if not logs:
        logged = ", ".join(path.stem for path in sorted(folder.glob("*.log"))) or "none yet"
        raise ClusterError(f"There is no log of {service or 'any service'} in {folder}. Logs: {logged}.")
    return subprocess.run(["tail", "-n", "50", *(["-f"] if follow else []), *logs], check=False).returncode


def status(settings: Settings) -> list[State]:
    """Each process that was started and not stopped."""
    processes = Processes(settings.run_dir)
    return [_state(processes, name) for name in processes.names()]


def _state(processes: Processes, name: str) -> State:
    host, port = processes.address(name)
    pid = processes.pid(name)
    running = RUNNING if pid and accepts(host, port) else "not answering"
    return State(name, str(pid or "-"), f"{host}:{port}", running if pid else "dead")
