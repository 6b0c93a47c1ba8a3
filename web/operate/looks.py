"""All lights of /operate, and those of the data and of the model. Nothing here reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cql.kinds import Kind
from domain.contract.generated import is_generated
from domain.contract.lights import UNKNOWN, Light, gravity
from web.operate.endings import PIPELINE, TRAIN, aware, trouble
from web.operate.models import Look
from web.operate.outliers import outliers
from web.operate.reported import drift, quality
from web.operate.services import services
from web.operate.store import CLEAN, Seen

MUCH_REJECTED = 0.5  # of the share that would refuse the data


def looks(seen: Seen) -> list[Look]:
    """One for each thing that is looked after."""
    return [data(seen), quality(seen), drift(seen), outliers(seen), model(seen), services(seen)]


def summary(found: Sequence[Look]) -> tuple[str, str]:
    """The gravest light, and what it means in a sentence."""
    gravest = max((look.light for look in found), key=gravity)
    if gravest == Light.GOOD:
        return gravest, "All is well."
    words = "Something has to be done" if gravest == Light.ACT else "Worth a look"
    named = [look.subject for look in found if gravity(look.light) >= gravity(gravest)]
    return gravest, f"{words}: {', '.join(named)}."


def data(seen: Seen) -> Look:
    """What the newest cleaning stored."""
    if failed := trouble("data", seen.of(CLEAN)):
        return failed
    run = seen.cleaned
    if run is None:
        return Look(subject="data", light=UNKNOWN, sentence="No data are stored yet.", command=PIPELINE, page="/runs")
    share, limit = _rejected(run.record)
    counted, rejected = _rows(run.record), f"{share:.1%} of the lines were rejected; {limit:.0%} would refuse the data."
    return Look(
        subject="data",
        light=Light.WATCH if share > MUCH_REJECTED * limit else Light.GOOD,
        sentence=f"{counted}. {rejected if share else 'No line was rejected.'}{seen.whose(run.dataset_id)}",
        at=aware(run.finished_at or run.started_at),
        at_is="stored",
        page="/insights",
        generated=is_generated(run.dataset_id),
    )


def _rows(record: dict[str, Any]) -> str:
    counts = record.get("counts", {})
    ratings, movies = counts.get("ratings.clean", 0), counts.get("movies.clean", 0)
    return f"{ratings:,} ratings of {movies:,} movies by {counts.get('users', 0):,} users"


def _rejected(record: dict[str, Any]) -> tuple[float, float]:
    """The share of rejected lines in the file that has most of them, and the share that would refuse the data."""
    counts = record.get("counts", {})
    files = [name.removesuffix(".in") for name in counts if name.endswith(".in") and counts[name]]
    share = max((counts.get(f"{file}.rejected", 0) / counts[f"{file}.in"] for file in files), default=0.0)
    return share, float(record.get("parameters", {}).get("max_rejected_share") or 1.0)


def model(seen: Seen) -> Look:
    """How good the published lists are, and whether they were learned from the data that are stored."""
    for job in (Kind.RECOMMENDATIONS.job, TRAIN):
        if failed := trouble("model", seen.of(job)):
            return failed
    active = seen.active
    if active is None:
        said = "Nothing is published yet."
        return Look(subject="model", light=UNKNOWN, sentence=said, command=PIPELINE, page="/runs")
    run = next((run for run in seen.of(Kind.RECOMMENDATIONS.job) if run.run_id == active.run_id), None)
    said, light = _measured(run.record.get("metrics", {}) if run else {})
    is_newest = seen.dataset_id in (None, active.dataset_id)
    return Look(
        subject="model",
        light=light if is_newest else Light.WATCH,
        sentence=said if is_newest else f"Newer data are stored than the published model has learned from. {said}",
        at=active.published_at,
        at_is="shown since",
        command=None if is_newest else PIPELINE,
        page="/runs",
        generated=is_generated(active.dataset_id),
    )


def _measured(metrics: dict[str, float]) -> tuple[str, Light]:
    """nDCG@10 of the lists beside the simpler ones; to be watched where they are no better than «most popular»."""
    of = {name.partition(".")[2]: value for name, value in metrics.items() if name.startswith("ndcg@10.")}
    own = of.get("blend", of.get("als"))
    if own is None or "popular" not in of:
        return "How good its lists are was not measured.", Light.WATCH
    others = [f"{of['popular']:.3f} for «most popular»"]
    if "blend" in of and "als" in of:
        others.append(f"{of['als']:.3f} for ALS alone")
    said = f"Its lists reach nDCG@10 {own:.3f}; it is {' and '.join(others)}."
    return said, Light.GOOD if own > of["popular"] else Light.WATCH
