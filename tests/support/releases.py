"""The same few invented ratings in the exact form of each release of MovieLens."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from domain.contract.movielens import GENOME, HEADERS
from spark_jobs.movielens.releases import GENRES_OF_100K

Ratings = list[tuple[int, int, int, int]]  # user, movie, whole stars, seconds since 1970
MOVIES = {
    1: ("Harbor Lights (1994)", ("Drama",)),
    2: ("Paper Moon Rising (2001)", ("Comedy", "Romance")),
    3: ('The "Quiet" Orchard II (2008)', ("Drama", "War")),
    4: ("Winter, Again (1999)", ()),
    5: ("Mélodie bleue (1987)", ("Film-Noir",)),
    6: ("Salt and Iron (2012)", ("Action", "Sci-Fi")),
}
TAGS = [(1, 1, "quiet", 1_100_000_000), (2, 3, "so, so quiet", 1_100_000_001)]
LINKS = {number: (f"{100_000 + number:07d}", 800 + number) for number in MOVIES}


def ratings(users: int = 40, movies: Iterable[int] = MOVIES) -> Ratings:
    """Ratings of two tastes, whole stars, in the order of users and movies."""
    rated = ((user, movie) for user in range(1, users + 1) for movie in movies if (user * 7 + movie * 3) % 5)
    return [(user, movie, 5 - (user + movie) % 2 * 3, 1_000_000_000 + 1009 * user + movie) for user, movie in rated]


def as_csv(header: str, rows: Iterable[Iterable[object]], quoted_header: bool = False) -> str:
    """A CSV file whose fields are quoted where they must be."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    names = ",".join(f'"{name}"' for name in header.split(",")) if quoted_header else header
    return f"{names}\n{text.getvalue()}"


def by_bars(given: Iterable[str]) -> str:
    """Genres as lists with bars."""
    return "|".join(given) or "(no genres listed)"


def iso(seconds: int) -> str:
    """A time as the copies of 20M on Kaggle have it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def files_of_100k(rated: Ratings) -> dict[str, bytes]:
    """u.data, and u.item with a column for each genre, in Latin-1."""
    data = "".join("\t".join(map(str, row)) + "\n" for row in rated)
    items = "".join(
        f"{number}|{title}|01-Jan-1995||http://us.imdb.com/M/title-exact?{number}|"
        + "|".join(str(int(genre in genres)) for genre in GENRES_OF_100K)
        + "\n"
        for number, (title, genres) in MOVIES.items()
    )
    return {"u.data": data.encode(), "u.item": items.encode("latin-1")}


def files_with_colons(rated: Ratings, encoding: str, tags: bool) -> dict[str, bytes]:
    """1M (Latin-1, no tags) or 10M (UTF-8, tags)."""
    lines = {
        "ratings.dat": rated,
        "movies.dat": [(number, title, by_bars(genres)) for number, (title, genres) in MOVIES.items()],
        **({"tags.dat": TAGS} if tags else {"users.dat": [(1, "F", 1, 10, "48067")]}),
    }
    return {
        name: "".join("::".join(map(str, row)) + "\n" for row in rows).encode(encoding) for name, rows in lines.items()
    }


def files_with_headers(rated: Ratings, genome: bool = False, kaggle: bool = False) -> dict[str, bytes]:
    """20M and later; with `kaggle` under the names of its copies there, which have dates and quoted headers."""
    time = iso if kaggle else int
    rows: dict[str, list[tuple[object, ...]]] = {
        "ratings": [(user, movie, float(stars), time(at)) for user, movie, stars, at in rated],
        "movies": [(number, title, by_bars(genres)) for number, (title, genres) in MOVIES.items()],
        "tags": [(user, movie, tag, time(at)) for user, movie, tag, at in TAGS],
        "links": [(number, *ids) for number, ids in LINKS.items()],
    }
    made = {kind: as_csv(HEADERS[kind], rows[kind], kaggle) for kind in HEADERS}
    if genome:
        scores = [(1, 1, 0.95), (1, 2, 0.1), (3, 1, 0.9), (5, 2, 0.8)]
        made["genome-tags"] = as_csv(GENOME["genome-tags"], [(1, "quiet"), (2, "Foreign")])
        made["genome-scores"] = as_csv(GENOME["genome-scores"], scores)
    ending = (lambda kind: kind.removesuffix("s") if kind in HEADERS else kind.replace("-", "_")) if kaggle else str
    return {f"{ending(kind)}.csv": text.encode() for kind, text in made.items()}


RELEASES = {
    "ml-100k": files_of_100k,
    "ml-1m": lambda rated: files_with_colons(rated, "latin-1", tags=False),
    "ml-10m": lambda rated: files_with_colons(rated, "utf-8", tags=True),
    "ml-20m": lambda rated: files_with_headers(rated, genome=True),
    "ml-20m-kaggle": lambda rated: files_with_headers(rated, genome=True, kaggle=True),
    "ml-25m-gzipped": lambda rated: {
        f"{name}.gz": gzip.compress(content) for name, content in files_with_headers(rated, genome=True).items()
    },
    "ml-latest-small": files_with_headers,
}


def write_release(folder: Path, release: str, rated: Ratings | None = None) -> Path:
    """The files of a release in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in RELEASES[release](ratings() if rated is None else rated).items():
        (folder / name).write_bytes(content)
    return folder
