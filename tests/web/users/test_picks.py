"""What a visitor picks, as addresses have it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from web.app.fields import INT32
from web.users.picks import MOST_PICKS, Picks


@pytest.mark.parametrize(
    ("args", "liked", "without", "notes"),
    [
        ({}, (), (), ()),
        ({"picks": "1,50, 260,,1"}, (1, 50, 260), (), ()),
        ({"picks": "1", "without": "3,1"}, (1,), (3,), ()),
        ({"picks": "0,2147483647"}, (0, INT32), (), ()),
        ({"picks": "2147483648,1"}, (1,), (), ("«2147483648» is no number of a movie: left out.",)),
        ({"picks": "²,-1", "without": "a" * 99}, (), (), ("«²»", "«-1»", f"«{'a' * 20}…»")),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_counts(
    args: dict[str, str], liked: tuple[int, ...], without: tuple[int, ...], notes: tuple[str, ...]
) -> None:
    picks = Picks.of(args)
    assert (picks.liked, picks.without) == (liked, without)
    assert len(picks.notes) == len(notes)
    assert all(told.startswith(note) for told, note in zip(picks.notes, notes, strict=True))


def test_no_more_than_the_most_count() -> None:
    picks = Picks.of({"picks": ",".join(map(str, range(MOST_PICKS + 5)))})
    assert (picks.liked, picks.is_full) == (tuple(range(MOST_PICKS)), True)
    assert picks.notes == ("At most 100 picks: the first 100 count.",)


def test_an_address_has_all_that_was_picked_and_comes_back_as_it_was(away: FlaskClient) -> None:
    picks = Picks().plus(50).plus(1).hiding(3).hiding(7)
    with away.application.test_request_context():
        assert picks.address(genre="Sci-Fi") == "/?picks=50,1&without=3,7&genre=Sci-Fi"
        assert picks.minus(50).plus(3).address() == "/?picks=1,3&without=7"
        assert Picks().plus(1).minus(1).address() == "/"
        full = Picks(tuple(range(INT32 - MOST_PICKS, INT32)), tuple(range(10**9, 10**9 + MOST_PICKS)))
        assert len(full.address()) < 4000, "gunicorn takes lines of 4,094 bytes"
    assert Picks.of(picks.fields()) == picks
