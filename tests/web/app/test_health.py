"""Whether the process lives, and whether it can show pages."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.site_world import OLD
from web import create_app


def test_the_process_is_live_all_the_same(away: FlaskClient) -> None:
    assert away.get("/health/live").json == {"status": "live"}


@pytest.mark.cluster
def test_ready_means_that_a_run_is_active(client: FlaskClient) -> None:
    assert client.get("/health/ready").json == {"status": "ready", "run_id": OLD[0], "dataset_id": OLD[1]}


@pytest.mark.parametrize("path", ["/health/ready", "/", "/movies/1", "/runs"])
def test_hosts_without_an_address_are_told_and_no_fault_of_the_site(path: str) -> None:
    lost = create_app({"CASSANDRA_HOSTS": "no-such-host.invalid", "CASSANDRA_PORT": ""}).test_client()
    assert lost.get("/health/live").status_code == 200
    answer = lost.get(path)
    assert answer.status_code == 503
    assert "No address is known for no-such-host.invalid: check CASSANDRA_HOSTS" in answer.text
