"""A small world in which everything that the site can show is there once, real or invented by its ids.

Beside what `site_world` plants: one title and one person of the catalogue, one song of one listener, and reports.
"""

from __future__ import annotations

import json
from typing import Any

from cassandra.cluster import Session

from cql import active
from cql.kinds import Kind
from domain.contract.catalogue import ALL, person_heads, title_heads
from domain.contract.generated import dataset_id
from tests.support import site_world
from tests.support.site_world import WHEN, insert

MEDIA, PERSON, TRACK, SESSION, LISTENER = "tm1", 1, "track-1", 5, 1
TITLE, NAME, SONG = "Xyzzy Harvest", "Plugh Xyzzy", "Xyzzy Blues"
FOLDERS = {Kind.RECOMMENDATIONS: "sample", Kind.CATALOGUE: "catalogue", Kind.SONGPLAYS: "songs"}


def named(kind: Kind, invented: bool) -> str:
    """The id of the data set of a kind."""
    return dataset_id(FOLDERS[kind], "0123abcd", invented)


def store_world(session: Session, invented: bool) -> None:
    """Plant and publish a run of each kind, and a report of each subject."""
    movies = named(Kind.RECOMMENDATIONS, invented)
    site_world.store_data(session, movies)
    site_world.store_run(session, f"run-{Kind.RECOMMENDATIONS}", movies)
    store_catalogue(session, f"run-{Kind.CATALOGUE}", named(Kind.CATALOGUE, invented), movies)
    _store_songs(session, f"run-{Kind.SONGPLAYS}", named(Kind.SONGPLAYS, invented))
    for kind in Kind:
        active.flip(session, kind.job, f"run-{kind}", named(kind, invented), expected=None)
    about: dict[str, Any] = {"run_id": "run-1", "dataset_id": movies, "verdict": "good"}
    for subject, report in {
        "quality": site_world.quality_report("good"),
        "drift": site_world.drift_report("good"),
        "outliers.users": site_world.outlier_report("run-1"),
        "outliers.servers": site_world.outlier_report("run-1"),  # of no data set
    }.items():
        row = {**about, "dataset_id": None if subject == "outliers.servers" else movies}
        text = json.dumps({**report, "generated": invented})
        insert(session, "reports_by_subject", subject=subject, **row, report=text)


def store_catalogue(session: Session, run_id: str, dataset: str, movies: str, **record: Any) -> None:
    """One title that is movie 1 of the data set `movies`, with one actor."""
    run = {"run_id": run_id, "media_id": MEDIA}
    about = {"title": TITLE, "type": "MOVIE", "year": 1999, "genres": ["drama"], "countries": ["US"]}
    media = {"imdb_id": "tt0000001", "score": 7.5, "votes": 9, "movie_id": 1, "linked_dataset": movies}
    insert(session, "media_by_id", **run, **about, **media)
    insert(session, "media_by_movie", **run, movie_id=1, linked_dataset=movies)
    insert(session, "credits_by_title", **run, role="ACTOR", place=1, person_id=PERSON, name=NAME)
    insert(session, "people_by_id", run_id=run_id, person_id=PERSON, name=NAME, acted=1, directed=0)
    figures = {"title_count": 1, "scores": [75], "score_counts": [1], "most_votes": [9]}
    listed = {**run, "score": 75, "votes": 9, **about}
    insert(session, "facets_by_run", run_id=run_id, facet=ALL, value=ALL, **figures, years=[1999], year_counts=[1])
    insert(session, "titles_by_score", facet=ALL, value=ALL, **listed)
    insert(session, "titles_by_person", role="ACTOR", name_key=NAME.lower(), person_id=PERSON, name=NAME, **listed)
    for head in person_heads(NAME):
        person = {"person_ids": [PERSON], "names": [NAME], "acted": [1], "directed": [0]}
        insert(session, "people_by_head", run_id=run_id, head=head, block=0, **person)
    for head in title_heads(TITLE):
        lists = {"media_ids": [MEDIA], "titles": [TITLE], "types": ["MOVIE"], "years": [1999], "certifications": [""]}
        more = {"genres": [["drama"]], "countries": [["US"]], "scores": [75], "votes": [9]}
        insert(session, "titles_by_head", run_id=run_id, head=head, block=0, **lists, **more)
    row = {"job": Kind.CATALOGUE.job, "run_id": run_id, "status": "done", "dataset_id": dataset, "started_at": WHEN}
    insert(session, "runs_by_job", **row, record=json.dumps(record))


def _store_songs(session: Session, run_id: str, dataset: str) -> None:
    song = {"title": SONG, "artist": NAME}
    insert(session, "tracks_by_id", run_id=run_id, track_id=TRACK, plays=1, listeners=1, **song)
    who = {"first_name": "Plugh", "last_name": "Xyzzy", "level": "free", "location": "Nome, AK", "plays": 1}
    insert(session, "listeners_by_id", run_id=run_id, user_id=LISTENER, **who)
    insert(session, "sessions_by_user", run_id=run_id, user_id=LISTENER, began_at=WHEN, session_id=SESSION, plays=1)
    insert(session, "listeners_by_track", run_id=run_id, track_id=TRACK, block=0, user_ids=[LISTENER], plays=[1])
    top = {"run_id": run_id, "scope": ALL, "value": ALL, "place": 1, "plays": 1, "listeners": 1}
    for kind in ("song", "artist"):
        insert(session, "top_played_by_scope", kind=kind, id=TRACK, **top, **song)
    insert(session, "songs_by_listener", run_id=run_id, user_id=LISTENER, track_ids=[TRACK], scores=[1.0])
    text = {name: [""] for name in ("song_ids", "artist_ids", "locations", "user_agents")}
    lists = {"items": [0], "start_times": [WHEN], "user_ids": [LISTENER], "levels": ["free"], "track_ids": [TRACK]}
    play = {**lists, **text, "titles": [SONG], "artists": [NAME], "lengths": [1.0]}
    insert(session, "songplays_by_session", run_id=run_id, session_id=SESSION, block=0, **play)
    row = {"job": Kind.SONGPLAYS.job, "run_id": run_id, "status": "done", "dataset_id": dataset, "started_at": WHEN}
    insert(session, "runs_by_job", **row, record="{}")
