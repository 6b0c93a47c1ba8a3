"""Users whom the newest report of detect_anomalous_users flags, for jobs that leave them out."""

from __future__ import annotations

import json

import pandas as pd

from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths

ANOMALOUS, ABOUT = "anomalous_users.csv", "anomalous_users.json"
FAKE = "fake-profiles"  # the subject of the report on them


def fake_users(paths: Paths, dataset_id: str) -> list[int]:
    """Users that the newest report on the data set's fake profiles flags.

    Raises:
        JobError: there is no report.
    """
    for about in sorted(paths.report("x").parent.glob(f"[!.]*/{ABOUT}"), reverse=True):
        if json.loads(about.read_text(encoding="utf-8"))[FAKE]["dataset_id"] == dataset_id:
            users = pd.read_csv(about.with_name(ANOMALOUS), usecols=["user_id", "fake_profile"])
            return [int(user) for user in users.loc[users["fake_profile"], "user_id"]]
    raise JobError(f"No report on fake profiles of {dataset_id}: run detect_anomalous_users first.")
