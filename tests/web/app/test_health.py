"""Whether the process lives, and whether it can show pages."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.site_world import OLD


def test_the_process_is_live_all_the_same(away: FlaskClient) -> None:
    assert away.get("/health/live").json == {"status": "live"}


@pytest.mark.cluster
def test_ready_means_that_a_run_is_active(client: FlaskClient) -> None:
    assert client.get("/health/ready").json == {"status": "ready", "run_id": OLD[0], "dataset_id": OLD[1]}
