"""What a comparison says."""

from __future__ import annotations

from tests.bench.side_by_side import HEAD, Comparison, compare


def test_a_ratio_above_one_is_how_many_times_as_much_the_usual_way_costs() -> None:
    found = Comparison("x", "s", ours=[1.0, 2.0, 1.0], theirs=[3.0, 2.0, 5.0])
    assert found.ratios == [1.0, 3.0, 5.0]
    assert found.line().split()[-3:] == ["1.00", "3.00", "5.00"]
    assert len(found.line()) == len(HEAD)


def test_both_are_run_in_turns() -> None:
    order: list[str] = []

    def timed(name: str, cost: float) -> float:
        order.append(name)
        return cost

    found = compare("x", lambda: timed("ours", 1.0), lambda: timed("theirs", 2.0), turns=2)
    assert order == ["ours", "theirs"] * 2
    assert (found.ours, found.theirs) == ([1.0, 1.0], [2.0, 2.0])
