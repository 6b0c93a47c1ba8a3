"""How often a caller may ask: a brake on loops that run wild, not a quota.

Counted in the memory of each worker process and by the address of the caller: with w workers a caller may get up to w
times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, current_app, make_response, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from web.app.errors import Forbidden, TooMany

SEARCHES = parse("600 per minute")
WRITES = parse("20 per minute")
FEEDBACK = parse("600 per minute")  # ratings and votes: a program sends those of all its users from one address
BULK = parse("60 per minute")  # of 1,000 ratings each, about what a process can store
GUESSES = parse("20 per minute")  # of a key or a token

Call = Callable[..., Any]


def register(app: Flask) -> None:
    """Let calls of `app` have limits."""
    app.extensions["recommender.limits"] = FixedWindowRateLimiter(MemoryStorage())


def limited(limit: RateLimitItem, if_asked: bool = False) -> Callable[[Call], Call]:
    """Let a caller make this call so often; with `if_asked` only those with a query count.

    The call raises TooMany when it is made more often.
    """

    def decorate(call: Call) -> Call:
        @wraps(call)
        def checked(*args: Any, **values: Any) -> Any:
            if (request.args or not if_asked) and not _counter().hit(limit, *_who(call)):
                raise TooMany(_said(limit))
            return call(*args, **values)

        return checked

    return decorate


def limited_guesses(call: Call) -> Call:
    """Let a caller be forbidden this call only so often, then raise TooMany."""

    @wraps(call)
    def checked(*args: Any, **values: Any) -> Any:
        if not _counter().test(GUESSES, *_who(call)):
            raise TooMany(_said(GUESSES))
        try:
            answer = make_response(call(*args, **values))
        except Forbidden:
            _counter().hit(GUESSES, *_who(call))
            raise
        if answer.status_code == Forbidden.status:
            _counter().hit(GUESSES, *_who(call))
        return answer

    return checked


def _counter() -> FixedWindowRateLimiter:
    counter: FixedWindowRateLimiter = current_app.extensions["recommender.limits"]
    return counter


def _who(call: Call) -> tuple[str, str]:
    return request.remote_addr or "", f"{call.__module__}.{call.__qualname__}"


def _said(limit: RateLimitItem) -> str:
    return f"Too many requests: there may be {limit}. Try again in a minute."
