"""The four files of a MovieLens data set as published, and what a rating may be.

A job may find any of the files as a folder of parts, too.
"""

from __future__ import annotations

# the names of data sets by size, and of what is generated in place of each
DOWNLOADS = {"s": "ml-latest-small", "f": "ml-latest"}
SAMPLES = {"s": "sample", "f": "sample-full", "sample": "sample"}
HEADERS = {
    "movies": "movieId,title,genres",
    "ratings": "userId,movieId,rating,timestamp",
    "tags": "userId,movieId,tag,timestamp",
    "links": "movieId,imdbId,tmdbId",
}
LISTED = 1000  # ratings in one row of a table, whose lists would have no end otherwise
LOWEST, HIGHEST, STEP = 0.5, 5.0, 0.5  # the scale of ratings, in stars
STARS = tuple(STEP * steps for steps in range(round(LOWEST / STEP), round(HIGHEST / STEP) + 1))  # what a rating may be
