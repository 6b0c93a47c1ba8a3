"""Report on drift: verdicts from the counts of a cut, as JSON, CSV, HTML and words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from plotly.offline import get_plotlyjs

from domain.contract.lights import Light, worst
from domain.contract.report_files import files_of
from domain.statistics import drift
from spark_jobs.drift.counts import Counts, records
from spark_jobs.drift.figures import drift_figures

# the others depend on the season and on who happens to visit
DECIDING = ("rating", "genre", "new users", "new movies")
ENOUGH = "nothing that a model learns from has moved enough"
LEAST_RATINGS = 200  # of a month whose distribution is compared
MONTHS_TOLD = 6  # of those without ratings
ORDER = ("rating", "genre", "hour", "weekday", "new users", "new movies", "volume")


def analyse(counts: Counts) -> dict[str, Any]:
    """Features with their figures and verdicts, months, the overall verdict, and whether to train again and why."""
    features = [_feature(name, rows) for name, rows in counts.categories.groupby("feature", sort=False)]
    features += [_unknown(counts, who) for who in ("users", "movies")]
    features.append(_volume(counts))
    features = [{**feature, "decides": feature["feature"] in DECIDING} for feature in features]
    features.sort(key=lambda feature: ORDER.index(feature["feature"]))
    months, missing = _months(counts)
    deciding = [feature for feature in features if feature["decides"]]
    gap = _since_reference(counts, missing)
    overall = worst([*(Light(feature["verdict"]) for feature in deciding), Light.WATCH if gap else Light.GOOD])
    reasons = [feature["sentence"] for feature in deciding if feature["verdict"] == Light.ACT] or [ENOUGH]
    if gap:
        reasons.append(f"no ratings came in {_few(gap)}")
    sides = counts.sides.assign(first=counts.sides["first"].astype(str), last=counts.sides["last"].astype(str))
    return {
        "verdict": str(overall),
        "retrain": overall is Light.ACT,
        "because": "; ".join(reasons),
        "sides": records(sides),
        "features": features,
        "months": months,
        "months_without_data": missing,
        "categories": records(counts.categories.sort_values(["feature", "value", "category"], key=_in_order)),
    }


def _since_reference(counts: Counts, months: list[str]) -> list[str]:
    """The `months` that come after the last rating of the reference: a gap of long ago is no news."""
    last = counts.sides.loc[~counts.sides["recent"], "last"].iloc[0]
    return [month for month in months if month > f"{last:%Y-%m}"]


def _few(months: list[str]) -> str:
    """The months as words, the first of many: old files and what people rate on the site may be years apart."""
    more = len(months) - MONTHS_TOLD
    return ", ".join(months[:MONTHS_TOLD]) + (f" and {more} more" if more > 0 else "")


def _in_order(column: pd.Series) -> pd.Series:
    return column.map(ORDER.index) if column.name == "feature" else column


def _feature(name: str, counts: pd.DataFrame) -> dict[str, Any]:
    ordered = counts.sort_values(["value", "category"])
    for side, words in (("reference", "no rating of before"), ("recent", "no recent rating")):
        if not ordered[side].sum():  # of the genres, which movies may be without
            sentence = f"{words} has a {name}, so it cannot be compared"
            return {"feature": name, "verdict": str(Light.WATCH), "sentence": sentence}
    values = ordered["value"] if name == "rating" else None  # hours and weekdays go round, genres have no order
    distance = drift.distance(ordered["reference"], ordered["recent"], values)
    figures: dict[str, Any] = {"feature": name, "verdict": str(distance.verdict)}
    if name == "rating":
        for side in ("reference", "recent"):
            figures[f"mean_{side}"] = drift.mean(ordered[side], ordered["value"])
            figures[f"std_{side}"] = drift.spread(ordered[side], ordered["value"])
    figures |= {"psi": distance.psi, "js": distance.js, "ks": distance.ks, "wasserstein": distance.wasserstein}
    figures["sentence"] = f"the distribution of {name} has moved: PSI {distance.psi:.4f}, JS distance {distance.js:.4f}"
    if distance.verdict is Light.GOOD:
        figures["sentence"] = (
            f"the distribution of {name} is as it was: PSI {distance.psi:.4f}, JS distance {distance.js:.4f}"
        )
    return figures


def _unknown(counts: Counts, who: str) -> dict[str, Any]:
    recent = counts.sides.loc[counts.sides["recent"], "ratings"].iloc[0]
    share = counts.unknown["user" if who == "users" else "movie"] / int(recent)
    word = "by users" if who == "users" else "of movies"
    sentence = f"{share:.1%} of the recent ratings are {word} without an earlier one"
    return {"feature": f"new {who}", "verdict": str(drift.of_share(share)), "share": share, "sentence": sentence}


def _volume(counts: Counts) -> dict[str, Any]:
    """Ratings a day of both sides; a factor of two is worth watching."""
    days = [max((row["last"] - row["first"]).total_seconds() / 86_400, 1.0) for _, row in counts.sides.iterrows()]
    reference, recent = (int(n) / length for n, length in zip(counts.sides["ratings"], days, strict=True))
    verdict = Light.WATCH if max(recent / reference, reference / recent) >= 2 else Light.GOOD
    sentence = f"{reference:.1f} ratings a day before, {recent:.1f} recently"
    return {"feature": "volume", "verdict": str(verdict), "share": recent / reference, "sentence": sentence}


def _months(counts: Counts) -> tuple[list[dict[str, Any]], list[str]]:
    """Figures of each month against all reference ratings, and the months between the first and last without any."""
    stars = counts.categories[counts.categories["feature"] == "rating"].set_index("value")["reference"].sort_index()
    months = []
    for month, rows in counts.months.sort_values("month").groupby("month"):
        by_star = rows.set_index(rows["rating"].astype(float))["n"].reindex(stars.index, fill_value=0)
        n = int(by_star.sum())
        compared = drift.distance(stars, by_star, stars.index) if n >= LEAST_RATINGS else None
        months.append(
            {
                "month": month,
                "ratings": n,
                "mean": drift.mean(by_star, stars.index),
                "std": drift.spread(by_star, stars.index),
                "psi": compared and compared.psi,
                "js": compared and compared.js,
                "by_new_users": int(rows["by_new_users"].sum()) / n,
                "of_new_movies": int(rows["of_new_movies"].sum()) / n,
                "verdict": str(compared.verdict) if compared else None,
            }
        )
    names = [month["month"] for month in months]
    every = pd.period_range(names[0], names[-1], freq="M").astype(str)
    return months, [month for month in every if month not in set(names)]


def write_drift(folder: Path, report: dict[str, Any]) -> None:
    """drift.json, drift_analysis.csv (a line a feature), drift_by_month.csv, drift.html."""
    for name, make in files_of("drift", {**report, "figures": drift_figures(report)}, get_plotlyjs).items():
        (folder / name).write_text(make(), encoding="utf-8", newline="")


def said(report: dict[str, Any]) -> str:
    """What the job says beside its verdict: whether to train again, what was compared, and what could not be."""
    before, recent = sorted(report["sides"], key=lambda side: bool(side["recent"]))
    words = f"retrain: {'yes' if report['retrain'] else 'no'} · {before['ratings']:,} ratings before,"
    words += f" {recent['ratings']:,} recent, from {recent['first'][:10]} on"
    if any(month["psi"] is not None for month in report["months"]):
        return words
    return f"{words} · no month has {LEAST_RATINGS} ratings, so months are not compared"


def drift_text(report: dict[str, Any]) -> str:
    """The table that the job prints; its verdict is in the summary."""
    lines = []
    for feature in report["features"]:
        numbers = [f"{name} {feature[name]:.4f}" for name in SHOWN if feature.get(name) is not None]
        lines.append(f"  {feature['feature']:10}  {feature['verdict']:6}  {'  '.join(numbers) or feature['sentence']}")
    if report["months_without_data"]:
        lines.append(f"months without data: {_few(report['months_without_data'])}")
    return "\n".join(lines)


SHOWN = ("mean_reference", "mean_recent", "std_reference", "std_recent", "psi", "js", "ks", "wasserstein", "share")
