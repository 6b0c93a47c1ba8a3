"""Lists that are narrowed to a genre and years, and put in an order in which less popular movies come sooner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from web.app.errors import NotFound
from web.app.fields import Parameters, Year, none_if_empty
from web.movies.lists import resolve_genre
from web.movies.models import Genre
from web.movies.store import Movie, MoviesView
from web.movies.term_ids import ids_of_any

FIRST_YEAR, LAST_YEAR = 1800, 2200
SENTENCES = {
    "year_from": f"A year is a number from {FIRST_YEAR} to {LAST_YEAR}.",
    "year_to": f"A year is a number from {FIRST_YEAR} to {LAST_YEAR}.",
    "less_popular": "«Less popular» goes from 0 to 100.",
    "genre": "No genre has so long a name.",
}


class Narrowed(Parameters):
    """What a request may narrow a list by."""

    genre: Genre = None
    year_from: Annotated[Year, Field(description="First year of the movies that are listed")] = None
    year_to: Annotated[Year, Field(description="Last year of the movies that are listed")] = None
    less_popular: Annotated[int, BeforeValidator(lambda value: none_if_empty(value) or 0)] = Field(
        0,
        ge=0,
        le=100,
        description="100 · w: the first 100 movies that the list would have are put in the order of (1 - w) · place on "
        "the list + w · place by number of ratings, fewest first; equal sums stay in the list's order. "
        "0: the list as it is",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.year_from is not None and self.year_to is not None and self.year_from > self.year_to:
            raise ValueError(f"The first year, {self.year_from}, is after the last, {self.year_to}.")
        return self

    def narrowing(self, view: MoviesView) -> Narrowing:
        """What is asked for, with the genre as it is published.

        Raises:
            NotFound: there is no such genre.
        """
        return Narrowing(resolve_genre(view, self.genre), self.year_from, self.year_to, self.less_popular)


@dataclass(frozen=True)
class Narrowing:
    """A genre, the first and the last year, each None for all; and how much less popular, in per cent."""

    genre: str | None = None
    year_from: int | None = None
    year_to: int | None = None
    less_popular: int = 0

    @property
    def leaves_out(self) -> bool:
        """Whether there are movies that do not fit."""
        return (self.genre, self.year_from, self.year_to) != (None, None, None)

    def fits(self, movie: Movie) -> bool:
        """Whether the movie is of the genre and the years; one without a year is of no years."""
        if self.genre is not None and self.genre not in movie.genres:
            return False
        if self.year_from is None and self.year_to is None:
            return True
        return movie.year is not None and self._first <= movie.year <= self._last

    def fitting(self, view: MoviesView) -> NDArray[np.integer] | None:
        """The ids of all movies that fit, rising; None where all do."""
        found = []
        if self.genre is not None:
            found.append(ids_of_any(view, [("genre", self.genre)]))
        if self.year_from is not None or self.year_to is not None:
            years = range(self._first, self._last + 1)
            found.append(ids_of_any(view, [("year", f"{year:04d}") for year in years]))
        return reduce(np.intersect1d, found) if found else None

    @property
    def years(self) -> str:
        """The years as people say them; "" for all."""
        if self.year_from is None:
            return "" if self.year_to is None else f"up to {self.year_to}"
        if self.year_from == self.year_to:
            return f"of {self.year_to}"
        return f"from {self.year_from}" + ("" if self.year_to is None else f" to {self.year_to}")

    @property
    def _first(self) -> int:
        return FIRST_YEAR if self.year_from is None else self.year_from

    @property
    def _last(self) -> int:
        return LAST_YEAR if self.year_to is None else self.year_to

    def query(self) -> dict[str, Any]:
        """What stands in an address that asks for this."""
        return {name: value for name, value in asdict(self).items() if value}


ALL = Narrowing()


@dataclass(frozen=True)
class Asked:
    """What a page is asked for: what was typed, what it means, and what is wrong with it, None where all is well."""

    typed: Mapping[str, str]
    narrowing: Narrowing
    problem: str | None = None

    @classmethod
    def of(cls, view: MoviesView, typed: Mapping[str, str]) -> Asked:
        """Read the query of an address; with something wrong in it the list is as it is without."""
        try:
            return cls(typed, Narrowed.model_validate(dict(typed)).narrowing(view))
        except NotFound as error:
            return cls(typed, ALL, str(error))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = str(first["loc"][0]) if first["loc"] else ""
            return cls(typed, ALL, SENTENCES.get(field, first["msg"].removeprefix("Value error, ")))

    def without(self, names: Sequence[str], keep: Mapping[str, Any]) -> dict[str, Any]:
        """What stands in an address that asks for the same but for these, and for what is kept."""
        left = {name: value for name, value in self.narrowing.query().items() if name not in names}
        return {**keep, **left}
