"""Places of the logs and the states that they name."""

from __future__ import annotations

import pytest

from domain.generators.songs import PLACES
from web.songs.us_states import HEIGHT, STATES, WIDTH, state_of


@pytest.mark.parametrize(
    ("place", "state"),
    [
        ("San Francisco-Oakland-Hayward, CA", "CA"),
        ("New York-Newark-Jersey City, NY-NJ-PA", "NY"),
        ("Washington-Arlington-Alexandria, DC-VA-MD-WV", "DC"),
        ("Louisville/Jefferson County, KY-IN", "KY"),
        ("Nashville-Davidson--Murfreesboro--Franklin, TN ", "TN"),
        ("San Juan-Carolina-Caguas, PR", None),
        ("London, England", None),
        ("London, UK", None),
        ("CA", None),
        ("unknown", None),
        ("", None),
    ],
)
def test_a_place_is_in_the_first_state_after_its_last_comma(place: str, state: str | None) -> None:
    assert state_of(place) == state


def test_every_place_that_is_generated_has_a_state() -> None:
    assert all(map(state_of, PLACES))


def test_all_states_lie_in_the_frame_as_on_any_map() -> None:
    assert len(STATES) == 51
    assert all(0 < state.x < WIDTH and 0 < state.y < HEIGHT for state in STATES.values())
    west_to_east, north_to_south = ("CA", "NV", "CO", "MO", "OH", "NJ"), ("MN", "IA", "MO", "AR", "LA")
    assert [STATES[code].x for code in west_to_east] == sorted(STATES[code].x for code in west_to_east)
    assert [STATES[code].y for code in north_to_south] == sorted(STATES[code].y for code in north_to_south)
