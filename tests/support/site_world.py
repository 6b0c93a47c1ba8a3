"""The site and its test world: two small published runs of two data sets.

Every title ends in the name of its data set, so that a mixture shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from cassandra.cluster import Session
from flask.testing import FlaskClient

from cql.connect import Contact
from cql.kinds import Kind
from domain.contract.titles import title_words, word_heads
from web import create_app
from web.app.database import Database

KEY = "a key of the tests"
OLD, NEW = ("run-1", "data-1"), ("run-2", "data-2")
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

# id: title, year, genres, number of ratings
MOVIES: dict[int, tuple[str, int | None, list[str], int]] = {
    1: ('Bold <b>"Tale"</b> <script>alert(1)</script> 😀', 1999, ["Comedy"], 40),
    2: ("Amélie of the Lake", 2001, ["Comedy", "Romance"], 30),
    3: ("Lake, The", 1999, ["Horror"], 20),
    4: ("The Lake and the City", 2001, ["Drama"], 20),
    5: ("Quiet", None, [], 0),
    6: ("A Western Lake", 1950, ["Western"], 1),
}
LISTED, UNLISTED, UNKNOWN = 1, 2, 99  # users: with a list, known without one, in no table
OLD_STYLE = 3  # a user with a list as older versions published it: one reason a movie, no shares, not measured


def site_environ(contact: Contact, key: str = KEY) -> dict[str, str]:
    """What tells a site where its Cassandra is."""
    return {
        "CASSANDRA_HOSTS": ",".join(contact.hosts),
        "CASSANDRA_PORT": str(contact.port),
        "CASSANDRA_KEYSPACE": contact.keyspace,
        "API_KEY": key,
    }


@contextmanager
def open_site(contact: Contact) -> Iterator[FlaskClient]:
    """The site on one keyspace; its connection is closed at the end."""
    database = Database(contact)
    yield create_app(site_environ(contact), database).test_client()
    database.session().cluster.shutdown()


def store_both_runs(session: Session) -> None:
    """Fill the tables of the session's keyspace; nothing is active yet."""
    for run_id, dataset_id in (OLD, NEW):
        store_data(session, dataset_id)
        store_run(session, run_id, dataset_id)
    _store_reports(session)
    store_unfinished(session)


def insert(session: Session, table: str, **columns: Any) -> None:
    """One row."""
    places = ", ".join(["%s"] * len(columns))
    session.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", list(columns.values()))


def store_data(session: Session, dataset_id: str) -> None:
    """The movies, users and figures of a data set."""
    for movie_id in MOVIES:
        _store_movie(session, dataset_id, movie_id)
    for user_id in (LISTED, UNLISTED, OLD_STYLE):
        _store_user(session, dataset_id, user_id)
    for name, columns in {
        "movies_by_rating_count": {"bucket": ["0–50", "200+"], "movies": [5, 1]},
        "ratings_by_star": {"another": [1], "form": [1]},
        "tags_per_movie": {"tag_count": [9], "title": ["Lake, The"]},
        "user_segments": {
            "number": [1, 2],
            "name": ["less War than others", "more <i>War</i> than others"],
            "users": [900, 100],
            "share": [0.9, 0.1],
        },
        "example_users": {"user_id": [LISTED], "rating_count": [2]},
    }.items():
        insert(session, "insights_by_dataset", dataset_id=dataset_id, name=name, data=json.dumps(columns))


def titled(title: str, dataset_id: str) -> str:
    """The title that ends in the name of its data set, before an article that stands behind it."""
    return f"{title.removesuffix(', The')} {dataset_id}{', The' if title.endswith(', The') else ''}"


def _store_movie(session: Session, dataset_id: str, movie_id: int) -> None:
    title, year, genres, ratings = MOVIES[movie_id]
    title = titled(title, dataset_id)
    movie = {"dataset_id": dataset_id, "movie_id": movie_id}
    about = {"title": title, "year": year, "genres": genres}
    insert(session, "movies_by_id", **movie, **about)
    terms = [("word", word) for word in title_words(title)] + [("genre", genre) for genre in genres]
    if dataset_id == OLD[1]:  # the other one is as older versions stored them: without beginnings of words
        terms += [("head", head) for head in word_heads(title)]
    for kind, term in terms + ([("year", str(year))] if year else []):
        insert(session, "movies_by_term", **movie, kind=kind, term=term, rating_count=ratings, **about)
    figures = {"rating_count": ratings, "histogram": [0] * 9 + [ratings], "tag_count": 0}
    rated = {"mean_rating": 5.0, "std_rating": 0.0, "first_rated_at": WHEN, "last_rated_at": WHEN} if ratings else {}
    insert(session, "statistics_by_movie", **movie, **figures, **rated)
    if movie_id == 1:
        insert(session, "links_by_movie", **movie, imdb_id="tt0000001", tmdb_id=7)
        insert(session, "tags_by_movie", **movie, uses=2, tag="<i>fun</i>")
        insert(session, "tags_by_movie", **movie, uses=9, tag="bold")
        years = {"years": [1999, 2001], "year_counts": [10, 30], "year_means": [4.0, 5.0]}
        segments = {"segments": [1, 2], "segment_counts": [5, 35], "segment_means": [3.5, 5.0]}
        insert(session, "breakdown_by_movie", **movie, **years, **segments)
    if movie_id == 2:
        insert(session, "tags_by_movie", **movie, uses=1, tag="bold")
        insert(session, "tags_by_movie", **movie, uses=0, tag="<i>fun</i>")
        insert(session, "breakdown_by_movie", **movie, years=[2001], year_counts=[30], year_means=[5.0])


