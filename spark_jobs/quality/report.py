"""A report on quality: its form as JSON, its figures, its words, and what earlier ones said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from plotly.offline import get_plotlyjs

from domain.contract.lights import Outcome, worst
from domain.contract.report_files import files_of
from domain.statistics.column_figures import BARS, profile
from domain.statistics.trend import Band
from spark_jobs.quality.checks import Check, Measured
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
    return {**report, "figures": _figures(report, earlier, rules)}


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


def _figures(report: Report, earlier: Sequence[Report], rules: Rules) -> list[dict[str, Any]]:
    """Title and Plotly's data and layout of each plot."""
    drawn = [_rows_by_report(report, earlier)] if earlier else []
    drawn += [_trend(check, report, earlier, rules) for check in report["checks"] if check["check"].startswith("trend")]
    for table in report["tables"]:
        if table["rejected"] and table["rejected"]["reasons"]:
            drawn.append(_rejected(table))
    for table in report["tables"]:
        named = {*table["key"], *(name for name in _references(rules, table["table"]))}
        for column in table["columns"]:
            if column["distribution"] and (column["column"] not in named or column["kind"] == "time"):
                drawn.append(_distribution(table["table"], column))
    return drawn


def _references(rules: Rules, table: str) -> list[str]:
    expected = rules.tables.get(table)
    return [name for name, column in expected.columns.items() if column.references] if expected else []


def _rows_by_report(report: Report, earlier: Sequence[Report]) -> dict[str, Any]:
    runs = _times(report, earlier)
    metrics = [*(figures["metrics"] for figures in earlier), report["metrics"]]
    lines = [
        _line(table["table"], runs, [figures.get(f"{table['table']}.rows") for figures in metrics])
        for table in report["tables"]
    ]
    layout = {"yaxis": {"type": "log", "title": {"text": "rows"}}, **BY_REPORT}
    return {"title": "Rows of the tables by report", "plot": {"data": _coloured(lines), "layout": layout}}


def _times(report: Report, earlier: Sequence[Report]) -> list[str]:
    """Times of the reports: a run's id begins with it."""
    return [
        f"{run[:4]}-{run[4:6]}-{run[6:8]} {run[9:11]}:{run[11:13]}"
        for run in (each["run_id"] for each in [*earlier, report])
    ]


COLOURS = ("#3b5bdb", "#d9480f", "#2b8a3e", "#ae3ec9")


def _coloured(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The page has one colour for all lines of a plot unless they bring their own."""
    return [{**line, "line": {"color": COLOURS[at % len(COLOURS)]}} for at, line in enumerate(lines)]


BY_REPORT = {"xaxis": {"type": "category"}, "legend": {"orientation": "h", "y": 1.15}}


def _line(name: str, runs: list[str], values: list[float | None]) -> dict[str, Any]:
    return {"type": "scatter", "mode": "lines+markers", "name": name, "x": runs, "y": values}


def _trend(check: Mapping[str, Any], report: Report, earlier: Sequence[Report], rules: Rules) -> dict[str, Any]:
    figure = check["check"].removeprefix("trend of ")
    name = ".".join(part for part in (check["table"], check["column"], figure) if part)
    values = [before["metrics"].get(name) for before in earlier]
    band = Band.of([value for value in values if value is not None], rules.trend.sigmas)
    runs = _times(report, earlier)
    edges = [
        {**_line(side, runs, [limit] * len(runs)), "mode": "lines", "line": {"dash": "dash", "color": "#868e96"}}
        for side, limit in (("lowest", band.low), ("highest", band.high))
    ]
    layout = {"yaxis": {"title": {"text": figure}}, **BY_REPORT}
    data = [*_coloured([_line(name, runs, [*values, check["value"]])]), *edges]
    return {"title": f"{name} by report", "plot": {"data": data, "layout": layout}}


def _rejected(table: Mapping[str, Any]) -> dict[str, Any]:
    reasons = table["rejected"]["reasons"]
    bars = {"type": "bar", "x": list(reasons), "y": list(reasons.values())}
    layout = {"xaxis": {"type": "category"}, "yaxis": {"title": {"text": "lines"}}}
    return {"title": f"Rejected lines of {table['table']} by reason", "plot": {"data": [bars], "layout": layout}}


def _distribution(table: str, column: Mapping[str, Any]) -> dict[str, Any]:
    distribution = column["distribution"]
    words = {"length": f"length of {column['column']}", "month": "month"}
    by = words.get(distribution["by"], column["column"])
    x: dict[str, Any] = {"title": {"text": f"month of {column['column']}" if by == "month" else by}}
    bars: dict[str, Any] = {"type": "bar", "x": distribution["of"], "y": distribution["rows"]}
    if distribution["by"] in ("range", "length"):
        low, high = distribution["of"][:-1], distribution["of"][1:]
        bars |= {"x": [(a + b) / 2 for a, b in zip(low, high, strict=True)]}
        bars["width"] = [b - a for a, b in zip(low, high, strict=True)]
    elif distribution["by"] == "value" and len(distribution["of"]) <= BARS:
        # more of them, such as years, are read off an axis
        x["type"] = "category"
    layout = {"xaxis": x, "yaxis": {"title": {"text": "rows"}}, "bargap": 0.05}
    return {"title": f"{table.capitalize()} by {by}", "plot": {"data": [bars], "layout": layout}}
