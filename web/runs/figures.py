"""Figures at /metrics of what people did while a run was shown."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from cql.kinds import Kind
from web.app.errors import Unavailable
from web.runs.answers import answers, is_answered
from web.runs.models import RunAnswers
from web.runs.store import newest_runs

RUNS = 10  # the newest; fewer are kept


class AnswersCollector(Collector):
    """Asked when /metrics is; where Cassandra is away there are none of these figures."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of each run that was shown and is kept."""
        try:
            newest = newest_runs([Kind.RECOMMENDATIONS.job], RUNS)
            found = {run.run_id: answers().of(run.run_id) for run in newest if is_answered(run)}
        except Unavailable:
            return
        yield from _gauges(found)


def _gauges(found: dict[str, RunAnswers]) -> list[GaugeMetricFamily]:
    of_run, of_list = ["run_id"], ["run_id", "list", "first"]
    ratings = GaugeMetricFamily("run_ratings", "Ratings that came in while the run was shown.", labels=of_run)
    share = GaugeMetricFamily("run_users_share", "Share of the users that these figures count.", labels=of_run)
    listed = GaugeMetricFamily("run_listed_ratings", "Those of the first movies of a list.", labels=of_list)
    stars = GaugeMetricFamily("run_listed_mean_stars", "Their mean stars.", labels=of_list)
    others = GaugeMetricFamily("run_other_mean_stars", "Mean stars of all others.", labels=of_list)
    for run_id, figures in found.items():
        ratings.add_metric([run_id], figures.ratings)
        share.add_metric([run_id], figures.users_share)
        for each in figures.lists:
            labels = [run_id, each.list, str(each.first)]
            listed.add_metric(labels, each.ratings)
            for gauge, mean in ((stars, each.mean_stars), (others, each.others_mean_stars)):
                if mean is not None:
                    gauge.add_metric(labels, mean)
    return [ratings, share, listed, stars, others]
