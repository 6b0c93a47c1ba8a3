"""The ratings of a movie by the year in which they were given, and by the taste segment of who gave them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.contract.insights import Insight
from web.app.database import database, select
from web.app.errors import SchemaMissing
from web.movies.models import SegmentRatings, YearRatings
from web.movies.store import MoviesView

BREAKDOWN = select("breakdown_by_movie", "dataset_id", "movie_id")


@dataclass(frozen=True)
class Breakdown:
    """Both parts; None where they are not stored."""

    by_year: list[YearRatings] | None = None
    by_segment: list[SegmentRatings] | None = None


def breakdown(view: MoviesView, movie_id: int, rating_count: int) -> Breakdown:
    """The ratings of the movie in parts.

    They are not stored where the data set is of an older version, which may not have had the table.
    """
    if not rating_count:
        return Breakdown([], [])
    try:
        row = database().one(BREAKDOWN, view.dataset_id, movie_id)
    except SchemaMissing:
        return Breakdown()
    return Breakdown(_by_year(row), _by_segment(view, row)) if row else Breakdown()


def _by_year(row: Any) -> list[YearRatings]:
    return [
        YearRatings(year=year, rating_count=count, mean_rating=mean)
        for year, count, mean in zip(row.years, row.year_counts, row.year_means, strict=True)
    ]


def _by_segment(view: MoviesView, row: Any) -> list[SegmentRatings]:
    if not row.segments:  # an empty list is stored as null
        return []
    columns = view.insight(Insight.USER_SEGMENTS)
    names = dict(zip(columns.get("number", []), columns.get("name", []), strict=True))
    figures = zip(row.segments, row.segment_counts, row.segment_means, strict=True)
    return [
        SegmentRatings(number=number, name=names[number], rating_count=count, mean_rating=mean)
        for number, count, mean in figures
        if number in names
    ]