def _store_user(session: Session, dataset_id: str, user_id: int) -> None:
    user = {"dataset_id": dataset_id, "user_id": user_id}
    taste = {"genres": ["Comedy", "Horror"], "genre_counts": [1, 1], "genre_means": [4.5, 2.0]}
    figures = {"rating_count": 2, "mean_rating": 3.25, "std_rating": 1.25}
    segment = {"segment": 2} if user_id == LISTED else {}
    insert(session, "users_by_id", **user, **figures, first_rated_at=WHEN, last_rated_at=WHEN, **taste, **segment)
    if user_id == LISTED:
        figures = {"isolation_score": -0.75, "unusual": True, "list_evidence": -3.25, "fake_profile": False}
        reasons = ["unusual: rating_count 2 (median 70)"]
        insert(session, "anomalies_by_user", **user, run_id="run-4", **figures, reasons=reasons)
    rated = {"movie_ids": [1, 3], "ratings": [4.5, 2.0], "rated_at": [WHEN, WHEN.replace(year=2025)]}
    blocks = [slice(2)] if user_id == LISTED else [slice(1), slice(1, 2)]
    for block, part in enumerate(blocks):
        insert(session, "ratings_by_user", **user, block=block, **{name: rated[name][part] for name in rated})


def store_run(session: Session, run_id: str, dataset_id: str) -> None:
    """The lists of a run of publish_recommendations, and its record."""
    popular = {"all": [1, 3, 2, 4], "Comedy": [1, 2], "Horror": [3], "Romance": [2], "Drama": [4], "Western": [6]}
    for genre, ids in popular.items():
        scores, counts = [4.0 - rank / 8 for rank in range(len(ids))], [MOVIES[movie_id][3] for movie_id in ids]
        row = {"movie_ids": ids, "scores": scores, "rating_counts": counts}
        insert(session, "popular_by_genre", run_id=run_id, genre=genre, **row)
    lists = {"movie_ids": [4, 2, 5], "scores": [0.75, 0.5, 0.25]}
    own = {"run_id": run_id, **lists, "predicted_ratings": [4.5, 4.0, 3.5]}
    reasons = {"because_ids": [1, 3, 6, 3, 0, 0, 0, 0, 0], "because_shares": [0.5, 0.25, 0.125, 0.75, 0, 0, 0, 0, 0]}
    insert(session, "recommendations_by_user", user_id=LISTED, **own, **reasons)
    insert(session, "recommendations_by_user", user_id=OLD_STYLE, **own, because_ids=[1, 3, 0])
    insert(session, "measured_lists_by_user", run_id=run_id, user_id=LISTED, movie_ids=[2, 6, 4])
    insert(session, "similar_by_movie", run_id=run_id, movie_id=1, **lists)
    stars = {"rmse.published": 0.75, "rmse.als": 0.8, "rmse.bias_only": 0.875}
    lists_at = {"ndcg@10.blend": 0.375, "recall@10.blend": 0.3, "ndcg@10.als": 0.25, "ndcg@10.popular": 0.125}
    record = {"metrics": {"coverage": 0.5, **stars, **lists_at}, "error": None}
    run = {"job": Kind.RECOMMENDATIONS.job, "run_id": run_id, "status": "done", "dataset_id": dataset_id}
    insert(session, "runs_by_job", **run, started_at=WHEN, finished_at=WHEN, record=json.dumps(record))


def store_unfinished(session: Session) -> None:
    """A job that is at work now, and one whose process was killed an hour ago."""
    steps = [{"name": "read", "seconds": 1.0, "rows": 1234567}]
    for run_id, age in (("run-3", timedelta(seconds=5)), ("run-2", timedelta(hours=1))):
        written = datetime.now(UTC) - age
        record = {
            "steps": steps,
            "step_now": "implicit <script>alert(7)</script>",
            "step_started_at": (written - timedelta(minutes=2)).isoformat(),
            "tasks": {"done": 3, "of": 8},
            "written_at": written.isoformat(),
            "host": "spark-master",
            "pid": 77,
        }
        run = {"job": "train_als", "run_id": run_id, "status": "running", "record": json.dumps(record)}
        insert(session, "runs_by_job", **run, started_at=written - timedelta(minutes=5))


