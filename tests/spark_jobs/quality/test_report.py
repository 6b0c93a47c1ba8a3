"""Reports on quality: which earlier ones a new one is compared with."""

from __future__ import annotations

import json
from pathlib import Path

from spark_jobs.quality.report import FILE, earlier_reports
from spark_jobs.storage.paths import Paths


def test_history_counts_every_data_set_once_and_never_the_present_one(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    for run, dataset, rows in (("1", "a", 1.0), ("2", "a", 1.0), ("3", "b", 2.0), ("4", "now", 3.0), ("5", "c", 4.0)):
        paths.report(run).mkdir(parents=True)
        subject = "quality.other" if run == "5" else "quality"
        about = {
            "run_id": run,
            "dataset_id": dataset,
            "subject": subject,
            "verdict": "good",
            "metrics": {"t.rows": rows},
        }
        (paths.report(run) / FILE).write_text(json.dumps(about))
    found = earlier_reports(paths, "quality", {"t.rows": 3.0}, "now")
    assert [one["run_id"] for one in found] == ["2", "3"]
