"""What the command line of the cluster takes."""

from __future__ import annotations

import pytest

from cluster.__main__ import _parser


def test_a_rollback_means_the_recommendations_unless_a_kind_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert _parser().parse_args(["rollback"]).kind == "recommendations"
    assert _parser().parse_args(["rollback", "--kind", "catalogue"]).kind == "catalogue"
    with pytest.raises(SystemExit):
        _parser().parse_args(["rollback", "--kind", "movies"])
    assert "'recommendations', 'catalogue', 'songplays'" in capsys.readouterr().err
