"""Find Java 17, the one line on which both Spark 3.5 and Cassandra 5.0 run."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

VERSION = 17
SYSTEM_FOLDER = Path("/usr/lib/jvm")


class NoJava(RuntimeError):
    """There is no Java 17; the message says what was found and what to install."""


def java_home(environ: Mapping[str, str], system_folder: Path = SYSTEM_FOLDER) -> Path:
    """The home of a Java 17: JAVA_HOME if it is one, else the `java` in the PATH, else one under `system_folder`.

    Raises:
        NoJava: there is none.
    """
    seen = []
    for home in dict.fromkeys(_candidates(environ, system_folder)):
        version = _version(home / "bin" / "java")
        if version == VERSION:
            return home
        seen.append(f"{home} is Java {version or 'unknown'}")
    others = f" ({'; '.join(seen)})" if seen else ""
    raise NoJava(
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
