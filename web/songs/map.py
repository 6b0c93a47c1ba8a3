"""The map of /songs: a circle for each state of the USA, its area the number of plays there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from web.app.plots import Columns
from web.songs.us_states import HEIGHT, STATES, WIDTH, state_of

LARGEST, SMALLEST = 60.0, 7.0  # radius in pixels of a frame of 975: 24 and 3 of them on a phone
PLACES_NAMED = 5


@dataclass(frozen=True)
class Circle:
    """The circle of a state: its place, its size, and the text shown when it is pointed at."""

    x: int
    y: int
    radius: float
    says: str


@dataclass(frozen=True)
class PlayMap:
    """The circles, the largest first so that none hides a smaller one, and what is not among them."""

    circles: list[Circle]
    sentence: str
    missing: str  # a sentence on the plays that have no place on the map, empty when all have one
    width: int = WIDTH
    height: int = HEIGHT


def draw_map(places: Columns) -> PlayMap:
    """The map of the columns place, free and paid."""
    rows = zip(places.get("place", []), places.get("free", []), places.get("paid", []), strict=True)
    plays = Counter({place: free + paid for place, free, paid in rows})
    by_state: dict[str, Counter[str]] = {}
    lost = Counter[str]()
    for place, count in plays.items():
        code = state_of(place)
        (lost if code is None else by_state.setdefault(code, Counter()))[place] += count
    ordered = sorted(by_state.items(), key=lambda each: (-each[1].total(), each[0]))
    most = ordered[0][1].total() if ordered else 0
    circles = [_circle(code, of_state, most) for code, of_state in ordered]
    return PlayMap(circles, _sentence(ordered), _missing(lost, plays.total()))


def _circle(code: str, plays: Counter[str], most: int) -> Circle:
    state, listed = STATES[code], plays.most_common(PLACES_NAMED)
    named = "; ".join(f"{place} {count:,}" for place, count in listed)
    more = f" and {len(plays) - len(listed):,} more" if len(plays) > len(listed) else ""
    # the area says how many
    radius = max(SMALLEST, LARGEST * (plays.total() / most) ** 0.5)
    return Circle(state.x, state.y, round(radius, 1), f"{state.name}: {plays.total():,} plays ({named}{more})")


def _sentence(ordered: list[tuple[str, Counter[str]]]) -> str:
    if not ordered:
        return "No play names a place in a US state."
    (code, of_first), states = ordered[0], "1 US state" if len(ordered) == 1 else f"{len(ordered)} US states"
    return (
        f"Plays in {states}, most in {STATES[code].name}: {of_first.total():,}. The area of a circle shows the "
        "number of plays; a place that spans several states counts for the first that it names."
    )


def _missing(lost: Counter[str], all_plays: int) -> str:
    if not lost:
        return ""
    named = "; ".join(f"{place} {count:,}" for place, count in lost.most_common(PLACES_NAMED))
    more = f" and {len(lost) - PLACES_NAMED:,} more" if len(lost) > PLACES_NAMED else ""
    return f"Not on the map: {lost.total():,} of {all_plays:,} plays, whose place names no state ({named}{more})."
