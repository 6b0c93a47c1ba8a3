"""/runs/rollback: asks once whether readers shall see the lists before, says which those are, and goes back to them."""

from __future__ import annotations

from typing import Annotated

from flask import Blueprint, redirect, render_template, url_for
from pydantic import BaseModel, Field
from werkzeug import Response

from cql.kinds import Kind
from web.app.active import active_runs
from web.app.errors import Conflict
from web.runs.store import rollback, run_before
from web.session.forms import form_of, writes
from web.session.said import say
from web.shown.formats import moment

NONE_BEFORE = "There are no lists to go back to: none from before are kept."

blueprint = Blueprint("rollback", __name__)


class RollbackForm(BaseModel):
    run_id: Annotated[str, Field(max_length=100)]  # what readers saw when it was asked


@blueprint.get("/runs/rollback")
def ask() -> str:
    """Which lists are shown, and which would be; the button is for who is signed in."""
    kind = Kind.RECOMMENDATIONS
    shown = active_runs().published(kind)
    before = run_before(kind, shown)
    if before is None:
        raise Conflict(NONE_BEFORE)
    return render_template("runs/rollback.html", shown=shown, before=before)


@blueprint.post("/runs/rollback")
@writes
def go_back() -> Response:
    """Go back, unless something else was published since the question was asked."""
    kind = Kind.RECOMMENDATIONS
    left = active_runs().published(kind)
    rollback(kind, expected=form_of(RollbackForm).run_id)
    say(f"Readers see the lists before those of {moment(left.published_at)} again.")
    return redirect(url_for("runs.runs"), 303)
