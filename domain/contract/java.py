"""Find Java 17, the one line on which both Spark 3.5 and Cassandra 5.0 run."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

VERSION = 17
SYSTEM_FOLDER = Path("/usr/lib/jvm")


class NoJava(RuntimeError):
    """There is no Java 17; the message says what was found and what to install."""


def java_home(environ: Mapping[str, str], system_folder: Path = SYSTEM_FOLDER) -> Path:
    """The home of a Java 17: JAVA_HOME if it is one, else that of a `java` in the PATH, else one under `system_folder`.

    Raises:
        NoJava: there is none.
    """
    seen = []
    for java in dict.fromkeys(_candidates(environ, system_folder)):
        home, version = _asked(java)
        if version == VERSION:
            return home
        seen.append(f"{home} is Java {version or 'unknown'}")
    others = f" ({'; '.join(dict.fromkeys(seen))})" if seen else ""
    raise NoJava(f"Java {VERSION} was not found{others}. `make doctor` names what brings it here; or set JAVA_HOME.")


def _candidates(environ: Mapping[str, str], system_folder: Path) -> Iterator[Path]:
    """Programs called java that may be of version 17."""
    if environ.get("JAVA_HOME"):
        yield Path(environ["JAVA_HOME"]) / "bin" / "java"
    for folder in environ.get("PATH", "").split(os.pathsep):
        if folder and os.access(java := Path(folder) / "java", os.X_OK):
            yield java
    yield from sorted(system_folder.glob("*/bin/java"))


def _asked(java: Path) -> tuple[Path, int | None]:
    """The home and the version that a java tells: the program in the PATH may be a script of a version manager."""
    home = java.resolve().parent.parent
    try:
        command = [str(java), "-XshowSettings:properties", "-version"]
        answer = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return home, None
    said = answer.stderr + answer.stdout
    told, version = re.search(r"java\.home = (.+)", said), re.search(r'version "(?:1\.)?(\d+)', said)
    return Path(told[1].strip()) if told else home, int(version[1]) if version else None
