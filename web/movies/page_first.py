"""The home page before anything is published: what to run, or how far it is, in place of an error."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from flask import Response, make_response, render_template

from domain.contract.runs import Status
from web.app.errors import RETRY_AFTER, NothingPublished
from web.operate.endings import trouble
from web.runs.progress import progress
from web.runs.store import newest_runs


class Step(NamedTuple):
    """A job on the way to the first lists."""

    number: int
    words: str


STEPS = {
    "preprocess_movielens": Step(1, "cleaning and storing the data"),
    "report_quality": Step(2, "checking their quality"),
    "train_als": Step(3, "learning from the ratings"),
    "publish_recommendations": Step(4, "publishing the lists"),
}


def before_the_first(error: NothingPublished) -> Response:
    """The page, with the status of the error, so that programs know that it is not there yet."""
    newest = newest_runs(STEPS, 1)
    running = [(run, progress(run)) for run in newest if run.status == Status.RUNNING]
    failed = trouble("", [] if running else newest[:1])
    page = render_template("home/first.html", running=running, steps=STEPS, failed=failed and failed.sentence)
    answer = make_response(page, HTTPStatus.SERVICE_UNAVAILABLE)
    answer.headers["Retry-After"] = RETRY_AFTER[HTTPStatus.SERVICE_UNAVAILABLE]
    return answer
