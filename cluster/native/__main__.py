"""Start, stop and watch the cluster as local processes.

Examples:
  python -m cluster.native up --only cassandra,spark
  python -m cluster.native logs spark-master -f
  python -m cluster.native submit train_als --rank 64
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from cluster.errors import ClusterError, exit_with_message
from cluster.native import down, status, submit, up
from cluster.native.lifecycle import GROUPS, apply_schema, clean, run_module
from cluster.native.process import Processes
from cluster.runtime import choose
from cluster.settings import Settings


def main() -> int:
    """The command line; returns the exit code."""
    options = _parser().parse_args()
    settings = Settings.from_env()
    choose(settings)  # an error when the user asked for another runtime
    match options.command:
        case "up":
            up(settings, options.only)
        case "down":
            down(settings)
        case "status":
            return _print_status(settings)
        case "logs":
            return _print_logs(settings, options.service, options.follow)
        case "schema":
            apply_schema(settings)
        case "rollback":
            run_module(settings, "cql.active", "rollback")
        case "clean":
            clean(settings, options.data)
        case "submit":
            return submit(settings, options.job, options.args)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cluster.native", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("up", help="start what does not run, wait until it is ready, apply the schema")
    command.add_argument("--only", type=_groups, default=GROUPS, help="some of cassandra,spark,web")
    commands.add_parser("down", help="stop everything; nothing is lost")
    commands.add_parser("status", help="show the processes; exit code 1 unless all of them run")
    command = commands.add_parser("logs", help="show the end of the logs")
    command.add_argument("service", nargs="?", help="one service, e.g. cassandra-1 (default: all)")
    command.add_argument("-f", "--follow", action="store_true", help="go on as lines are written")
    commands.add_parser("schema", help="create missing tables and compare the others with cql/tables")
    commands.add_parser("rollback", help="serve the run that was published before")
    command = commands.add_parser("clean", help="remove logs and pid files of a cluster that is down")
    command.add_argument("--data", action="store_true", help="the data folder too")
    command = commands.add_parser("submit", help="run a job of spark_jobs on the cluster")
    command.add_argument("job")
    command.add_argument("args", nargs=argparse.REMAINDER)
    return parser


def _groups(text: str) -> tuple[str, ...]:
    groups = tuple(text.split(","))
    if not set(groups) <= set(GROUPS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of {', '.join(GROUPS)}")
    return groups


def _print_status(settings: Settings) -> int:
    rows = status(settings)
    if not rows:
        print("Nothing runs. `make up` starts the cluster.")
        return 1
    print(f"{'service':<18} {'pid':>8}  {'address':<16} state")
    for row in rows:
        print(f"{row.service:<18} {row.pid or '-':>8}  {row.address:<16} {row.state}")
    return 0 if all(row.state == "running" for row in rows) else 1


def _print_logs(settings: Settings, service: str | None, follow: bool) -> int:
    folder = Processes(settings.run_dir).log("any").parent
    logs = sorted(folder.glob(f"{service or '*'}.log"))
    if not logs:
        known = ", ".join(path.stem for path in sorted(folder.glob("*.log"))) or "none yet"
        raise ClusterError(f"There is no log of {service or 'any service'} in {folder}. Logs: {known}.")
    return subprocess.run(["tail", "-n", "50", *(["-f"] if follow else []), *logs], check=False).returncode


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
