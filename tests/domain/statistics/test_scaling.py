"""Amdahl's law fitted to run times."""

from __future__ import annotations

import pytest

from domain.statistics.scaling import Amdahl


def test_times_that_follow_the_law_give_its_parts_back() -> None:
    nodes = [1, 2, 4, 8]
    model = Amdahl.fitted(nodes, [30 + 60 / n for n in nodes])
    assert (model.serial, model.shared) == (pytest.approx(30), pytest.approx(60))
    assert model.serial_share == pytest.approx(1 / 3)
    assert model.seconds(64) == pytest.approx(30 + 60 / 64)


def test_no_part_is_below_zero_when_more_nodes_are_slower_or_quicker_than_shared_out() -> None:
    slower, quicker = Amdahl.fitted([1, 2], [10, 12]), Amdahl.fitted([1, 2], [10, 4])
    assert (slower.shared, slower.seconds(64), slower.serial_share) == (0.0, 11.0, 1.0)
    assert (quicker.serial, quicker.serial_share) == (0.0, 0.0)
    assert 8 < quicker.seconds(1) < 10


def test_one_number_of_nodes_cannot_tell_the_parts_apart() -> None:
    with pytest.raises(ValueError, match="two or more"):
        Amdahl.fitted([2, 2], [10, 11])
