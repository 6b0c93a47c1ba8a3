"""The gravest light of several, and the light of an outcome."""

from __future__ import annotations

from domain.contract.lights import Light, Outcome, worst


def test_the_gravest_light_is_that_of_the_whole() -> None:
    assert worst([Light.WATCH, Light.ACT, Light.GOOD]) is Light.ACT
    assert worst([Light.GOOD, Light.WATCH]) is Light.WATCH
    assert worst([]) is Light.GOOD


def test_outcomes_are_listed_as_their_lights_the_gravest_first() -> None:
    assert [outcome.light for outcome in Outcome] == [Light.ACT, Light.WATCH, Light.GOOD]
