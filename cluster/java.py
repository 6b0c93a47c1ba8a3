"""The Java of the cluster.

Example: python -m cluster.java     (prints its home; setup.sh asks before there is a .venv)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from cluster.doctor.install import how_to_install
from cluster.env_file import read_env_file
from cluster.errors import MissingTool, exit_with_message
from domain.contract import java


def java_home(environ: Mapping[str, str], system_folder: Path = java.SYSTEM_FOLDER) -> Path:
    """The home of a Java 17, as `domain.contract.java` finds it.

    Raises:
        MissingTool: there is none; the message says what was found and what to install.
    """
    try:
        return java.java_home(environ, system_folder)
    except java.NoJava as error:
        raise MissingTool(f"{error} Install it: `{how_to_install('java')}`") from error


def main() -> int:
    """The command line; returns the exit code."""
    root = Path(__file__).resolve().parent.parent
    print(java_home({**read_env_file(root / ".env"), **os.environ}))
    return 0


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
