"""What a visitor likes and does not want to see, as the address of a page has it: `?picks=1,50&without=3`.

Nothing of it is stored here: an address can be kept, sent and opened again, with a script or without.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Flask, g, request, url_for

from web.app.fields import INT32
from web.movies.store import Movie, MoviesView
from web.users.narrowed import Narrowing
from web.users.recommend import Recommendations, for_visitor

MOST_PICKS = 100  # and as many that are not wanted; the address stays below 4,094 bytes, which gunicorn takes
WANTED = 3  # picks that a visitor is asked for
NARROWED_BY = ("genre", "year_from", "year_to", "less_popular")  # stay in the address of the first page
QUOTED = 20  # characters of what is no number of a movie


@dataclass(frozen=True)
class Picks:
    """Movies that a visitor likes, and such as are not to be listed, each once in the order in which they came.

    `notes` has a sentence for each thing that was left out.
    """

    liked: tuple[int, ...] = ()
    without: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Picks:
        """The picks in the parameters of an address, as far as they can be read."""
        liked, notes = _numbers(args.get("picks", ""), "picks")
        without, more = _numbers(args.get("without", ""), "movies that are not wanted")
        return cls(liked, tuple(each for each in without if each not in liked), notes + more)

    def __contains__(self, movie_id: int) -> bool:
        return movie_id in self.liked

    def __bool__(self) -> bool:
        return bool(self.liked or self.without or self.notes)

    @property
    def still_wanted(self) -> int:
        """How many more a visitor is asked for."""
        return max(0, WANTED - len(self.liked))

    @property
    def is_full(self) -> bool:
        """Whether nothing can be added."""
        return len(self.liked) >= MOST_PICKS

    def fields(self) -> dict[str, str]:
        """As parameters of an address or hidden fields of a form; none for nothing."""
        lists = {"picks": self.liked, "without": self.without}
        return {name: ",".join(map(str, ids)) for name, ids in lists.items() if ids}

    def address(self, **others: str | None) -> str:
        """The first page with these picks, and with other parameters that are given."""
        query = self.fields() | {name: value for name, value in others.items() if value}
        return url_for("home.home") + (f"?{urlencode(query, safe=',')}" if query else "")

    def here(self) -> str:
        """The first page with these picks, narrowed as it is now."""
        at_home = request.endpoint == "home.home"
        return self.address(**{name: request.args.get(name) for name in NARROWED_BY if at_home})

    def plus(self, movie_id: int) -> Picks:
        """With one more that is liked."""
        without = tuple(each for each in self.without if each != movie_id)
        return replace(self, liked=(*self.liked, movie_id), without=without)

    def minus(self, movie_id: int) -> Picks:
        """With one less that is liked."""
        return replace(self, liked=tuple(each for each in self.liked if each != movie_id))

    def hiding(self, movie_id: int) -> Picks:
        """With one more that is not to be listed."""
        return replace(self, without=(*self.without, movie_id)[-MOST_PICKS:])

    def showing_all(self) -> Picks:
        """With nothing left out of lists."""
        return replace(self, without=())

    def known(self, movie_ids: Collection[int]) -> Picks:
        """Only those among the given ids, with a sentence for each other one."""
        unknown = [each for each in (*self.liked, *self.without) if each not in movie_ids]
        return Picks(
            tuple(each for each in self.liked if each in movie_ids),
            tuple(each for each in self.without if each in movie_ids),
            self.notes + tuple(f"There is no movie {each}: left out." for each in unknown),
        )


def _numbers(text: str, what: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The ids in a text with commas between, and a sentence for all that is none or too much."""
    numbers: dict[int, None] = {}
    notes = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        if part.isascii() and part.isdigit() and len(part) <= len(str(INT32)) and int(part) <= INT32:
            numbers[int(part)] = None
        else:
            notes.append(f"«{part[:QUOTED]}{'…' if len(part) > QUOTED else ''}» is no number of a movie: left out.")
    if len(numbers) > MOST_PICKS:
        notes.append(f"At most {MOST_PICKS} {what}: the first {MOST_PICKS} count.")
    return tuple(numbers)[:MOST_PICKS], tuple(notes)


def picks() -> Picks:
    """The picks in the address of this request, as far as is known of them by now."""
    if "picks" not in g:
        g.picks = Picks.of(request.args)
    found: Picks = g.picks
    return found


def known_picks(view: MoviesView) -> dict[int, Movie]:
    """The movies of the picks of this request by id; `picks` then has no others, and notes what it leaves out."""
    movies = view.movies((*picks().liked, *picks().without))
    g.picks = picks().known(movies)
    return movies


def list_of(view: MoviesView, chosen: Picks, limit: int, narrowing: Narrowing) -> Recommendations:
    """The list of a visitor: what is picked counts as rated with the highest star."""
    highest = float(view.stars()[-1])
    return for_visitor(view, dict.fromkeys(chosen.liked, highest), limit, narrowing, chosen.without)


def register(app: Flask) -> None:
    """Let templates ask for the picks of the request."""
    app.add_template_global(picks)
