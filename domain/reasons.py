"""Why a line of the input is rejected; a cleaning rule is a member here and its condition in a transform."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The reasons in the order in which they are tried: a line is rejected for the first that applies."""

    BLANK_LINE = "blank_line"  # nothing but spaces
    INVALID_ENCODING = "invalid_encoding"  # bytes that are not UTF-8
    CONTROL_CHARACTER = "control_character"  # NUL, a lone carriage return, escape, … (a tab is a space)
    BROKEN_QUOTES = "broken_quotes"  # a quote that is not closed, or stands inside a field without quotes
    MISSING_FIELD = "missing_field"  # fewer fields than the header
    SURPLUS_FIELD = "surplus_field"  # more fields than the header
    NOT_A_NUMBER = "not_a_number"  # an id, a rating or a timestamp that is not written in decimal digits
    ID_OUT_OF_RANGE = "id_out_of_range"  # an id outside 1 … 2,147,483,647: ALS keeps ids in 32 bits
    EMPTY_TITLE = "empty_title"  # no title, or nothing but a year
    EMPTY_TAG = "empty_tag"  # no tag, or nothing but spaces
    RATING_OUT_OF_RANGE = "rating_out_of_range"  # outside 0.5 … 5.0 stars
    RATING_NOT_A_HALF_STEP = "rating_not_a_half_step"  # between two half stars
    TIME_OUT_OF_RANGE = "time_out_of_range"  # before 1995, when MovieLens had not begun, or after the run's start
    UNKNOWN_MOVIE = "unknown_movie"  # of a movie that is not among the clean movies
    DUPLICATE = "duplicate"  # another line with the same key is kept: see the job's page for which one
