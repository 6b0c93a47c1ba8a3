"""Fetch the jars of Cassandra and of the Spark-Cassandra connector with the Ivy that PySpark ships.

Example: python -m cluster.fetch.jars            (again: at once, and without a network)
         python -m cluster.fetch.jars --verify   (compares every SHA-256 sum)
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

from cluster.errors import FetchFailed, MissingTool, exit_with_message
from cluster.java import java_home
from cluster.locks import exclusive
from cluster.settings import Settings
from domain.contract.spark_environment import without_other_spark

TRIES = 4
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class JarSet:
    """A Maven artifact that is wanted with everything it depends on."""

    folder: str
    organisation: str
    module: str
    revision: str
    without_sparks: bool  # leave out what Spark ships itself: two versions of a class in one JVM end in strange errors


CASSANDRA = JarSet("cassandra-5.0.8", "org.apache.cassandra", "cassandra-all", "5.0.8", without_sparks=False)
CONNECTOR = JarSet(
    "connector-3.5.1", "com.datastax.spark", "spark-cassandra-connector_2.12", "3.5.1", without_sparks=True
)

SETS = {"connector": CONNECTOR, "cassandra": CASSANDRA}


def jar_folder(settings: Settings, jars: JarSet) -> Path:
    """Where the jars of a set are, once fetched."""
    return settings.cache_dir / "jars" / jars.folder


def spark_home() -> Path:
    """The Spark inside the PySpark wheel of this interpreter."""
    # not imported: that takes longer than all the rest of `make up`
    own = without_other_spark(sys.path, os.environ)
    pyspark = PathFinder.find_spec("pyspark", own) or PathFinder.find_spec("pyspark")
    if pyspark is None or not pyspark.submodule_search_locations:
        raise MissingTool("PySpark is not installed for this Python: run ./setup.sh, and use .venv/bin/python.")
    return Path(pyspark.submodule_search_locations[0])


def fetch(settings: Settings, jars: JarSet, verify: bool = False) -> Path:
    """The folder with all jars of a set, fetched unless it is there and whole.

    Raises:
        FetchFailed: several tries did not bring them.
    """
    folder = jar_folder(settings, jars)
    with exclusive(folder.with_name(f"{folder.name}.lock"), f"another fetch of {jars.folder}"):
        if not damage(folder, verify):
            return folder
        staging = folder.with_name(f"{folder.name}.staging")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        _retrieve(settings, jars, staging)
        _leave_out(jars, staging)
        (staging / MANIFEST).write_text(json.dumps(_manifest(staging), indent=1))
        shutil.rmtree(folder, ignore_errors=True)
        staging.rename(folder)
    return folder


def fetch_shown(settings: Settings, jars: JarSet, verify: bool = False) -> None:
    """Fetch the jars of a set, and print one line that says where they are."""
    began = time.monotonic()
    folder = fetch(settings, jars, verify)
    count = len(list(folder.glob("*.jar")))
    print(f"{jars.folder}: {count} jars in {folder} ({time.monotonic() - began:.0f} s)", flush=True)


def damage(folder: Path, verify: bool) -> str | None:
    """What is wrong with a folder of jars, or None. Sizes are always compared, sums when `verify`."""
    try:
        expected = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        return "no manifest"
    for name, entry in expected.items():
        jar = folder / name
        if not jar.is_file() or jar.stat().st_size != entry["bytes"]:
            return f"{name} is missing or has another size"
        if verify and _sha256(jar) != entry["sha256"]:
            return f"{name} has another content"
    return None


def _retrieve(settings: Settings, jars: JarSet, staging: Path) -> None:
    home = java_home(settings.environ)
    command = [
        home / "bin" / "java",
        *proxy_options(settings.environ),
        "-jar",
        _ivy(),
        "-cache",
        settings.cache_dir / "ivy",
    ]
    command += ["-dependency", jars.organisation, jars.module, jars.revision, "-confs", "default"]
    # some jars are published as OSGi «bundle», and native ones differ by classifier only
    command += ["-types", "jar", "bundle", "-retrieve", f"{staging}/[artifact]-[revision](-[classifier]).[ext]"]
    print(f"Fetching {jars.module} {jars.revision} and what it needs …", flush=True)
    for attempt in range(1, TRIES + 1):
        last_lines = _run_ivy(command)
        if not last_lines:
            return
        if any("No space left" in line for line in last_lines):
            raise FetchFailed(f"{settings.cache_dir} is on a full disk: make room there, or set CACHE_DIR.")
        print(f"  try {attempt} of {TRIES} failed: {last_lines[-1]}", flush=True)
        if attempt < TRIES:
            time.sleep(2**attempt)
    raise FetchFailed(
        f"{jars.module} could not be fetched from Maven Central in {TRIES} tries. The last lines of Ivy:\n  "
        + "\n  ".join(last_lines)
        + "\nCheck the network (a proxy goes into https_proxy or JAVA_TOOL_OPTIONS=-Dhttps.proxyHost=…), run it again."
    )


def proxy_options(environ: Mapping[str, str]) -> list[str]:
    """The proxy of the environment as Java is told of it, which does not look there; JAVA_TOOL_OPTIONS wins."""
    if "proxyHost" in environ.get("JAVA_TOOL_OPTIONS", ""):
        return []
    options = []
    for scheme in ("http", "https"):
        given = environ.get(f"{scheme}_proxy") or environ.get(f"{scheme.upper()}_PROXY") or ""
        proxy = re.fullmatch(r"(?:http://)?(?:[^@/]*@)?(?P<host>[^:/@]+)(?::(?P<port>[0-9]+))?/?", given)
        if proxy:
            options += [f"-D{scheme}.proxyHost={proxy['host']}", f"-D{scheme}.proxyPort={proxy['port'] or 80}"]
    return options


def _run_ivy(command: list[object]) -> list[str]:
    """Run Ivy, counting what it downloads; its last lines when it fails, none when it does not."""
    ivy = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = [""]
    jars = 0
    for line in ivy.stdout or ():
        lines = [*lines[-11:], line.rstrip()]
        if "[SUCCESSFUL ]" in line:
            jars += 1
            _show(f"  {jars} files downloaded")
    _show("", end="\n" if jars else "")
    problems = [line for line in lines if "UNRESOLVED" in line or "FAILED" in line or "not found" in line]
    return [] if ivy.wait() == 0 else [*lines[-8:], *problems[:1]]


def _show(text: str, end: str = "") -> None:
    """Progress that overwrites itself on a terminal and stays silent in a log file."""
    if sys.stdout.isatty():
        print(f"\r{text}" if text else "", end=end, flush=True)


def _ivy() -> Path:
    jars = sorted((spark_home() / "jars").glob("ivy-2.5.*.jar"))
    if not jars:
        raise FetchFailed(f"PySpark at {spark_home()} has no ivy-2.5 jar: remove .venv and set up again.")
    return jars[-1]


def _leave_out(jars: JarSet, staging: Path) -> None:
    if not jars.without_sparks:
        return
    sparks = {artifact(jar) for jar in (spark_home() / "jars").glob("*.jar")}
    for jar in staging.glob("*.jar"):
        if artifact(jar) in sparks:
            jar.unlink()


def artifact(jar: Path) -> str:
    """The name of a jar without its version: commons-lang3 of commons-lang3-3.12.0.jar."""
    return re.sub(r"-\d.*$", "", jar.stem)


def _manifest(folder: Path) -> dict[str, dict[str, object]]:
    jars = sorted(folder.glob("*.jar"))
    return {jar.name: {"bytes": jar.stat().st_size, "sha256": _sha256(jar)} for jar in jars}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verify", action="store_true", help="compare the SHA-256 sum of every jar, not sizes only")
    parser.add_argument("sets", nargs="*", choices=[*SETS, []], help="which jars (default: all)")
    options = parser.parse_args()
    settings = Settings.from_env()
    for name in options.sets or SETS:
        fetch_shown(settings, SETS[name], options.verify)
    return 0


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
