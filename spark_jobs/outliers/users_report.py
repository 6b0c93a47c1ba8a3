"""Report of detect_anomalous_users: two CSV files, a JSON report, words for the terminal, rows for Cassandra."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cql import TABLES
from domain.contract.files import write_json
from domain.contract.lights import Light
from domain.fakes.verdicts import CERTAIN, Verdict
from spark_jobs.outliers.flagged import ABOUT, ANOMALOUS, FAKE
from spark_jobs.outliers.isolation import Isolated
from spark_jobs.outliers.report import Outlier, strongest_reasons
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.record import Run

STATISTICS = "user_statistics_with_anomalies.csv"
BY_USER = "anomalies_by_user"
ISOLATED = "unusual-users"
SHOWN = {  # features of the two lists at /outliers
    FAKE: ["rating_count", "mean_rating", "mean_log_popularity", "list_evidence", "busiest_hour"],
    ISOLATED: ["rating_count", "mean_rating", "std_rating"],
}
EXPLAINED = {
    FAKE: "Genuine users choose movies with a chance that grows with how well known they are; made-up profiles draw"
    f" them from a list. The score is the evidence for a list in nats, negated. {CERTAIN:.0f} nats are enough to be"
    " flagged; less are when the user praises a movie that the suspects push together.",
    ISOLATED: "Isolation Forest over count, mean and standard deviation. It finds unusual people, not fake profiles:"
    " attackers look average.",
}
PRINTED = 20


def table(features: pd.DataFrame, isolated: Isolated, verdict: Verdict, movies: np.ndarray) -> pd.DataFrame:
    """One row a user by rising id: all features, what the forest says, what is known of fake profiles, the reasons."""
    pushed = pd.Series(np.append(movies, -1)[verdict.praises], dtype="Int64")
    of_fakes = pd.DataFrame(
        {
            "user_id": verdict.users,
            "list_evidence": verdict.evidence.nats,
            "list_share": verdict.evidence.pool,
            "pushed_movie_id": pushed.where(pushed >= 0),
            "fake_profile": verdict.flagged,
        }
    )
    users = features.merge(isolated.users, on="user_id").merge(of_fakes, on="user_id")
    users = users.sort_values("user_id", ignore_index=True)
    users["fake_reasons"] = [_fake_reasons(row) if row.fake_profile else [] for row in users.itertuples()]
    users["isolation_reasons"] = _isolation_reasons(users, isolated)
    return users


def _fake_reasons(row: Any) -> list[str]:
    pool = "all movies" if row.list_share == 1 else f"the best-known {row.list_share:.0%} of the movies"
    reasons = [f"{row.rating_count:.0f} movies look drawn from a list of {pool} ({row.list_evidence:.0f} nats)"]
    if not pd.isna(row.pushed_movie_id):
        reasons.append(f"gives the highest star to movie {row.pushed_movie_id}, which suspects push together")
    if row.busiest_hour >= row.rating_count / 2:
        reasons.append(f"{row.busiest_hour:.0f} of the ratings in one hour")
    return reasons


def _isolation_reasons(users: pd.DataFrame, isolated: Isolated) -> list[list[str]]:
    detector, flagged = isolated.detector, users["isolation_anomaly"].to_numpy()
    reasons: list[list[str]] = [[] for _ in range(len(users))]
    values = users.loc[flagged, list(detector.features)].to_numpy(dtype=float)
    for place, row, added in zip(np.flatnonzero(flagged), values, detector.contributions(values), strict=True):
        reasons[place] = list(strongest_reasons(detector, row, added))
    return reasons


def write(folder: Path, reports: Iterable[dict[str, Any]], users: pd.DataFrame) -> None:
    """Both CSV files and anomalous_users.json."""
    write_json(folder / ABOUT, {report["subject"]: report for report in reports})
    plain = users.drop(columns=["fake_reasons", "isolation_reasons"])
    plain.to_csv(folder / STATISTICS, index=False)
    anomalous = plain.assign(reason=_reasons(users).map("; ".join))[users["fake_profile"] | users["isolation_anomaly"]]
    anomalous.sort_values(["fake_profile", "list_evidence"], ascending=False).to_csv(folder / ANOMALOUS, index=False)


def _reasons(users: pd.DataFrame) -> pd.Series:
    """The reasons of both detectors, in words."""
    pairs = zip(users["fake_reasons"], users["isolation_reasons"], strict=True)
    return pd.Series(
        [[*fake, *(f"unusual: {reason}" for reason in unusual)] for fake, unusual in pairs], index=users.index
    )


def user_rows(run: Run, users: pd.DataFrame) -> pd.DataFrame:
    """Rows of the table anomalies_by_user, one for each user."""
    named = users.rename(columns={"isolation_anomaly": "unusual"})
    rows = named.assign(dataset_id=run.dataset_id, run_id=run.run_id, reasons=_reasons(users))
    return rows[list(TABLES[BY_USER].column_names)]


def summary(run: Run, subject: str, users: pd.DataFrame, **more: Any) -> dict[str, Any]:
    """The report of one of the two detectors, in the form of detect_outliers'."""
    flagged = int(users["fake_profile" if subject == FAKE else "isolation_anomaly"].sum())
    run.count(f"users.{subject}", flagged)
    return {
        "run_id": run.run_id,
        "generated": run.generated,
        "subject": subject,
        "dataset_id": run.dataset_id,
        "source": f"ratings of {run.dataset_id}",
        "row_is": "user id",
        "features": SHOWN[subject],
        "explanation": EXPLAINED[subject],
        "rows": len(users),
        "outliers": flagged,
        "sentence": f"{flagged:,} of {len(users):,} users are flagged",
        "verdict": Light.ACT if subject == FAKE and flagged else Light.GOOD,
        **more,
    }


