"""What the tests of the containers need of Debian, fetched ahead of them: `.ci/run` does it while `.venv` is made.

Needs no package of .venv. What is missing afterwards the tests fetch themselves.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cluster.docker.engine import docker_problem
from tests.compose.engine import install_engine
from tests.compose.images import make_base_files

if __name__ == "__main__" and (problem := docker_problem(os.environ)):
    install_engine(problem)
    make_base_files(Path(sys.argv[1]))
