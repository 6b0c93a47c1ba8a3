"""A Spark SQL shell beside the cluster, with the star schema of the newest published song plays as views.

Example: make sql QUERY="SELECT level, count(*) FROM songplays GROUP BY level"
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from cluster.choose import choose
from cluster.errors import ClusterError, exit_with_message
from cluster.settings import Settings

VIEWS = ("songplays", "users", "songs", "artists", "time")
SCRIPT = ".views.sql"  # below DATA_DIR/songplays, which containers see as well
CONF = {
    "spark.sql.catalogImplementation": "in-memory",  # else a metastore is made in the current folder
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "8",  # one machine: Spark's 200 tasks take longer than a query
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",  # whatever the name of this machine resolves to
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.log.level": "ERROR",
}


def newest_star(data_dir: Path) -> Path:
    """The star schema of the run of build_songplays that was published last.

    Raises:
        ClusterError: there is none.
    """
    stars = sorted((data_dir / "songplays").glob("[!.]*/star"))
    if not stars:
        raise ClusterError(f"{data_dir / 'songplays'}: no song plays yet. Run `make job JOB=build_songplays`.")
    return stars[-1]


def views(star: Path) -> str:
    """The statements that register the views."""
    plain = re.sub(r"([\\\[\]{}*?])", r"\\\1", str(star))  # Spark takes a path for a pattern
    place = re.sub(r"([\\'])", r"\\\1", plain)
    return "".join(f"CREATE TEMPORARY VIEW {name} USING parquet OPTIONS (path '{place}/{name}');\n" for name in VIEWS)


def main() -> int:
    """Start the shell, or answer one query; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m cluster.commands.sql", description=__doc__)
    parser.add_argument("query", nargs="?", help="one statement; without it a shell")
    query, settings = parser.parse_args().query, Settings.from_env()
    runtime = choose(settings)
    star, script = newest_star(settings.data_dir), settings.data_dir / "songplays" / SCRIPT
    there = runtime.data / star.relative_to(settings.data_dir)
    script.write_text(views(there), encoding="utf-8")
    flags = [part for name, value in CONF.items() for part in ("--conf", f"{name}={value}")]
    shell = ["--master", "local[*]", *flags, "-i", str(runtime.data / script.relative_to(settings.data_dir))]
    return runtime.spark_sql([*shell, "-e", query] if query else shell)


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
