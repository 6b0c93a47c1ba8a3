"""What the page after a form says of it, once, with a way back where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Flask, g, session

MOST_LETTERS = 120  # of a title: cookies are small


class Undo(NamedTuple):
    """A form that takes back what was done: where it is sent, and its fields."""

    action: str
    fields: Mapping[str, Any]


def register(app: Flask) -> None:
    """Let templates say it."""
    app.add_template_global(said)


def say(text: str, undo: Undo | None = None) -> None:
    """Say this on the next page of this browser, in place of what waits there."""
    session["said"] = {"text": text, "undo": undo and {"action": undo.action, "fields": dict(undo.fields)}}


def said() -> dict[str, Any] | None:
    """What waits to be said; a page that asks has said it."""
    if "said" not in g:
        g.said = session.pop("said") if "said" in session else None
    found: dict[str, Any] | None = g.said
    return found


def quoted(title: str) -> str:
    """A title in a sentence, cut where it is very long."""
    return f"«{title if len(title) <= MOST_LETTERS else title[:MOST_LETTERS].rstrip() + '…'}»"
