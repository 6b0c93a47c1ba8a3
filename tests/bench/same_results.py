"""What the jobs of a tree make of a MovieLens folder, as digests: run it on two trees, and compare what it prints.

Example: .venv/bin/python tests/bench/same_results.py --tree ../before --movielens ml-latest-small > before.json

Jobs run in local mode with tables of Parquet; rows are compared without the ids of their runs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

NOT_COMPARED = ("run_id", "record", "report")  # ids of runs, and texts that have them in it


def jobs(movielens: Path, tables: str) -> list[list[str]]:
    """The command line of each job, in their order."""
    stored = ["--tables", tables]
    return [
        ["preprocess_movielens", "--movielens", str(movielens), *stored],
        ["report_quality", *stored],
        ["report_drift", *stored],
        ["train_als"],
        ["publish_recommendations", *stored],
        ["detect_outliers", "--subject", "users", *stored],
        ["detect_anomalous_users", *stored],
        ["generate_catalogue"],
        ["build_catalogue", *stored],
        ["generate_songplays", "--songs", "300", "--listeners", "80", "--events", "20000", "--days", "40"],
        ["build_songplays", *stored],
    ]


def run_jobs(tree: Path, movielens: Path, root: Path) -> None:
    """Run every job of the tree with `root` for its data and its tables; ends with the first that fails."""
    local = {"SPARK_MASTER_URL": "local[2]", "SPARK_SHUFFLE_PARTITIONS": "8", "CASSANDRA_PORT": "1"}  # none listens
    environ = {**os.environ, **local, "PYTHONPATH": str(tree), "DATA_DIR": str(root / "data")}
    for job, *flags in jobs(movielens, f"parquet:{root / 'tables'}"):
        subprocess.run(
            [sys.executable, tree / "spark_jobs" / f"{job}.py", *flags],
            env=environ,
            cwd=tree,
            check=True,
            stdout=sys.stderr,
        )


def table(folder: Path) -> dict[str, Any]:
    """How many rows a table has, and a digest of them in an order of their own."""
    rows = ds.dataset(folder).to_table().to_pylist()
    lines = sorted(
        json.dumps({name: value for name, value in row.items() if name not in NOT_COMPARED}, default=str)
        for row in rows
    )
    return {"rows": len(lines), "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def record(path: Path) -> tuple[str, dict[str, Any]]:
    """What a run counted and measured, by its job."""
    run = json.loads(path.read_text(encoding="utf-8"))
    kept = {name: run[name] for name in ("status", "dataset_id", "counts", "metrics")}
    return f"record {run['job']}", kept


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path, default=Path(), help="the checkout whose jobs run (default: this one)")
    parser.add_argument("--movielens", type=Path, required=True, help="folder of the four files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        run_jobs(options.tree.resolve(), options.movielens.resolve(), root)
        tables = (path for path in (root / "tables").iterdir() if any(path.glob("*.parquet")))
        results = {f"table {path.name}": table(path) for path in tables}
        results |= dict(record(path) for path in sorted((root / "data" / "runs").glob("*.json")))
    print(json.dumps(results, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
