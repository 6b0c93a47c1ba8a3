"""Answers of the API as they were given, kept in each process while nothing changes that they tell of.

What a published run tells is the same as long as it is shown. What it tells of a user is kept with the mark that the
user had before anything was read: whoever stores something of a user gives the user another one, which all processes
of the site see at once (`domain/serving/marks.py`). A site on another machine does not: for its sake nothing is kept
for longer than `KEPT_SECONDS`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any, NamedTuple

from cachetools import LRUCache
from flask import Flask, Response, current_app, request

from cql.kinds import Kind
from domain.serving.marks import Marks
from web.app.active import active_runs
from web.app.json_provider import dumped, json_response

KEPT_SECONDS = 60.0
MOST_BYTES = 64 * 1024 * 1024  # of answers in a process


class Kept(NamedTuple):
    """An answer, and what has to be so still for it to be given again."""

    answer: bytes
    mark: bytes
    until: float


class KeptAnswers:
    """The answers that were asked for last, at most `MOST_BYTES` of them."""

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[object, ...], Kept] = LRUCache(MOST_BYTES, getsizeof=lambda kept: len(kept.answer))
        self._lock = Lock()

    def get(self, key: tuple[object, ...], mark: bytes = b"") -> bytes | None:
        """What is kept under this key and mark, None for nothing."""
        with self._lock:
            kept = self._kept.get(key)
        return kept.answer if kept and kept.mark == mark and time.monotonic() < kept.until else None

    def put(self, key: tuple[object, ...], answer: bytes, mark: bytes = b"") -> None:
        """Keep an answer under a key that names the run; `mark` is what `get` was asked with, before it was made."""
        if len(answer) <= MOST_BYTES:
            with self._lock:
                self._kept[key] = Kept(answer, mark, time.monotonic() + KEPT_SECONDS)


def register(app: Flask) -> None:
    """Let `app` keep answers. gunicorn.conf.py gives its processes marks that they share."""
    app.extensions["recommender.kept"] = KeptAnswers()
    app.extensions["recommender.marks"] = Marks()


def kept_answers() -> KeptAnswers:
    """The answers that this process keeps."""
    return current_app.extensions["recommender.kept"]


def marks() -> Marks:
    """The marks of users."""
    return current_app.extensions["recommender.marks"]


def of_run(kind: Kind) -> Callable[[Callable[..., dict[str, Any]]], Callable[..., Response]]:
    """Keep what a call of the API answers while the run of this kind is shown; for what depends on nothing else."""

    def decorate(call: Callable[..., dict[str, Any]]) -> Callable[..., Response]:
        @wraps(call)
        def kept(*args: Any, **values: Any) -> Response:
            key = (active_runs().published(kind).run_id, request.full_path)
            answer = kept_answers().get(key)
            if answer is None:
                answer = dumped(call(*args, **values))
                kept_answers().put(key, answer)
            return json_response(answer)

        return kept

    return decorate
