"""A check that fails is a line itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.doctor.line import Check, Line, Mark, Place
from cluster.errors import BadSetting, NotReady
from tests.support.doctor_place import place


@pytest.mark.parametrize(
    ("error", "mark", "says"),
    [
        (BadSetting("WORKERS='x'"), Mark.LOOK, "a setting is wrong"),
        (NotReady("web ended"), Mark.WRONG, "web ended"),
        (RuntimeError("Could not determine home directory."), Mark.WRONG, "cannot be looked at: Could not determine"),
        (AssertionError(), Mark.WRONG, "AssertionError"),
        (OSError(28, "No space left on device"), Mark.WRONG, "No space left"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), Mark.WRONG, "utf-8"),
    ],
)
def test_whatever_a_check_raises_is_its_line(tmp_path: Path, error: Exception, mark: Mark, says: str) -> None:
    def look(_: Place) -> Line:
        raise error

    line = Check("ports", look).line(place(tmp_path))
    assert (line.mark, line.subject, says in line.sentence, bool(line.command)) == (mark, "ports", True, True)
