"""Start, stop and watch the cluster, in the runtime that RUNTIME names or that this machine can do.

Examples:
  python -m cluster up --only cassandra,spark
  python -m cluster logs spark-master -f
  python -m cluster submit train_als --rank 64
"""

from __future__ import annotations

import argparse
import sys

from cluster.choose import choose
from cluster.commands.login import login, sign_in_line
from cluster.env_file import doubtful
from cluster.errors import exit_with_message
from cluster.runtime import GROUPS, RUNNING, Runtime
from cluster.settings import Settings
from cql.kinds import KIND_NAMES, Kind


def main() -> int:
    """The command line; returns the exit code."""
    options = _parser().parse_args()
    settings = Settings.from_env()
    runtime = choose(settings)
    if options.command == "prepare" or (options.command == "up" and options.only == GROUPS):  # not twice in a setup
        for doubt in doubtful(settings.root / ".env"):
            print(f"WARNING {doubt}", file=sys.stderr)
    match options.command:
        case "prepare":
            runtime.prepare()
        case "up":
            print(f"Runtime: {runtime.name}", flush=True)
            runtime.up(options.only)
            if "web" in options.only:
                print(sign_in_line(settings), flush=True)
        case "scale":
            runtime.scale()
        case "down":
            runtime.down(options.volumes)
        case "status":
            return 0 if _print_status(runtime, settings) or options.exit_zero else 1
        case "login":
            login(settings)
        case "logs":
            return runtime.logs(options.service, options.follow)
        case "schema":
            runtime.schema()
        case "rollback":
            runtime.rollback(options.kind)
        case "clean":
            runtime.clean(options.data)
        case "submit":
            return runtime.submit(options.job, options.args)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cluster", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="fetch the jars, or build the images")
    command = commands.add_parser("up", help="start what does not run, wait until it is ready, apply the schema")
    command.add_argument("--only", type=_groups, default=GROUPS, help="some of cassandra,spark,web")
    commands.add_parser("scale", help="as many Spark workers as WORKERS says")
    command = commands.add_parser("down", help="stop everything; nothing is lost")
    command.add_argument("--volumes", action="store_true", help="remove what Cassandra stored, too")
    command = commands.add_parser("status", help="show the services; exit code 1 unless all of them run")
    command.add_argument("--exit-zero", action="store_true", help="exit code 0 whatever runs, as of `make status`")
    commands.add_parser("login", help="print an address that signs a browser in, once, within an hour")
    command = commands.add_parser("logs", help="show the end of the logs")
    command.add_argument("service", nargs="?", help="one service, e.g. cassandra-1 (default: all)")
    command.add_argument("-f", "--follow", action="store_true", help="go on as lines are written")
    commands.add_parser("schema", help="create missing tables and compare the others with cql/tables")
    command = commands.add_parser("rollback", help="serve the run that was published before")
    command.add_argument("--kind", choices=KIND_NAMES, default=Kind.RECOMMENDATIONS.value, help="default: %(default)s")
    command = commands.add_parser("clean", help="remove logs and generated files of a cluster that is down")
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


def _print_status(runtime: Runtime, settings: Settings) -> bool:
    """Print a table of the services; returns whether there are any and all of them run."""
    rows = runtime.status()
    print(f"Runtime: {runtime.name}")
    if not rows:
        print("Nothing runs. `make up` starts the cluster.")
        return False
    addresses = {row.service: _shown(row.address, settings) for row in rows}
    wide, address = max(len(row.service) for row in rows), max(map(len, addresses.values()))
    print(f"{'service':<{wide}}  {'process':>12}  {'address':<{address}}  state")
    for row in rows:
        print(f"{row.service:<{wide}}  {row.process:>12}  {addresses[row.service]:<{address}}  {row.state}")
    return all(row.state == RUNNING for row in rows)


def _shown(address: str, settings: Settings) -> str:
    """An address to open in a browser where it has a page; that of Spark's master is beside the one for jobs."""
    host, _, port = address.rpartition(":")
    ports = settings.ports
    pages = {ports.web, ports.master_ui, *range(ports.worker_ui, ports.worker_ui + settings.workers)}
    if port.isdecimal() and int(port) in pages:
        return f"http://{address}"
    return f"http://{host}:{ports.master_ui} (jobs: {address})" if port == str(ports.master) else address


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
