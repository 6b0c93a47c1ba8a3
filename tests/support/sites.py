"""What a site answers and its jobs have recorded; kept in a file where tests in another process compare with it."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from cluster.settings import Settings

JOBS = ("preprocess_movielens", "report_quality", "train_als", "publish_recommendations")
USERS = range(1, 101)


def get_json(url: str, timeout: float = 30) -> Any:
    """The JSON at a URL; waits `timeout` seconds at most."""
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return json.load(answer)


def records(data_dir: Path, job: str) -> list[dict[str, Any]]:
    """The records of all runs of a job under a DATA_DIR, the first one first."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted((data_dir / "runs").glob("*.json"))]
    return [record for record in found if record["job"] == job]


def list_page(user: int) -> str:
    """The path of a user's long list."""
    return f"/api/v1/users/{user}/recommendations?limit=50"


def save_results(site: Settings, path: Path) -> None:
    """Write the first records of JOBS and the lists of USERS to a file that appears whole."""
    first = {job: records(site.data_dir, job)[0] for job in JOBS}
    lists = [get_json(site.web_address + list_page(user)) for user in USERS]
    staged = path.with_suffix(".new")
    staged.write_text(json.dumps({"records": first, "lists": lists}))
    staged.replace(path)
