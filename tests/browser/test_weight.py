"""What a page weighs, and that no script holds up its first paint."""

from __future__ import annotations

import pytest

from tests.browser.pages import PLACES, Place, go, settle
from tests.browser.visits import Visits
from tests.browser.weight import Weighed, blocking, weighed

pytestmark = pytest.mark.cluster
MOST_BYTES = 100_000
WITHOUT_PLOTS = [place for place in PLACES if not place.has_plots]
OF_MOVIES = [place for place in PLACES if place.name in ("home", "search", "genre", "user", "movie", "runs")]


def _weigh(visits: Visits, place: Place) -> Weighed:
    page = visits.page()
    with weighed(page) as weight:
        assert go(page, visits.address, place), f"no link to {place.name}"
    return weight


@pytest.mark.parametrize("place", [place for place in WITHOUT_PLOTS if not place.links], ids=lambda place: place.name)
def test_a_page_without_plots_is_light(visits: Visits, place: Place) -> None:
    assert _weigh(visits, place).bytes <= MOST_BYTES


@pytest.mark.parametrize("place", OF_MOVIES, ids=lambda place: place.name)
def test_a_page_of_real_movies_is_light(real_visits: Visits, place: Place) -> None:
    assert _weigh(real_visits, place).bytes <= MOST_BYTES


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_no_script_holds_up_the_first_paint(visits: Visits, place: Place) -> None:
    page = visits.page()
    assert go(page, visits.address, place), f"no link to {place.name}"
    settle(page, place)
    assert blocking(page) == []
