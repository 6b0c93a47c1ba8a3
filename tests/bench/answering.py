"""A list that answers to a rating given just before, beside a stored one, on a site of its own at any size.

    python -m tests.bench.answering TABLES CLEAN

TABLES is where `publish_recommendations --tables parquet:TABLES` has published, CLEAN the cleaned data. A Cassandra of
its own gets the model, the movies, and lists and ratings of some users; then calls are timed one after another. Prints
milliseconds of both kinds of list, how long after the flip the arrays were there, and the memory of the site.
"""

from __future__ import annotations

import argparse
import http.client
import json
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset as ds
from cassandra.cluster import Session
from cassandra.concurrent import execute_concurrent_with_args

from cluster.native.lifecycle import down, up
from cluster.native.process import Processes
from cluster.settings import Settings
from cql import TABLES, active
from cql.apply import apply
from cql.connect import Contact, connect
from cql.kinds import Kind
from tests.conftest import cluster_settings

USERS, DATASET, KEY = 400, "bench", "test-key"
WAIT_SECONDS = 120.0


def store(session: Session, table: str, rows: Iterable[dict[str, Any]], at_once: int = 64) -> None:
    """Insert rows as they are, so many at once; columns that they do not name stay unset."""
    names = TABLES[table].column_names
    statement = session.prepare(TABLES[table].insert)
    values = ([row.get(name) for name in names] for row in rows)
    for _ in execute_concurrent_with_args(session, statement, values, concurrency=at_once, results_generator=True):
        pass


def fill(session: Session, tables: Path, clean: Path) -> tuple[str, list[int]]:
    """What the site needs to answer some users; the run, and these users."""
    lists = ds.dataset(tables / "recommendations_by_user").head(USERS).to_pylist()
    run_id, users = str(lists[0]["run_id"]), [int(row["user_id"]) for row in lists]
    parts = ds.dataset(tables / "model_parts_by_run").to_batches(filter=ds.field("run_id") == run_id, batch_size=16)
    store(session, "model_parts_by_run", (row for batch in parts for row in batch.to_pylist()), 4)
    store(session, "recommendations_by_user", lists)
    popular = ds.dataset(tables / "popular_by_genre").to_table(filter=ds.field("run_id") == run_id)
    store(session, "popular_by_genre", popular.to_pylist())
    movies = ds.dataset(clean / "movies").to_table().to_pylist()
    store(session, "movies_by_id", ({**row, "dataset_id": DATASET} for row in movies))
    some = ds.dataset(clean / "ratings").to_table(filter=ds.field("user_id").isin(users)).to_pandas()
    newest = some.sort_values("rated_at", ascending=False).groupby("user_id")
    blocks = [
        {
            **{"dataset_id": DATASET, "user_id": int(user), "block": at // 1000},
            "movie_ids": own["movie_id"].tolist()[at : at + 1000],
            "ratings": own["rating"].tolist()[at : at + 1000],
            "rated_at": own["rated_at"].dt.to_pydatetime().tolist()[at : at + 1000],
        }
        for user, own in newest
        for at in range(0, len(own), 1000)
    ]
    store(session, "ratings_by_user", blocks)
    return run_id, users


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", type=Path)
    parser.add_argument("clean", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = cluster_settings(Path(folder))
        try:
            up(settings, ("cassandra",))
            contact = Contact.from_env(settings.child_environ())
            apply(contact)
            session = connect(contact)
            run_id, users = fill(session, options.tables, options.clean)
            up(settings, ("web",))
            measure(settings, session, run_id, users)
        finally:
            down(settings)


def measure(settings: Settings, session: Session, run_id: str, users: Sequence[int]) -> None:
    """Print how long lists take of users who have rated and of users who have not."""
    site = connection(settings)
    active.flip(session, Kind.RECOMMENDATIONS.job, run_id, DATASET, None)
    flipped, asked = time.perf_counter(), users[0]
    rated = rate(site, asked, listed(site, asked)[0][0])
    loaded = 0
    while loaded < 10:  # calls in a row, so that both processes have it
        loaded = loaded + 1 if listed(connection(settings), asked)[2] == "fold_in" else 0
        if time.perf_counter() - flipped > WAIT_SECONDS:
            raise RuntimeError(f"no folded-in list {WAIT_SECONDS:g} s after the flip; rated: {rated}")
    print(f"arrays in both processes {time.perf_counter() - flipped:.1f} s after the flip")
    for user in users[1:20]:  # movies' titles are remembered, connections open
        listed(site, user)
    half = (len(users) - 20) // 2
    stored = [listed(site, user)[1] for user in users[20 : 20 + half]]
    made = []
    for user in users[20 + half :]:
        rate(site, user, listed(site, user)[0][0])
        _, seconds, source = listed(site, user)
        if source != "fold_in":
            raise RuntimeError(f"user {user} was answered by {source}")
        made.append(seconds)
    for name, times in (("stored", stored), ("folded in", made)):
        p50, p99 = 1000 * np.percentile(times, [50, 99])
        print(f"{name}: {len(times)} calls, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    print(f"p99 {np.percentile(made, 99) / np.percentile(stored, 99):.2f} times as long; site: {memory(settings)} MB")


def connection(settings: Settings) -> http.client.HTTPConnection:
    """A connection to one of the site's processes, which stays with it."""
    return http.client.HTTPConnection("127.0.0.1", settings.ports.web, timeout=60)


def listed(site: http.client.HTTPConnection, user: int) -> tuple[list[int], float, str]:
    """The movies of a user's list, the seconds it took, and its source."""
    begin = time.perf_counter()
    site.request("GET", f"/api/v1/users/{user}/recommendations")
    body = site.getresponse().read()
    seconds = time.perf_counter() - begin
    answer = json.loads(body)
    return [item["movie_id"] for item in answer["items"]], seconds, answer["source"]


def rate(site: http.client.HTTPConnection, user: int, movie: int) -> dict[str, Any]:
    """Give a movie five stars."""
    headers = {"X-API-Key": KEY, "Content-Type": "application/json"}
    body = json.dumps({"movie_id": movie, "rating": 5})
    site.request("POST", f"/api/v1/users/{user}/ratings", body, headers)
    answer = site.getresponse()
    if answer.status != 200:
        raise RuntimeError(answer.read())
    return dict(json.loads(answer.read()))


def memory(settings: Settings) -> int:
    """Megabytes of the site's processes together, each shared page in the part that is its process's (PSS)."""
    parent = Processes(settings.run_dir).pid("web")
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    kilobytes = 0
    for pid in (str(parent), *children):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        kilobytes += int(next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:")))
    return kilobytes // 1000


if __name__ == "__main__":
    main()
