"""What a request has read that is invented: every page shows it as a badge, every answer of the API as `generated`.

Whoever reads something invented notes it here; `base.html` and `Answer` (web/app/fields.py) tell.
"""

from __future__ import annotations

from flask import Flask, g, has_request_context


def register(app: Flask) -> None:
    """Let templates ask what of their page is invented."""
    app.add_template_global(noted, "invented")


def note(what: str) -> None:
    """Note that the request has read something that is invented."""
    noted()[what] = None


def noted() -> dict[str, None]:
    """What was noted, once each, in its order."""
    if "generated" not in g:
        g.generated = {}
    found: dict[str, None] = g.generated
    return found


def is_noted() -> bool:
    """Whether anything that the request has read is invented."""
    return has_request_context() and bool(noted())
