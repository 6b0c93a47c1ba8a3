"""Bad lines of every kind that cleaning rejects, planted on purpose: each has exactly one thing wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from domain.cleaning.reasons import Reason

Bad = tuple[Reason, str]

LATIN_1 = "\udce9"  # the byte of é in Latin-1, which is not UTF-8, as Python's surrogateescape spells it

# By file: the reason, and a line to fill in. {line} is the good line that it is made from, {movie}, {value} (stars or
# tag) and {time} its fields, {earlier} and {later} a day from it: of ratings the latest is kept, of tags the first;
# {unknown} is an id that no movie has.
KINDS: dict[str, tuple[Bad, ...]] = {
    "movies": (
        (Reason.BLANK_LINE, "  "),
        (Reason.INVALID_ENCODING, f"{{unknown}},Th{LATIN_1}r{LATIN_1}se (1999),Drama"),
        (Reason.CONTROL_CHARACTER, "{unknown},Static\x1b (1999),Drama"),
        (Reason.BROKEN_QUOTES, '{unknown},"Never Closed (1999),Drama'),
        (Reason.MISSING_FIELD, "{unknown},Half a Line (1999)"),
        (Reason.SURPLUS_FIELD, "{unknown},Broken Clock, The (1999),Drama"),
        (Reason.NOT_A_NUMBER, "no. {unknown},Numbered Days (1999),Drama"),
        (Reason.ID_OUT_OF_RANGE, "3000000000,Too Far (1999),Drama"),
        (Reason.EMPTY_TITLE, "{unknown},,Drama"),
        (Reason.EMPTY_TITLE, "{unknown},(1999),Drama"),
        (Reason.DUPLICATE, "{line}"),
    ),
    "ratings": (
        (Reason.BLANK_LINE, "  "),
        (Reason.CONTROL_CHARACTER, "{user},{movie},{value}\x00,{time}"),
        (Reason.BROKEN_QUOTES, '{user},{movie},"{value},{time}'),
        (Reason.MISSING_FIELD, "{user},{movie},{value}"),
        (Reason.SURPLUS_FIELD, "{user},{movie},{value},{time},{time}"),
        (Reason.NOT_A_NUMBER, "{user},{movie},four,{time}"),
        (Reason.NOT_A_TIME, "{user},{movie},{value},03/04/2005"),
        (Reason.ID_OUT_OF_RANGE, "{user},3000000000,{value},{time}"),
        (Reason.RATING_OUT_OF_RANGE, "{user},{movie},5.5,{time}"),
        (Reason.RATING_OUT_OF_RANGE, "{user},{movie},0.0,{time}"),
        (Reason.RATING_NOT_A_HALF_STEP, "{user},{movie},3.7,{time}"),
        (Reason.TIME_OUT_OF_RANGE, "{user},{movie},{value},631152000"),  # 1990
        (Reason.TIME_OUT_OF_RANGE, "{user},{movie},{value},4102444800"),  # 2100
        (Reason.UNKNOWN_MOVIE, "{user},{unknown},{value},{time}"),
        (Reason.DUPLICATE, "{user},{movie},3.0,{earlier}"),
    ),
    "tags": (
        (Reason.BLANK_LINE, "  "),
        (Reason.CONTROL_CHARACTER, "{user},{movie},fun\x07,{time}"),
        (Reason.BROKEN_QUOTES, '{user},{movie},the "cult" kind,{time}'),
        (Reason.MISSING_FIELD, "{user},{movie},{time}"),
        (Reason.SURPLUS_FIELD, "{user},{movie},slow, but worth it,{time}"),
        (Reason.NOT_A_NUMBER, "{user},no. {movie},{value},{time}"),
        (Reason.NOT_A_TIME, "{user},{movie},{value},yesterday"),
        (Reason.ID_OUT_OF_RANGE, "{user},-{movie},{value},{time}"),
        (Reason.EMPTY_TAG, "{user},{movie},  ,{time}"),
        (Reason.TIME_OUT_OF_RANGE, "{user},{movie},{value},631152000"),
        (Reason.TIME_OUT_OF_RANGE, "{user},{movie},{value},4102444800"),
        (Reason.UNKNOWN_MOVIE, "{user},{unknown},{value},{time}"),
        (Reason.DUPLICATE, "{user},{movie},{value},{later}"),
    ),
    "links": (
        (Reason.BLANK_LINE, "  "),
        (Reason.MISSING_FIELD, "{movie},0114709"),
        (Reason.SURPLUS_FIELD, "{movie},0114709,862,862"),
        (Reason.NOT_A_NUMBER, "{movie},0114709,no"),
        (Reason.ID_OUT_OF_RANGE, "3000000000,0114709,862"),
        (Reason.UNKNOWN_MOVIE, "{unknown},0114709,862"),
        (Reason.DUPLICATE, "{line}"),
    ),
}


@dataclass(frozen=True)
class DirtPlan:
    """The places of the bad lines of a file: `places` (of movies or users) rises, `kinds` are positions in `KINDS`."""

    file: str
    places: np.ndarray
    kinds: np.ndarray

    def at(self, place: int) -> list[Bad]:
        """Reason and unfilled line of the bad lines at one place."""
        first, last = np.searchsorted(self.places, (place, place + 1))
        return [KINDS[self.file][kind] for kind in self.kinds[first:last].tolist()]


def plan_dirt(rng: np.random.Generator, file: str, rows: int, share: float, places: np.ndarray) -> DirtPlan:
    """Bad lines for a file of `rows` rows, at random ones of `places`: each kind as often, at least once.

    None when `share` is 0.
    """
    kinds = len(KINDS[file])
    lines = max(kinds, round(share * rows)) if share else 0
    return DirtPlan(file, np.sort(rng.choice(places, lines)), rng.permutation(np.arange(lines) % kinds))
