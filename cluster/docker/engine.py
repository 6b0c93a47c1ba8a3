"""Whether this machine has a Docker engine and a Compose that can be used."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping

ENGINE_SECONDS = 20.0


def docker_problem(environ: Mapping[str, str]) -> str | None:
    """Why the cluster cannot be started in containers here, or None."""
    if not shutil.which("docker", path=environ.get("PATH")):
        return "there is no `docker` command; install Docker Engine and Compose."
    try:
        subprocess.run(
            ["docker", "version", "--format", "{{.Server.Version}}"],
            env=dict(environ),
            capture_output=True,
            text=True,
            check=True,
            timeout=ENGINE_SECONDS,
        )
    except subprocess.CalledProcessError as error:
        return f"no engine answers ({error.stderr.strip()}); start it, or name it with DOCKER_HOST."
    except subprocess.TimeoutExpired:
        return f"the engine does not answer within {ENGINE_SECONDS:.0f} s; see its log."
    if compose_command(environ) is None:
        return "the engine answers, but Compose is missing; install the plugin docker-compose-v2 or docker-compose."
    return None


def compose_command(environ: Mapping[str, str]) -> list[str] | None:
    """`docker compose` (v2), else `docker-compose` (1.29), else None."""
    plugin = subprocess.run(["docker", "compose", "version"], env=dict(environ), capture_output=True, check=False)
    if plugin.returncode == 0:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose", path=environ.get("PATH")) else None
