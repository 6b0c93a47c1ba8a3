"""What Docker says of a container, as a row of the status table."""

from __future__ import annotations

from pathlib import Path

import pytest

from cluster.docker.compose import Compose, Container
from cluster.runtime import RUNNING
from tests.support.played_docker import ENGINE, program, settings


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


def test_compose_takes_the_sizes_that_are_in_the_file_now(tmp_path: Path) -> None:
    """Settings were read before the sizes were computed anew, and the environment wins over the file."""
    program(tmp_path, "docker", ENGINE)
    program(tmp_path, "docker-compose", 'echo "${CONTAINER_EXECUTOR_MEMORY-from the file} $WORKERS"')
    (tmp_path / ".env").write_text("CONTAINER_EXECUTOR_MEMORY=2048m\nWORKERS=3\n")
    assert Compose(settings(tmp_path)).quietly("config") == "from the file 3"
