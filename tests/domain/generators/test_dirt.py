"""Plans of bad lines."""

from __future__ import annotations

import numpy as np
import pytest

from domain.generators.dirt import KINDS, plan_dirt
from domain.generators.random_streams import Stream, generator


@pytest.mark.parametrize("file", KINDS)
def test_a_plan_holds_each_kind_as_often_and_only_at_its_places(file: str) -> None:
    places = np.array([3, 5, 8])
    plan = plan_dirt(generator(1, Stream.DIRT), file, rows=10_000, share=0.01, places=places)
    planned = [bad for place in range(10) for bad in plan.at(place)]
    often = np.bincount(plan.kinds, minlength=len(KINDS[file]))
    assert len(planned) == 100
    assert set(plan.places.tolist()) <= {3, 5, 8}
    assert often.max() - often.min() <= 1
