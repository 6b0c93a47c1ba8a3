"""What the native cluster made of a data set, for the tests of the containers, which may run in another process."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from cluster.settings import Settings

JOBS = ("preprocess_movielens", "report_quality", "train_als", "publish_recommendations")
USERS = range(1, 101)


def list_page(user: int) -> str:
    """The path of a user's long list."""
    return f"/api/v1/users/{user}/recommendations?limit=50"


def get_json(port: int, path: str) -> Any:
    """The JSON at a path of the site on this machine."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return json.load(answer)


def first_record(data_dir: Path, job: str) -> dict[str, Any]:
    """The record of the first run of a job under a DATA_DIR."""
    records = [json.loads(path.read_text()) for path in sorted((data_dir / "runs").glob("*.json"))]
    return next(record for record in records if record["job"] == job)


def save_results(site: Settings, path: Path) -> None:
    """Write the records of JOBS and the lists of USERS to a file that appears whole."""
    records = {job: first_record(site.data_dir, job) for job in JOBS}
    lists = [get_json(site.ports.web, list_page(user)) for user in USERS]
    staged = path.with_suffix(".new")
    staged.write_text(json.dumps({"records": records, "lists": lists}))
    staged.replace(path)
