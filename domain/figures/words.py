"""Columns of tables and features of detectors in words: the one place that says what people read for `rated_at`."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """What a column says, in the middle of a sentence, and its unit where it has one."""

    said: str
    unit: str = ""

    @property
    def title(self) -> str:
        """For an axis or the head of a table: "Mean rating (stars)"."""
        return capital(self.said) + (f" ({self.unit})" if self.unit else "")


COLUMNS = {
    "user_id": Words("user", "number"),
    "movie_id": Words("movie", "number"),
    "title": Words("title"),
    "year": Words("year of release"),
    "genres": Words("genres"),
    "rating": Words("stars given"),
    "rated_at": Words("time of the rating", "UTC"),
    "tag": Words("tag"),
    "tagged_at": Words("time of the tag", "UTC"),
    "imdb_id": Words("IMDb number"),
    "tmdb_id": Words("TMDB number"),
    # features of the detectors of outliers
    "rating_count": Words("number of ratings"),
    "mean_rating": Words("mean rating", "stars"),
    "std_rating": Words("spread of the ratings", "standard deviation, stars"),
    "entropy": Words("variety of the stars", "bits"),
    "ratings_per_day": Words("ratings on a day with any"),
    "extreme_share": Words("share of extreme stars", "0 to 1"),
    "tag_count": Words("number of tags"),
    "mean_log_popularity": Words("popularity of the movies chosen", "mean ln of their ratings"),
    "list_evidence": Words("evidence for a list", "nats"),
    "busiest_hour": Words("most ratings in one hour"),
    "latency_ms": Words("latency", "ms"),
    "throughput_mb_s": Words("throughput", "MB/s"),
}
FEATURES = {  # of a report on drift
    "rating": Words("stars given"),
    "genre": Words("genre"),
    "hour": Words("hour of the day", "UTC"),
    "weekday": Words("weekday", "UTC"),
    "new users": Words("ratings by new users"),
    "new movies": Words("ratings of new movies"),
    "volume": Words("ratings a day"),
}


def capital(text: str) -> str:
    """The text with a capital letter first, all others as they are."""
    return text[:1].upper() + text[1:]


def words_of(column: str) -> Words:
    """The words of a column; of one that nobody has named, its own name with spaces."""
    return COLUMNS.get(column) or Words(column.replace("_", " ").strip() or column)


def feature_in_words(feature: str) -> str:
    """What a report on drift compares: "Hour of the day (UTC)"."""
    return FEATURES[feature].title if feature in FEATURES else capital(feature)


def place_in_words(table: str, column: str | None = None) -> str:
    """A column of a table: "Ratings: time of the rating"; without a column, the table."""
    said = capital(table.replace("_", " "))
    return f"{said}: {words_of(column).said}" if column else said


def reason_in_words(reason: str) -> str:
    """A reason of a detector with its feature in words: "number of ratings 2 (…" for "rating_count 2 (…"."""
    before, unusual, told = reason.rpartition("unusual: ")
    feature, space, rest = told.partition(" ")
    if not space or feature not in COLUMNS:
        return reason
    return f"{before}{unusual}{COLUMNS[feature].said} {rest}"
