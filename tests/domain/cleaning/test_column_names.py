"""Names of columns that Spark can tell apart, whatever they were."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.cleaning.column_names import folded, usable_names

NAMES = st.lists(st.text(max_size=4) | st.sampled_from(["row", "Score", "x1", "X1", "x1_2", "ı", "İ", "i"]), max_size=8)


@given(NAMES)
def test_no_two_names_are_the_same_to_spark_and_none_is_reserved_or_empty(given_names: list[str]) -> None:
    names = usable_names(given_names, ("row", "score"))
    assert len({folded(name) for name in names}) == len(given_names)
    assert not {folded(name) for name in names} & {"row", "score"}
    assert all(name == " ".join(name.split()) != "" for name in names)


def test_a_name_that_is_of_use_stays() -> None:
    names = ["Sepal.Length", "`odd` name", "load, in %", "größe", "n" * 5000]
    assert list(usable_names(names)) == names


def test_others_are_made_so() -> None:
    assert usable_names(["x", "X", "", "a\nb", "x", "row"], ("row",)) == ("x", "X_2", "x3", "a b", "x_3", "row_")
