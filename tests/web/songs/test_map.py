"""The map of plays, from the columns of a figure to its circles."""

from __future__ import annotations

from typing import Any

import pytest

from web.songs.map import LARGEST, SMALLEST, draw_map
from web.songs.us_states import STATES


def columns(**plays: tuple[int, int]) -> dict[str, list[Any]]:
    names = [name.replace("_", ", ") for name in plays]
    return {"place": names, "free": [free for free, _ in plays.values()], "paid": [paid for _, paid in plays.values()]}


def test_circles_are_states_with_areas_like_their_plays() -> None:
    drawn = draw_map(columns(Reno_NV=(100, 60), Eugene_OR=(30, 0), Bend_OR=(0, 10), Lima_OH=(1, 0)))
    assert [(circle.x, circle.y) for circle in drawn.circles] == [
        (STATES[code].x, STATES[code].y) for code in ("NV", "OR", "OH")
    ]
    assert [circle.radius for circle in drawn.circles] == [LARGEST, LARGEST / 2, SMALLEST]
    assert drawn.circles[1].says == "Oregon: 40 plays (Eugene, OR 30; Bend, OR 10)"
    assert "3 US states, most in Nevada: 160." in drawn.sentence
    assert drawn.missing == ""


def test_what_is_not_on_the_map_is_counted_and_named() -> None:
    drawn = draw_map(columns(Reno_NV=(1, 1), unknown=(2, 0), London_England=(0, 3)))
    assert len(drawn.circles) == 1
    assert drawn.missing == ("Not on the map: 5 of 7 plays, whose place names no state (London, England 3; unknown 2).")


@pytest.mark.parametrize("places", [{}, columns(unknown=(1, 0))])
def test_without_a_state_there_is_no_circle_but_a_sentence(places: dict[str, list[Any]]) -> None:
    drawn = draw_map(places)
    assert drawn.circles == []
    assert drawn.sentence == "No play names a place in a US state."
