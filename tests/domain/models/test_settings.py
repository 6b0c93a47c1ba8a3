"""Which settings of ALS count."""

from __future__ import annotations

from domain.models.settings import MANY, RANKING, settings_for


def test_flags_win_over_defaults_and_large_data_has_more_blocks() -> None:
    assert settings_for(RANKING, 1000, rank=None, alpha=None) == RANKING
    assert settings_for(RANKING, 1000, rank=8).rank == 8
    assert settings_for(RANKING, MANY).blocks > RANKING.blocks
    assert settings_for(RANKING, MANY, iterations=3).iterations == 3
