"""The laws of merging what users did into what the data set has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.contract.interactions import Interaction, Stars, hidden, merged, merged_stars

START = datetime(2020, 1, 1, tzinfo=UTC)
movies = st.integers(1, 6)
times = st.integers(0, 9).map(lambda minutes: START + timedelta(minutes=minutes))
stars = st.sampled_from([0.5, 1.0, 3.5, 5.0])
bases = st.dictionaries(movies, st.tuples(stars, times))
rows = st.builds(
    lambda movie, rating, rated, hid: Interaction(movie, rating if rated else None, rated, hid),
    movies,
    st.none() | stars,
    st.none() | times,
    st.none() | times,
)
of_user = st.lists(rows, unique_by=lambda row: row.movie_id)  # the table has one row a movie


def slowly(base: dict[int, Stars], done: list[Interaction]) -> dict[int, float]:
    """The last thing that happened to each movie, in the order of time; of one moment the site's comes after."""
    events = [(at, 0, movie, rating) for movie, (rating, at) in base.items()]
    events += [(each.rated_at, 1, each.movie_id, each.rating) for each in done if each.rated_at]
    last = {movie: rating for _, _, movie, rating in sorted(events, key=lambda event: event[:2])}
    return {movie: rating for movie, rating in last.items() if rating is not None}


@settings(deadline=None)
@given(bases, of_user)
def test_the_last_thing_that_happened_to_a_movie_counts(base: dict[int, Stars], done: list[Interaction]) -> None:
    assert merged(base, done) == slowly(base, done)


@settings(deadline=None)
@given(bases, of_user)
def test_merging_again_what_was_merged_changes_nothing(base: dict[int, Stars], done: list[Interaction]) -> None:
    once = merged_stars(base, done)
    assert merged_stars(once, done) == once
    assert merged_stars(base, []) == base


@settings(deadline=None)
@given(bases, of_user)
def test_the_order_of_rows_does_not_matter_and_the_data_are_left_as_they_are(
    base: dict[int, Stars], done: list[Interaction]
) -> None:
    before = dict(base)
    assert merged_stars(base, reversed(done)) == merged_stars(base, done)
    assert base == before


@settings(deadline=None)
@given(bases, of_user)
def test_hiding_a_movie_changes_no_rating(base: dict[int, Stars], done: list[Interaction]) -> None:
    shown = [each._replace(hidden_at=None) for each in done]
    assert merged(base, shown) == merged(base, done)
    assert hidden(shown) == set()
    assert hidden(done) == {each.movie_id for each in done if each.hidden_at}


def test_a_rating_of_the_data_that_is_newer_than_what_was_taken_back_stays() -> None:
    taken_back = Interaction(1, None, START)
    assert merged({1: (4.0, START + timedelta(seconds=1))}, [taken_back]) == {1: 4.0}
    assert merged({1: (4.0, START)}, [taken_back]) == {}
    assert merged({}, [taken_back]) == {}
