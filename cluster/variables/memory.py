"""How much memory each process of a cluster on one machine gets."""

from __future__ import annotations

import os
from dataclasses import dataclass

from cluster.variables.environment import Environment


@dataclass(frozen=True)
class Memory:
    """Java heaps in MiB.

    What the heaps do not take is for Cassandra off its heap (about 600 MiB a node), Spark's own daemons, the Python
    workers, gunicorn and, most of all, the page cache that Cassandra reads through.
    """

    cassandra: int  # of each node
    executor: int  # of each worker's executor
    driver: int

    @classmethod
    def from_env(cls, env: Environment, workers: int, total: int | None = None) -> Memory:
        """The sizes that the environment names, or those that suit a machine with `total` MiB (default: this one).

        8 GiB and 2 workers give 768 + 2 × 1024 + 1024; 24 GiB give 1024 + 2 × 5120 + 3413.
        """
        total = total or machine_memory()
        spare = max(0, total - 4 * 1024)  # 4 GiB stay with the system and the processes that are not counted here
        return cls(
            cassandra=env.mebibytes("CASSANDRA_HEAP", 1024 if total > 12 * 1024 else 768),
            executor=env.mebibytes("SPARK_EXECUTOR_MEMORY", max(768, spare // 2 // workers)),
            driver=env.mebibytes("SPARK_DRIVER_MEMORY", min(4096, max(1024, spare // 6))),
        )


def machine_memory() -> int:
    """Physical memory in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
