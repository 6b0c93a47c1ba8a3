"""A report on quality: its form as JSON, its figures, its words, and what earlier ones said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plotly.offline import get_plotlyjs

from domain.contract.lights import Outcome, worst
from domain.contract.report_files import files_of
from domain.statistics.column_figures import profile
from spark_jobs.quality.checks import Check, Measured
from spark_jobs.quality.figures import quality_figures
from spark_jobs.quality.rules import Rules
from spark_jobs.storage.paths import Paths
from spark_jobs.storage.text_table import aligned

FILE = "quality.json"
REMEMBERED = 30  # earlier reports
PRINTED = 20
Report = dict[str, Any]


def quality_report(
    about: Mapping[str, Any],
    tables: Sequence[tuple[Measured, dict[str, Any] | None]],
    checks: Sequence[Check],
    figures: Mapping[str, float],
    earlier: Sequence[Report],
    rules: Rules,
) -> Report:
    """The report as JSON; with a table comes what cleaning rejected.

    `about` has run_id, dataset_id, generated, subject and as_of.
    """
    in_order = sorted(checks, key=lambda check: list(Outcome).index(check.status))
    verdict = worst(check.status.light for check in checks)
    report = {
        **about,
        "verdict": verdict,
        "sentence": sentence(in_order),
        "rules": rules.source,
        "tables": [_table(table, rejected, in_order) for table, rejected in tables],
        "checks": [vars(check) for check in in_order],
        "metrics": dict(figures),
        "history": [{name: before[name] for name in ("run_id", "dataset_id", "verdict")} for before in earlier],
    }
    return {**report, "figures": quality_figures(report, earlier, rules)}


def sentence(checks: Sequence[Check]) -> str:
    """One sentence: how many checks there were and how many failed."""
    if not checks:
        return "nothing was checked: no rules name these tables"
    counts = {status: sum(check.status == status for check in checks) for status in Outcome}
    words = ((Outcome.ERROR, "errors"), (Outcome.WARN, "warnings"))
    bad = [f"{counts[status]} {many if counts[status] > 1 else many[:-1]}" for status, many in words if counts[status]]
    return f"{len(checks)} checks: {', '.join(bad) if bad else 'all good'}"


def _table(table: Measured, rejected: dict[str, Any] | None, checks: Sequence[Check]) -> dict[str, Any]:
    key = table.key
    columns = [profile(name, table.types[name], part) for name, part in table.scanned.columns.items()]
    for column in columns:
        if key == (column["column"],):  # known exactly
            counted = table.scanned.keys[key]
            column |= {"distinct": float(counted.rows - counted.surplus), "distinct_is_exact": True}
    return {
        "table": table.name,
        "verdict": worst(check.status.light for check in checks if check.table == table.name),
        "rows": table.scanned.rows,
        "key": list(table.rules.key),
        "duplicates": table.scanned.keys[key].surplus if key else None,
        "rejected": rejected,
        "columns": columns,
    }


def earlier_reports(paths: Paths, subject: str, now: Mapping[str, float], dataset_id: str | None) -> list[Report]:
    """Earlier reports on the subject about other data, the newest REMEMBERED by rising time.

    Of several on the same data, which have the same figures, the newest counts: an unchanged night must not narrow
    the band.
    """
    seen, reports = [dict(now)], []
    for path in sorted(paths.report("x").parent.glob(f"[!.]*/{FILE}"), reverse=True):
        report = json.loads(path.read_text(encoding="utf-8"))
        same_data = dataset_id is not None and report["dataset_id"] == dataset_id
        if report["subject"] != subject or same_data or report["metrics"] in seen:
            continue
        seen.append(report["metrics"])
        reports.append(report)
        if len(reports) == REMEMBERED:
            break
    return reports[::-1]


def write_quality(folder: Path, report: Report) -> None:
    """quality.json, quality.html, summary_statistics.csv, quality_checks.csv."""
    for name, make in files_of("quality", report, get_plotlyjs).items():
        (folder / name).write_text(make(), encoding="utf-8", newline="")


def sentences(report: Report, *statuses: Outcome) -> list[str]:
    """What the checks that ended so say, the gravest first."""
    return [check["sentence"] for check in report["checks"] if check["status"] in statuses]


def quality_text(report: Report, told: Sequence[Outcome]) -> str:
    """The words that the job prints above its verdict: each table in a line, and the checks that ended as `told`."""
    rows = [
        [table["table"], table["verdict"], f"{table['rows']:,}", str(len(table["columns"]))]
        for table in report["tables"]
    ]
    lines = [aligned([["table", "verdict", "rows", "columns"], *rows])]
    failed = [check for check in report["checks"] if check["status"] in told]
    lines += [f"{check['status']:5}  {check['sentence']}" for check in failed[:PRINTED]]
    if len(failed) > PRINTED:
        lines.append(f"... {len(failed) - PRINTED} more in the report")
    return "\n".join(lines)
