"""The process from which Spark forks its Python workers (`spark.python.daemon.module`), with three delays less.

Archives: Spark puts pyspark.zip and its own jar in front of the path of its workers, and a worker refreshes the import
caches with every task, which since Python 3.10 means that the archives' tables of contents are read again. The packages
are installed as files here, so nothing is missing without them.

Acknowledgements: Spark sends a task in several small writes on a socket with Nagle's algorithm, so that the second one
waits until the first is acknowledged, which Linux puts off by 40 ms on a connection that has answered before.

Imports: every worker needs pandas and Arrow, for which it takes longer than for most tasks. Forked from a process that
has imported them, it has them, too.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import BinaryIO

ARCHIVES = (".zip", ".jar")
NEEDED = ("pandas", "pyarrow")  # PySpark itself comes with its daemon
Worker = Callable[[BinaryIO, BinaryIO], None]  # runs one task, from and to Spark


def leave_out_archives() -> None:
    """Take the archives from this process's import path, and from the caches that a refresh would read again."""
    sys.path[:] = [entry for entry in sys.path if not entry.endswith(ARCHIVES)]
    for archive in [entry for entry in sys.path_importer_cache if entry.endswith(ARCHIVES)]:
        del sys.path_importer_cache[archive]


def acknowledging_at_once(worker: Worker) -> Worker:
    """`worker`, for a task whose parts are acknowledged as they come; Linux forgets the wish after some packets."""

    @wraps(worker)
    def run(infile: BinaryIO, outfile: BinaryIO) -> None:
        with socket.fromfd(infile.fileno(), socket.AF_INET, socket.SOCK_STREAM) as same:
            same.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        worker(infile, outfile)

    return run


if __name__ == "__main__":
    leave_out_archives()
    for name in NEEDED:
        import_module(name)
    from pyspark import daemon

    daemon.worker_main = acknowledging_at_once(daemon.worker_main)
    daemon.manager()
