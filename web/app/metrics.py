"""Prometheus figures at /metrics: requests and seconds by route, and what collectors of other rooms read when asked.

Under gunicorn each worker counts in files below PROMETHEUS_MULTIPROC_DIR (set by gunicorn.conf.py), and whichever
worker answers /metrics adds them up.
"""

from __future__ import annotations

import os
import time
from functools import cache

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter("http_requests_total", "Answered requests.", ["route", "method", "status"])
SECONDS = Histogram(
    "http_request_seconds",
    "Time to answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)

blueprint = Blueprint("metrics", __name__)


def register(app: Flask) -> None:
    """Count every request of `app` and serve /metrics."""
    app.before_request(_start)
    app.after_request(_count)
    app.register_blueprint(blueprint)


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    # the rule, not the path: one series a route, however many ids are asked for
    route = request.url_rule.rule if request.url_rule else "unknown"
    requests, seconds = _series(route, request.method, response.status_code)
    requests.inc()
    seconds.observe(time.perf_counter() - g.started)
    return response


@cache
def _series(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """The two that count such a request; prometheus_client takes a lock to look each up."""
    return REQUESTS.labels(route, method, status), SECONDS.labels(route)


@blueprint.get("/metrics")
def metrics() -> Response:
    """All figures in Prometheus' text form."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    read_now = CollectorRegistry()
    for collector in current_app.extensions["recommender.collectors"]:
        read_now.register(collector)
    return Response(generate_latest(registry) + generate_latest(read_now), content_type=CONTENT_TYPE_LATEST)
