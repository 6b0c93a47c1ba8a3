"""A few made-up lines for walks.py: a MovieLens data set and a catalogue.

Example: python tests/bench/walk_data.py FOLDER     (writes FOLDER/movielens and FOLDER/catalogue)
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

USERS, MOVIES = range(1, 41), range(1, 21)
BEGAN = 1_420_070_400  # the first second of 2015
TITLES = (
    "id,title,type,description,release_year,age_certification,runtime,genres,production_countries,seasons,"
    "imdb_id,imdb_score,imdb_votes,tmdb_popularity,tmdb_score"
)
ROLES = ("ACTOR", "DIRECTOR")


def movielens() -> dict[str, list[str]]:
    """The lines of the four files, their headers first: every user rates every other movie."""
    pairs = [(user, movie) for user in USERS for movie in MOVIES if (user + movie) % 2 == 0]
    stars = [1 + (user * movie) % 9 / 2 for user, movie in pairs]
    return {
        "movies": ["movieId,title,genres", *(f"{movie},Movie {movie} (1999),Comedy|Drama" for movie in MOVIES)],
        "links": ["movieId,imdbId,tmdbId", *(f"{movie},{movie:07},{movie}" for movie in MOVIES)],
        "tags": ["userId,movieId,tag,timestamp", *(f"{user},{movie},good,{BEGAN}" for user, movie in pairs[:5])],
        "ratings": [
            "userId,movieId,rating,timestamp",
            *(f"{u},{m},{given},{BEGAN + 60 * u + m}" for (u, m), given in zip(pairs, stars, strict=True)),
        ],
    }


def catalogue() -> dict[str, list[str]]:
    """The lines of the two files, their headers first: each title has an actor and a director."""
    lists = "\"['drama']\",\"['US']\""
    titles = [
        f"tm{n},Title {n},MOVIE,About {n}.,{1990 + n},PG,100,{lists},,tt{n:07},{5 + n / 10:.1f},{100 * n},1.0,6.0"
        for n in MOVIES
    ]
    credits = [f"{2 * n + k},tm{n},Person {k} {n},Role,{role}" for n in MOVIES for k, role in enumerate(ROLES)]
    return {"titles": [TITLES, *titles], "credits": ["person_id,id,name,character,role", *credits]}


def save(folder: Path, files: Mapping[str, Sequence[str]]) -> None:
    """Write each file of lines to a new folder."""
    folder.mkdir()
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    save(Path(sys.argv[1], "movielens"), movielens())
    save(Path(sys.argv[1], "catalogue"), catalogue())
