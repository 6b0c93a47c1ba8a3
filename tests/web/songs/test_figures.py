"""What the figures of /songs say and draw, the map among them."""

from __future__ import annotations

import pytest

from tests.support.figures import assert_is_told
from web.songs.figures import NONE, draw_songs
from web.songs.map import map_figure

PLACES = {"place": ["Reno, NV", "<b>Bend</b>, OR"], "free": [1, 5], "paid": [2, 0]}
FIGURES = {
    "day": {"day": ["2018-11-01", "2018-11-02"], "free": [1, 2], "paid": [3, 4]},
    "hour": {"hour": [0, 23], "free": [1, 2], "paid": [3, 4]},
    "weekday": {"weekday": [6], "free": [9], "paid": [0]},
    "place": PLACES,
}


@pytest.mark.parametrize("place", range(len(FIGURES)))
def test_a_figure_is_told_in_words_and_numbers(place: int) -> None:
    figure = draw_songs(FIGURES)[place]
    assert figure.plot is not None
    numbers = assert_is_told(figure.title, figure.sentence, figure.plot)
    assert numbers.columns[1:] == ["Plays (number): paid", "Plays (number): free"]
    assert sum(row[1] + row[2] for row in numbers.rows) == sum(
        FIGURES[figure.name]["free"] + FIGURES[figure.name]["paid"]
    )
    assert "<b>" not in str(figure.plot)


def test_the_map_has_its_numbers_by_state() -> None:
    figure = map_figure(PLACES)
    assert figure.plot is not None
    numbers = assert_is_told(figure.title, figure.sentence, figure.plot)
    assert numbers.columns == ["State", "Plays (number)", "Places with the most plays"]
    assert numbers.rows == [["Oregon", 5, "<b>Bend</b>, OR 5"], ["Nevada", 3, "Reno, NV 3"]]


def test_without_plays_there_is_a_sentence_and_no_plot() -> None:
    assert {(figure.sentence, figure.plot) for figure in draw_songs({})} == {(NONE, None)}
    assert map_figure({}).plot is None
    assert map_figure({}).told == []
