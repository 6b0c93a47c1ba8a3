"""Images that a machine without a registry cannot pull: the Debian base, and a Cassandra like the official one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from cluster.docker.runtime import CASSANDRA_IMAGE
from cluster.fetch.jars import CASSANDRA, fetch
from cluster.settings import Settings

BASE = "debian:bookworm-slim"
TEST_CASSANDRA = "recommender-test-cassandra"
MIRROR = "http://deb.debian.org/debian"
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
HERE = Path(__file__).parent


def run(command: Sequence[object], environ: Mapping[str, str], folder: Path | None = None) -> str:
    """What the command prints; an error with its last lines when it fails."""
    words = [str(word) for word in command]
    answer = subprocess.run(words, env=dict(environ), cwd=folder, capture_output=True, text=True)
    assert answer.returncode == 0, f"{' '.join(words)}\n{answer.stdout[-3000:]}\n{answer.stderr[-3000:]}"
    return answer.stdout


def is_there(image: str, environ: Mapping[str, str]) -> bool:
    """Whether the engine has the image, or can pull it."""
    return any(
        subprocess.run(["docker", *verb, image], env=dict(environ), capture_output=True).returncode == 0
        for verb in (["image", "inspect"], ["pull", "-q"])
    )


def make_base_files(root: Path) -> None:
    """Debian's smallest system as a folder, which is there only when it is complete.

    A machine whose network is looked into by a proxy trusts certificates of its own; the base gets them, too.
    """
    part = root.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)  # of one that failed
    run(["mmdebstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", part, MIRROR], os.environ)
    ours = Path(os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt").read_text()
    theirs = (part / "etc/ssl/certs/ca-certificates.crt").read_text()
    for number, certificate in enumerate(sorted({*CERTIFICATE.findall(ours)} - {*CERTIFICATE.findall(theirs)})):
        (part / f"usr/local/share/ca-certificates/machine-{number}.crt").write_text(f"{certificate}\n")
    run(["chroot", part, "update-ca-certificates"], os.environ)
    for path in (*(part / "var/cache/apt/archives").glob("*.deb"), *(part / "var/lib/apt/lists").glob("*_*")):
        path.unlink()
    part.rename(root)


def provide_base(environ: Mapping[str, str], folder: Path) -> None:
    """Make BASE of Debian's packages, where no registry has it; of those in TEST_BASE_FILES, which `ahead` has made."""
    if is_there(BASE, environ):
        return
    root = Path(os.environ.get("TEST_BASE_FILES") or folder / "base")
    if not root.is_dir():
        make_base_files(root)
    # PySpark comes as sources: the wheel that was built for .venv spares the image to build it again
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--use-pep517",  # which brings what the pip of Debian's own Python needs to build it
        "--no-deps",
        "--disable-pip-version-check",
        "-w",
        root / "wheels",
    ]
    run([*pip, f"pyspark=={version('pyspark')}"], os.environ)
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    variables = f"ENV PIP_CERT={bundle} SSL_CERT_FILE={bundle} PIP_FIND_LINKS=/wheels"
    packed = folder / "base.tar"
    run(["tar", "-C", root, "-cf", packed, "."], os.environ)
    shutil.rmtree(root)
    run(["docker", "import", "-c", variables, packed, BASE], environ)
    packed.unlink()


def provide_cassandra(environ: Mapping[str, str], folder: Path, settings: Settings, spark_image: str) -> str:
    """The official image, else one of the same interface: the server of the Maven jars on our Spark image."""
    if is_there(CASSANDRA_IMAGE, environ):
        return CASSANDRA_IMAGE
    context = folder / "cassandra"
    shutil.copytree(HERE / "cassandra", context)
    shutil.copytree(fetch(settings, CASSANDRA), context / "jars")
    for name in ("cassandra-jvm.options", "cassandra-logback.xml"):
        shutil.copy(settings.root / "cluster/conf" / name, context)
    build = ["docker", "build", "-q", "--build-arg", f"BASE_IMAGE={spark_image}", "-t", TEST_CASSANDRA, context]
    run(build, environ)
    return TEST_CASSANDRA
