"""The columns behind the figures of /insights, read from the real Cassandra."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.site_world import LISTED, OLD

pytestmark = pytest.mark.cluster
API = "/api/v1"


def test_the_report_has_the_columns_of_every_figure(client: FlaskClient) -> None:
    answer = client.get(f"{API}/reports/eda").json
    assert answer["dataset_id"] == OLD[1]
    tags = answer["figures"]["tags_per_movie"]
    assert (tags["title"], tags["display_title"]) == (["Lake, The"], ["The Lake"])
    assert answer["figures"]["example_users"] == {"user_id": [LISTED], "rating_count": [2]}
