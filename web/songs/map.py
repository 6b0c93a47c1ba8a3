"""The map of /songs: a circle for each state of the USA, its area the number of plays there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from domain.figures.plots import axis, plain
from web.shown.plots import Columns, Figure
from web.songs.us_states import HEIGHT, STATES, WIDTH, state_of

LARGEST, SMALLEST = 60.0, 7.0  # radius in pixels of a frame of 975: 24 and 3 of them on a phone
PLACES_NAMED = 5


@dataclass(frozen=True)
class Circle:
    """The circle of a state: its place and size, and what it stands for."""

    x: int
    y: int
    radius: float
    state: str
    plays: int
    places: str

    @property
    def says(self) -> str:
        """The text shown when it is pointed at."""
        return f"{self.state}: {self.plays:,} plays ({self.places})"


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


def map_figure(places: Columns) -> Figure:
    """The map as a figure whose numbers are told and downloaded, a state a row; what one sees is drawn in SVG."""
    drawn = draw_map(places)
    columns = {
        "y": [circle.state for circle in drawn.circles],
        "x": [circle.plays for circle in drawn.circles],
        "text": [plain(circle.places) for circle in drawn.circles],
    }
    axes = {"xaxis": axis("Plays (number)"), "yaxis": axis("State"), "meta": {"text": "Places with the most plays"}}
    plot = {"data": [{"type": "bar", "orientation": "h", **columns}], "layout": axes} if drawn.circles else None
    return Figure("map", "Plays on the map", drawn.sentence, plot)


def _circle(code: str, plays: Counter[str], most: int) -> Circle:
    state, listed = STATES[code], plays.most_common(PLACES_NAMED)
    named = "; ".join(f"{place} {count:,}" for place, count in listed)
    more = f" and {len(plays) - len(listed):,} more" if len(plays) > len(listed) else ""
    # the area says how many
    radius = max(SMALLEST, LARGEST * (plays.total() / most) ** 0.5)
    return Circle(state.x, state.y, round(radius, 1), state.name, plays.total(), f"{named}{more}")


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
