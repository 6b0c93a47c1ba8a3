"""No reason for which a line is rejected is without a line in these tests."""

from __future__ import annotations

from domain.cleaning.reasons import Reason
from tests.transforms import test_cleaning, test_media, test_song_events


def test_every_reason_has_a_line() -> None:
    tables = [*test_cleaning.FILES.values(), test_media.TITLES, test_media.CREDITS, *test_song_events.FILES.values()]
    assert {reason for lines in tables for _, reason in lines} == {*Reason, None}
