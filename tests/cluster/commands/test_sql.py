"""The statements that the shell begins with; what they answer is in tests/spark_jobs/songs/test_songplays_sql.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.commands.sql import views


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("/my data", "/my data"),
        ("/it's", r"/it\'s"),
        ("/a [x]", r"/a \\[x\\]"),
        ("/{a,b}*?", r"/\\{a,b\\}\\*\\?"),
        ("/back\\slash", r"/back\\\\slash"),
        ("/50% #1", "/50% #1"),
    ],
)
def test_a_folder_of_any_name_is_no_pattern_and_ends_no_text(folder: str, told: str) -> None:
    """Spark reads a backslash twice: in the text of SQL, then in the pattern that it takes a path for."""
    assert f"OPTIONS (path '{told}/songplays');" in views(Path(folder))
