"""What Docker says of a container, as a row of the status table."""

from __future__ import annotations

import pytest

from cluster.docker.compose import Container
from cluster.runtime import RUNNING


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Status": "running", "Health": {"Status": "healthy"}}, RUNNING),
        ({"Status": "running", "Health": {"Status": "starting"}}, "starting"),
        ({"Status": "running"}, RUNNING),
        ({"Status": "exited", "Health": {"Status": "unhealthy"}}, "exited"),
    ],
)
def test_a_container_runs_when_it_is_healthy(state: dict[str, object], expected: str) -> None:
    found = Container.of(
        {
            "Id": "0123456789abcdef",
            "State": state,
            "Config": {"Labels": {"com.docker.compose.service": "web"}},
            "NetworkSettings": {"Ports": {"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "5001"}], "1/tcp": None}},
        }
    )
    assert (found.service, found.id, found.state) == ("web", "0123456789ab", expected)
    assert found.address == "127.0.0.1:5001"
    assert found.last_check == ""
