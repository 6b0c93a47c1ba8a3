"""The figures of a report on quality: history, what was rejected, and how each column is distributed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from domain.figures.plots import LEGEND, LIMIT, axis, figure, plain
from domain.figures.words import Words, capital, place_in_words, words_of
from domain.statistics.column_figures import BARS
from domain.statistics.trend import Band
from spark_jobs.quality.rules import Rules

Report = Mapping[str, Any]
Drawn = dict[str, Any]
TIME_OF_REPORT = axis("Time of the report (UTC)", type="category")


def quality_figures(report: Report, earlier: Sequence[Report], rules: Rules) -> list[Drawn]:
    """Name, title, sentence and plot of each figure."""
    drawn = [_rows_by_report(report, earlier)] if earlier else []
    drawn += [_trend(check, report, earlier, rules) for check in report["checks"] if check["check"].startswith("trend")]
    drawn += [_rejected(table) for table in report["tables"] if table["rejected"] and table["rejected"]["reasons"]]
    return [*drawn, *_distributions(report, rules)]


def _distributions(report: Report, rules: Rules) -> Iterator[Drawn]:
    """Of all columns but keys and references, whose numbers say nothing by their size."""
    for table in report["tables"]:
        named = {*table["key"], *_references(rules, table["table"])}
        for column in table["columns"]:
            if column["distribution"] and (column["column"] not in named or column["kind"] == "time"):
                yield _distribution(table["table"], column)


def _references(rules: Rules, table: str) -> list[str]:
    expected = rules.tables.get(table)
    return [name for name, column in expected.columns.items() if column.references] if expected else []


def _rows_by_report(report: Report, earlier: Sequence[Report]) -> Drawn:
    times = _times(report, earlier)
    metrics = [*(figures["metrics"] for figures in earlier), report["metrics"]]
    lines = [
        _line(place_in_words(table["table"]), times, [figures.get(f"{table['table']}.rows") for figures in metrics])
        for table in report["tables"]
    ]
    now = ", ".join(f"{table['table']} {table['rows']:,}" for table in report["tables"])
    sentence = f"A line that bends is a table that grew or shrank. Now: {now} rows."
    rows = axis("Rows (number, logarithmic)", type="log")
    return figure("Rows of the tables by report", sentence, lines, xaxis=TIME_OF_REPORT, yaxis=rows, legend=LEGEND)


def _times(report: Report, earlier: Sequence[Report]) -> list[str]:
    """Times of the reports: a run's id begins with it."""
    return [
        f"{run[:4]}-{run[4:6]}-{run[6:8]} {run[9:11]}:{run[11:13]}"
        for run in (each["run_id"] for each in [*earlier, report])
    ]


def _line(name: str, times: list[str], values: Sequence[float | None]) -> Drawn:
    return {"type": "scatter", "mode": "lines+markers", "name": plain(name), "x": times, "y": list(values)}


def _trend(check: Mapping[str, Any], report: Report, earlier: Sequence[Report], rules: Rules) -> Drawn:
    measured = check["check"].removeprefix("trend of ")
    name = ".".join(part for part in (check["table"], check["column"], measured) if part)
    values = [before["metrics"].get(name) for before in earlier]
    band = Band.of([value for value in values if value is not None], rules.trend.sigmas)
    times = _times(report, earlier)
    said = measured.replace("_", " ")
    edges = [
        {**_line(side, times, [limit] * len(times)), "mode": "lines", "line": {"dash": "dash"}, "meta": LIMIT}
        for side, limit in (("lowest usual", band.low), ("highest usual", band.high))
    ]
    title = f"{place_in_words(check['table'], check['column'])}, {said} by report"
    sentence = f"The newest has left the band between the dashed lines: {check['value']:,.6g}."
    axes = {"xaxis": TIME_OF_REPORT, "yaxis": axis(capital(said)), "legend": LEGEND}
    return figure(title, sentence, [_line(said, times, [*values, check["value"]]), *edges], **axes)


def _rejected(table: Mapping[str, Any]) -> Drawn:
    reasons = {reason.replace("_", " "): lines for reason, lines in table["rejected"]["reasons"].items()}
    most = max(reasons, key=lambda reason: reasons[reason])
    sentence = f"Most often: {most}, {_of(reasons[most], sum(reasons.values()))} rejected lines."
    bars = {"type": "bar", "x": list(reasons), "y": list(reasons.values())}
    axes = {"xaxis": axis("Reason", type="category"), "yaxis": axis("Rejected lines (number)")}
    return figure(f"{place_in_words(table['table'])}: rejected lines by reason", sentence, [bars], **axes)


def _of(part: float, whole: float) -> str:
    return f"{part:,.0f} of {whole:,.0f} ({part / whole:.0%})".replace("%", " %")


def _distribution(table: str, column: Mapping[str, Any]) -> Drawn:
    by, x = _what(column)
    of, rows = column["distribution"]["of"], column["distribution"]["rows"]
    bars: Drawn = {"type": "bar", "x": of, "y": rows}
    if len(of) > len(rows):  # edges
        low, high = of[:-1], of[1:]
        bars |= {"x": [(a + b) / 2 for a, b in zip(low, high, strict=True)]}
        bars["width"] = [b - a for a, b in zip(low, high, strict=True)]
        if column["distribution"]["by"] == "length" and set(bars["width"]) == {1}:  # a bar is one whole number
            del bars["width"]
            bars["x"], x["dtick"] = low, 1
    elif column["kind"] != "time" and len(of) <= BARS:  # more of them, such as years, are read off an axis
        bars["x"] = [plain(value) if isinstance(value, str) else value for value in of]
        x["type"] = "category"
    axes = {"xaxis": x, "yaxis": axis(f"{place_in_words(table)} (number of rows)"), "bargap": 0.05}
    return figure(f"{place_in_words(table)} by {by}", _sentence(column), [bars], **axes)


def _what(column: Mapping[str, Any]) -> tuple[str, Drawn]:
    """What the rows are counted by, in a title and on an axis."""
    words, by = words_of(column["column"]), column["distribution"]["by"]
    if by == "month":
        of = "" if words.said.startswith("time of the ") else f" of {words.said}"
        return f"month{of}", axis(f"Month{of} (UTC)")
    if by == "length" and column["kind"] == "list":
        return f"number of {words.said}", axis(Words(f"number of {words.said}").title)
    if by == "length":
        return f"length of the {words.said}", axis(Words(f"length of the {words.said}", "characters").title)
    return words.said, axis(words.title)


def _sentence(column: Mapping[str, Any]) -> str:
    """What to see: the commonest value where there are few, the range of most rows where there are many."""
    of, rows = column["distribution"]["of"], column["distribution"]["rows"]
    most = max(range(len(rows)), key=rows.__getitem__)
    if column["kind"] == "time":
        return f"From {of[0]} to {of[-1]}: most in {of[most]}, {rows[most]:,}; {median(rows):,.0f} in the median month."
    if len(of) == len(rows) and len(of) <= BARS:
        return f"The commonest is {_number(of[most])}: {_of(rows[most], sum(rows))}."
    middle, low, high = (_number(column[name]) for name in ("median", "p05", "p95"))
    unit = " characters" if column["kind"] == "text" else ""
    most_rows = f"nine in ten lie between {low} and {high}" if low != high else f"nine in ten have {low}"
    return f"Half of the rows have at most {middle}{unit}; {most_rows}."


def _number(value: Any) -> str:
    """A value in a sentence: years have no comma."""
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:.6g}" if abs(value) < 10_000 else f"{value:,.0f}"
