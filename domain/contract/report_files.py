"""Reports of the lab as files: JSON, CSV and a page that needs no network. Jobs write them, the site offers them."""

from __future__ import annotations

import csv
import html
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

Report = Mapping[str, Any]
Row = Mapping[str, Any]
Files = dict[str, Callable[[], str]]  # by name, each made when it is asked for

STATISTICS = (
    *("table", "column", "type", "rows", "missing", "missing_share", "empty", "infinite", "orphans", "distinct"),
    *("distinct_is_exact", "min", "p01", "p05", "p25", "median", "p75", "p95", "p99", "max", "mean", "std"),
)
INVENTED = "These data are invented, a generator has made them. "
PALETTE = ["#0072b2", "#d55e00", "#007a5a", "#b05a8b", "#444444"]  # the site's own in light (web/static/style.css)
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:1rem auto;max-width:72rem;padding:0 1rem}"
    "table{border-collapse:collapse;font-size:.85rem}caption{font-weight:700;text-align:left;padding:1rem 0 .3rem}"
    "td,th{border-bottom:1px solid #ddd;padding:.2rem .6rem .2rem 0;text-align:left;vertical-align:top}"
    ".scroll{overflow-x:auto}"
)


def files_of(subject: str, report: Report, script: Callable[[], str], listed: Sequence[Row] = ()) -> Files:
    """The files of a report on `subject` (quality…, drift, outliers…).

    `script` gives Plotly's; `listed` are the rows of a report on outliers: place, row_id, score, values, reasons.

    Raises:
        ValueError: the subject is of no kind that has files.
    """
    kind = subject.split(".")[0]
    plain = {name: value for name, value in report.items() if name != "figures"}
    title = f"{subject}: {report.get('verdict', '')}"
    tables: dict[str, Sequence[Row]] = {}
    columns: list[str] | None = None  # where a table has them even without rows
    figures = list(report.get("figures", []))
    if kind == "quality":
        tables = {"quality_checks": report["checks"], "summary_statistics": statistics(report)}
    elif kind == "drift":
        tables = {"drift_analysis": report["features"], "drift_by_month": report["months"]}
    elif kind == "outliers":
        tables = {"outliers": _outliers(report, listed)}
        columns = ["place", "row", "score", *report["features"], "reasons"]
        plain["listed"] = list(listed)
        if report.get("plot"):
            figures = [{"title": "Rows by two features", "plot": report["plot"]}]
    else:
        raise ValueError(f"{subject}: nobody has said which files a report of this kind has.")
    invented = INVENTED if report.get("generated") else ""
    return {
        f"{kind}.json": lambda: json_of(plain, indent=2) + "\n",
        f"{kind}.html": lambda: html_page(title, invented + _lead(kind, report), tables, figures, script()),
        **{f"{name}.csv": partial(csv_of, rows, columns) for name, rows in tables.items()},
    }


def json_of(value: Any, indent: int | None = None) -> str:
    """JSON that any program reads: a number that is none, or infinite, is null."""
    return json.dumps(finite(value), indent=indent, ensure_ascii=False, default=str)


def finite(value: Any) -> Any:
    """`value` with null for every number in it that JSON does not have."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: finite(part) for name, part in value.items()}
    return [finite(part) for part in value] if isinstance(value, list | tuple) else value


def statistics(report: Report) -> list[Row]:
    """A row for each column of each table of a report on quality, with STATISTICS."""
    rows: list[Row] = []
    for table in report["tables"]:
        for column in table["columns"]:
            share = column["missing"] / column["rows"] if column["rows"] else 0.0
            row = {"table": table["table"], **column, "missing_share": share}
            rows.append({name: row.get(name) for name in STATISTICS})
    return rows


def _lead(kind: str, report: Report) -> str:
    """The sentence above the tables; for outliers also the source, the method and the meaning of the scores."""
    if kind == "drift":
        return f"retrain: {'yes' if report['retrain'] else 'no'}, because {report['because']}"
    sentence = str(report.get("sentence", ""))
    if kind == "quality":
        return sentence
    about = f"{sentence}. Source: {report['source']}; {report['method']} on {', '.join(report['features'])}"
    if not report.get("epsilon_by"):  # users of detect_anomalous_users: no threshold of the score has chosen them
        return f"{about}. {report.get('explanation', '')} Run {report['run_id']}."
    forest = report.get("epsilon") is None
    limit = f"below the score {report['log_epsilon']:.6f}" if forest else f"epsilon {report['epsilon']}"
    used = (report.get("searches") or {}).get(report["epsilon_by"])
    worth = f", F1 {used['f1']:.6f} on labelled rows" if used else ""
    meaning = "is lower, the easier a row is to isolate" if forest else "is ln p, the logarithm of the density"
    return f"{about}; {limit} ({report['epsilon_by']}{worth}). The score {meaning}. Run {report['run_id']}."


def _outliers(report: Report, listed: Sequence[Row]) -> list[Row]:
    return [
        {
            **{"place": outlier["place"], "row": outlier["row_id"], "score": outlier["score"]},
            **dict(zip(report["features"], outlier["values"], strict=True)),
            "reasons": "; ".join(outlier["reasons"]),
        }
        for outlier in listed
    ]


def columns_of(rows: Sequence[Row]) -> list[str]:
    """The names that any of the rows has, in the order in which they come up."""
    return list(dict.fromkeys(name for row in rows for name in row))


def csv_of(rows: Sequence[Row], columns: Sequence[str] | None = None) -> str:
    """RFC 4180 with a header, of `columns` or of those that the rows have; what a row does not have is empty."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns or columns_of(rows), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def html_page(title: str, lead: str, tables: Mapping[str, Sequence[Row]], figures: Sequence[Row], script: str) -> str:
    """One file with tables and Plotly's figures (title and plot each), to be opened without a network."""
    drawn = "".join(
        f'<h2>{html.escape(one["title"])}</h2><p>{html.escape(one.get("sentence", ""))}</p><div id="plot{at}"></div>'
        for at, one in enumerate(figures)
    )
    plots = json_of([one["plot"] for one in figures]).replace("<", "\\u003c")
    layout = f"{{colorway: {json_of(PALETTE)}, ...one.layout}}"
    calls = f"{plots}.forEach((one, at) => Plotly.newPlot('plot' + at, one.data, {layout}, {{responsive: true}}))"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(lead)}</p>"
        f"{''.join(_table(name, rows) for name, rows in tables.items())}{drawn}"
        f"<script>{script}</script><script>{calls}</script></html>\n"
    )


def _table(name: str, rows: Sequence[Row]) -> str:
    columns = columns_of(rows)
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    lines = "".join(
        f"<tr>{''.join(f'<td>{html.escape(_shown(row.get(column)))}</td>' for column in columns)}</tr>" for row in rows
    )
    caption = html.escape(name.replace("_", " "))
    return f'<div class="scroll"><table><caption>{caption}</caption><tr>{head}</tr>{lines}</table></div>'


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
