"""Reasons why a line of the input is rejected; a cleaning rule is a member here and its condition in a transform."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The reasons in the order in which they are tried: a line is rejected for the first that applies."""

    BLANK_LINE = "blank_line"  # nothing but spaces
    INVALID_ENCODING = "invalid_encoding"  # bytes that are not UTF-8
    CONTROL_CHARACTER = "control_character"  # NUL, a lone carriage return, escape, … (a tab is a space)
    BROKEN_QUOTES = "broken_quotes"  # a quote that is not closed, or stands inside a field without quotes
    NOT_JSON = "not_json"  # not one JSON object and nothing else, or with a field of another type
    MISSING_FIELD = "missing_field"  # fewer fields than the header; in JSON one that is needed is absent or empty
    SURPLUS_FIELD = "surplus_field"  # more fields than the header
    NOT_A_NUMBER = "not_a_number"  # an id that is no whole number, or a rating or figure that is no number
    NOT_A_TIME = "not_a_time"  # neither seconds since 1970 nor a date whose month is plain
    ID_OUT_OF_RANGE = "id_out_of_range"  # an id outside 0 … 2,147,483,647: ALS keeps ids in 32 bits
    EMPTY_TITLE = "empty_title"  # no title, or nothing but a year
    EMPTY_TAG = "empty_tag"  # no tag, or nothing but spaces
    RATING_OUT_OF_RANGE = "rating_out_of_range"  # outside 0.5 … 5.0 stars, or what --scale says
    RATING_NOT_A_HALF_STEP = "rating_not_a_half_step"  # between two half stars, or two steps of --scale
    TIME_OUT_OF_RANGE = "time_out_of_range"  # before 1995, when MovieLens had not begun, or after the run's start
    BAD_CATALOGUE_ID = (
        "bad_catalogue_id"  # of a title, song or artist: empty, long, or of other characters than the job's page says
    )
    UNKNOWN_TYPE = "unknown_type"  # neither MOVIE nor SHOW
    UNKNOWN_ROLE = "unknown_role"  # neither ACTOR nor DIRECTOR
    UNKNOWN_LEVEL = "unknown_level"  # of a listener: neither free nor paid
    EMPTY_NAME = "empty_name"  # a person or artist without a name
    NOT_A_LIST = "not_a_list"  # genres or countries that are not a Python list of texts
    TOO_LONG = (
        "too_long"  # a name, title or other text above the limits of domain/contract (catalogue.py, songplays.py)
    )
    BAD_IMDB_ID = "bad_imdb_id"  # not "tt" and at least seven digits
    SCORE_OUT_OF_RANGE = "score_out_of_range"  # outside 0 … 10
    FIGURE_OUT_OF_RANGE = (
        "figure_out_of_range"  # a year outside 1870 … 2100; minutes, votes, seconds, … below 0 or huge
    )
    UNKNOWN_MOVIE = "unknown_movie"  # of a movie that is not among the clean movies
    UNKNOWN_TAG = "unknown_tag"  # a score of a tag that is not among the genome's tags
    UNKNOWN_TITLE = "unknown_title"  # a credit of a title that is not among the clean titles
    DUPLICATE = "duplicate"  # another line with the same key is kept: see the job's page for which one
    CONFLICT = "conflict"  # another user's play with the same session and item is kept: see the job's page
