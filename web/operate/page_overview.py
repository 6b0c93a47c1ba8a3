"""/operate: one light for each thing that is looked after, what matters about it, and the command to run next."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.app.generated import note
from web.operate.looks import looks, summary
from web.operate.models import OperateAnswer
from web.operate.store import Seen, seen
from web.runs.progress import progress

blueprint = Blueprint("operate", __name__)


@blueprint.get("/operate")
def overview() -> str:
    """All lights, and the jobs that are at work."""
    now = seen()
    running = [(run, progress(run)) for run in now.running]
    return render_template("operate/operate.html", answer=answered(now), running=running)


def answered(now: Seen) -> OperateAnswer:
    """What is seen as the page and the API tell it."""
    found = looks(now)
    if any(look.generated for look in found):
        note("data of the parts that say so below")
    light, sentence = summary(found)
    return OperateAnswer(light=light, sentence=sentence, lights=found)