def listed(users: pd.DataFrame, subject: str, top: int) -> list[Outlier]:
    """The first `top` users that a detector flags, as /outliers shows them."""
    if subject == FAKE:
        flagged = users[users["fake_profile"]]
        score, reasons = -flagged["list_evidence"], flagged["fake_reasons"]
    else:
        flagged = users[users["isolation_anomaly"]]
        score, reasons = flagged["isolation_score"], flagged["isolation_reasons"]
    first = flagged.assign(
        score=score, reasons=reasons
    )  # of these rows only: an empty frame takes the rows of a column
    first = first.sort_values(["score", "user_id"]).head(top)
    values = first[SHOWN[subject]].to_numpy(dtype=float).tolist()
    rows = zip(first["user_id"], first["score"], values, first["reasons"], strict=True)
    return [
        Outlier(place, str(user), float(score), tuple(row), tuple(reasons))
        for place, (user, score, row, reasons) in enumerate(rows, start=1)
    ]


def against_truth(users: pd.DataFrame, truth: Path) -> dict[str, float]:
    """Precision and recall of the flags, and the share of genuine users that are flagged.

    Raises:
        JobError: the file has no column user_id.
    """
    try:
        fakes = set(pd.read_csv(truth)["user_id"])
    except (KeyError, FileNotFoundError) as error:
        raise JobError(f"{truth}: must be a CSV file with a column user_id.") from error
    flagged, is_fake = users["fake_profile"], users["user_id"].isin(fakes)
    hits = int((flagged & is_fake).sum())
    precision, recall = hits / max(int(flagged.sum()), 1), hits / max(int(is_fake.sum()), 1)
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    genuine = int((flagged & ~is_fake).sum()) / max(int((~is_fake).sum()), 1)
    return {"f1": f1, "precision": precision, "recall": recall, "genuine_flagged": genuine}


def text(reports: Iterable[dict[str, Any]], users: pd.DataFrame) -> str:
    """The lists that the job prints above its verdicts."""
    lines = []
    for report in reports:
        lines.append(f"{report['subject']}:")
        lines += [
            f"  {outlier.row_id}: {'; '.join(outlier.reasons)}" for outlier in listed(users, report["subject"], PRINTED)
        ]
        for name, figures in report.get("searches", {}).items():
            lines.append(f"  {name}: " + ", ".join(f"{figure} {value:.4f}" for figure, value in figures.items()))
    return "\n".join(lines)
