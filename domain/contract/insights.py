"""Names of the figures of /insights, for the job that computes them and the page that draws them."""

from __future__ import annotations

from enum import StrEnum

SEGMENT_RATINGS = 20  # of a user who is in a segment; MovieLens asks for as many before it recommends


class Insight(StrEnum):
    """The figures, with the equally long columns of each."""

    MOVIES_BY_RATING_COUNT = "movies_by_rating_count"  # bucket, movies
    RATING_COUNT_DENSITY = "rating_count_density"  # log10_count, density
    MEAN_AGAINST_COUNT = "mean_against_count"  # rating_count, mean_rating, title
    USER_MEAN_AGAINST_COUNT = "user_mean_against_count"  # rating_count, mean_rating
    TAGS_PER_MOVIE = "tags_per_movie"  # tag_count, title
    MEAN_AGAINST_TAGS = "mean_against_tags"  # tag_count, mean_rating, title
    USER_SEGMENTS = "user_segments"  # number (1 is the largest), name, users, share (of the users that have one)
    RATINGS_BY_STAR = "ratings_by_star"  # rating, ratings
    RATINGS_BY_MONTH = "ratings_by_month"  # month ("1996-03"), ratings
    RUN_TIME_BY_NODES = "run_time_by_nodes"  # nodes, seconds, kind ("measured" or "predicted"); by report_scaling
    EXAMPLE_USERS = "example_users"  # user_id, rating_count
