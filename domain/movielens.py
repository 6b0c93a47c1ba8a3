"""The four files of a MovieLens data set as published; a job may find any of them as a folder of parts, too."""

from __future__ import annotations

HEADERS = {
    "movies": "movieId,title,genres",
    "ratings": "userId,movieId,rating,timestamp",
    "tags": "userId,movieId,tag,timestamp",
    "links": "movieId,imdbId,tmdbId",
}
