"""The rule of series on titles as MovieLens writes them."""

from __future__ import annotations

import pytest

from tests.bench.siblings import series, siblings


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Toy Story 2 (1999)", "toy story"),
        ("Godfather: Part II, The (1974)", "godfather"),
        ("Matrix Reloaded, The (2003)", "matrix"),
        ("Naked Gun 33 1/3: The Final Insult (1994)", "naked gun"),
        ("Harry Potter and the Goblet of Fire (2005)", "harry potter"),
        ("Mission: Impossible - Ghost Protocol (2011)", "mission"),
        ("Men in Black II (a.k.a. MIIB) (a.k.a. MIB 2) (2002)", "men in black"),
        ("Back to the Future (1985)", "back to the future"),
        ("300 (2007)", "300"),
        ("Ocean's Twelve (2004)", "ocean s"),
    ],
)
def test_series_of_a_title(title: str, expected: str) -> None:
    assert " ".join(series(title)) == expected


def test_siblings_are_of_one_series_and_remakes_are_none() -> None:
    titles = ["Alien (1979)", "Sabrina (1954)", "Alien: Resurrection (1997)", "Sabrina (1995)", "Arrival, The (1996)"]
    assert siblings([*titles, "Arrival (2016)"]) == {0: [2], 2: [0]}
