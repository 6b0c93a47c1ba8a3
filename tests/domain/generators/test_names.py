"""Names of people who do not exist."""

from __future__ import annotations

import math

from domain.generators.names import _SPREAD, NAMES, person_name


def test_no_two_people_share_a_name() -> None:
    assert math.gcd(_SPREAD, NAMES) == 1
    assert len({person_name(person) for person in range(50_000)}) == 50_000