def outlier_report(run_id: str) -> dict[str, Any]:
    """The report of detect_outliers, as far as pages show it."""
    axes = {axis: {"title": {"text": name}} for axis, name in (("xaxis", "latency"), ("yaxis", "load"))}
    return {
        "run_id": run_id,
        "sentence": "2 of 307 rows lie below epsilon",
        "method": "per-feature",
        "features": ["latency", "<script>alert(3)</script>"],
        "epsilon": "3.1e-400",
        "epsilon_by": "exact",
        "searches": {"exact": {"f1": 0.875, "precision": 1.0, "recall": 0.7778}},
        "source": "/data/<script>alert(4)</script>.csv",
        "row_is": "number of the row",
        "rows": 307,
        "outliers": 2,
        "plot": {"data": [{"type": "contour", "z": [[1.0]]}], "layout": axes},
    }


def drift_report(verdict: str) -> dict[str, Any]:
    """The report of report_drift, as far as pages show it."""
    side = {"recent": True, "ratings": 20168, "first": "2016-01-01T00:00:00", "last": "2018-09-24T14:27:30"}
    feature = {
        "feature": "genre",
        "verdict": verdict,
        "psi": 0.2838,
        "js": 0.2237,
        "sentence": "<script>alert(6)</script>",
    }
    month = {"month": "2018-09", "ratings": 900, "mean": 3.5, "by_new_users": 0.25, "verdict": None}
    return {
        "verdict": verdict,
        "retrain": verdict == "act",
        "because": "the distribution of rating has moved",
        "sides": [{**side, "recent": False}, side],
        "features": [feature, {"feature": "volume", "verdict": "good", "sentence": "9.1 ratings a day before"}],
        "months": [month],
        "months_without_data": ["2017-02"],
        "figures": [{"title": "Ratings by genre", "plot": {"data": [{"type": "bar"}], "layout": {}}}],
    }


def quality_report(verdict: str) -> dict[str, Any]:
    """The report of report_quality, as far as pages show it."""
    check = {"table": "ratings", "column": "rating", "check": "missing", "value": 0.1, "limit": "error if > 0"}
    column = {"column": "rating", "type": "float", "kind": "number", "rows": 900, "missing": 90, "distinct": 10.0}
    figures = {"min": 0.5, "p05": 1.0, "median": 3.5, "p95": 5.0, "max": 5.0, "mean": 3.5016, "std": 1.0425}
    seen = {**column, **figures, "column": "rated_at", "kind": "time", "min": "1996-03-29T18:36:55+00:00"}
    table = {"table": "ratings", "verdict": verdict, "rows": 900, "duplicates": 3, "rejected": {"rejected": 12}}
    return {
        "subject": "quality",
        "as_of": "2026-01-02T03:04:05+00:00",
        "sentence": "2 checks: 1 error",
        "rules": "/app/spark_jobs/quality.yaml",
        "checks": [
            {**check, "status": "error", "sentence": "ratings.rating: missing is 10% <script>alert(7)</script>"},
            {**check, "status": "ok", "sentence": "ratings.rating: the type is float"},
        ],
        "tables": [
            {
                **table,
                "columns": [{**column, **figures, "distinct_is_exact": True}, {**seen, "distinct_is_exact": False}],
            }
        ],
        "figures": [{"title": "Ratings by rating", "plot": {"data": [{"type": "bar"}], "layout": {}}}],
    }


def _store_reports(session: Session) -> None:
    for run_id, verdict in (("run-1", "good"), ("run-2", "act")):
        report = json.dumps(quality_report(verdict))
        insert(session, "reports_by_subject", subject="quality", run_id=run_id, verdict=verdict, report=report)
    insert(session, "reports_by_subject", subject="quality.titles", run_id="run-1", verdict="good", report=report)
    for run_id, verdict in (("run-1", "good"), ("run-2", "act")):
        report = json.dumps(drift_report(verdict))
        insert(session, "reports_by_subject", subject="drift", run_id=run_id, verdict="act", report=report)
    for run_id, subject in (("run-1", "outliers.servers"), ("run-2", "outliers.servers"), ("run-2", "outliers.users")):
        report = json.dumps(outlier_report(run_id))
        insert(session, "reports_by_subject", subject=subject, run_id=run_id, verdict="watch", report=report)
        rows = [(LISTED, ["latency 9 (+6.0 sd)"]), (UNLISTED, ["<script>alert(5)</script>"])]
        for place, (row_id, reasons) in enumerate(rows, start=1):
            row = {"run_id": run_id, "subject": subject, "place": place, "row_id": str(row_id), "reasons": reasons}
            insert(session, "outliers_by_run", **row, score=-900.5, values=[9.0, 1.5])
