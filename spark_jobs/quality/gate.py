"""The verdict on the cleaned data, kept beside them: cleaning anew takes it away with the data it was about."""

from __future__ import annotations

import json
import logging
from typing import Any

from domain.contract.files import write_json
from spark_jobs.quality.rules import Rules
from spark_jobs.storage.errors import Refused
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.record import Run

log = logging.getLogger(__name__)

VERDICT = "quality.json"
OVERRIDE = (
    "Mend the data and clean them again, or change spark_jobs/quality.yaml where a rule does not fit (report_quality"
    " --rules FILE tries others out). To train all the same: train_als --unvalidated, or UNVALIDATED=1 make preprocess."
)


def save(paths: Paths, verdict: dict[str, Any]) -> None:
    """Keep the verdict: dataset_id, run_id, verdict (good, watch or act), rules, errors (sentences)."""
    write_json(paths.clean / VERDICT, verdict)


def load(paths: Paths, dataset_id: str) -> dict[str, Any] | None:
    """The newest verdict on the cleaned data set, None before the first."""
    try:
        verdict = json.loads((paths.clean / VERDICT).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return dict(verdict) if verdict["dataset_id"] == dataset_id else None


def advice(dataset_id: str | None, rules: Rules) -> str:
    """What to do about errors: in the cleaned data, in a trial of other rules on them, in a table of the user's own."""
    if dataset_id and rules.is_default:
        return OVERRIDE
    if dataset_id:
        return f"Mend the data and clean them again, or change {rules.source}, a trial that train_als does not ask."
    mend = f"Mend the table, or change {rules.source} where a rule does not fit"
    return f"{mend}; report_quality --only-report refuses nothing."


def refusal(dataset_id: str | None, errors: list[str], what_to_do: str = OVERRIDE) -> Refused:
    """The error that stops a run, with the checks that failed."""
    few = "; ".join(errors[:5]) + (f"; and {len(errors) - 5} more" if len(errors) > 5 else "")
    whose = f" of {dataset_id}" if dataset_id else ""
    return Refused(f"{len(errors)} quality check{'s' * (len(errors) > 1)}{whose} failed: {few}. {what_to_do}")


def require(run: Run, unvalidated: bool) -> None:
    """Return when the run may learn from the cleaned data set; what its record says of them is their verdict.

    Raises:
        Refused: the newest report has errors, and the run does not say `unvalidated`.
    """
    verdict = load(run.paths, run.dataset_id or "")
    run.fact("quality", verdict and {"run_id": verdict["run_id"], "verdict": verdict["verdict"]})
    if verdict is None:
        log.warning("%s was not validated: report_quality has not run on it.", run.dataset_id)
    elif verdict["errors"]:
        if not unvalidated:
            raise refusal(run.dataset_id, verdict["errors"])
        log.warning("Learning from data that failed %d quality checks: --unvalidated.", len(verdict["errors"]))
