"""Find Java 17, the one line on which both Spark 3.5 and Cassandra 5.0 run.

Example: python -m cluster.java     (prints its home; setup.sh asks before there is a .venv)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from cluster.env_file import read_env_file
from cluster.errors import MissingTool, exit_with_message

VERSION = 17
SYSTEM_FOLDER = Path("/usr/lib/jvm")


def java_home(environ: Mapping[str, str], system_folder: Path = SYSTEM_FOLDER) -> Path:
    """The home of a Java 17: JAVA_HOME if it is one, else the `java` in the PATH, else one under `system_folder`.

    Raises:
        MissingTool: there is none; the message says what was found and what to install.
    """
    seen = []
    for home in _candidates(environ, system_folder):
        version = _version(home / "bin" / "java")
        if version == VERSION:
            return home
        seen.append(f"{home} is Java {version or 'unknown'}")
    others = f" ({'; '.join(seen)})" if seen else ""
    raise MissingTool(
        f"Java {VERSION} was not found{others}. Install it (Debian, Ubuntu: `apt-get install openjdk-17-jre-headless`, "
        "or `./setup.sh --install` as root) or point JAVA_HOME at it."
    )


def _candidates(environ: Mapping[str, str], system_folder: Path) -> Iterator[Path]:
    if environ.get("JAVA_HOME"):
        yield Path(environ["JAVA_HOME"])
    if in_path := shutil.which("java", path=environ.get("PATH")):
        yield Path(in_path).resolve().parent.parent
    yield from sorted(home.parent.parent for home in system_folder.glob("*/bin/java"))


def _version(java: Path) -> int | None:
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    return int(match[1]) if match else None


def main() -> int:
    """The command line; returns the exit code."""
    root = Path(__file__).resolve().parent.parent
    print(java_home({**read_env_file(root / ".env"), **os.environ}))
    return 0


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
