"""A `docker` command that only plays an engine, and settings that find it."""

from __future__ import annotations

from pathlib import Path

from cluster.settings import Settings

ENGINE = 'case "$*" in "version --format"*) echo 20.10;; *) exit 1;; esac'
NO_ENGINE = "echo 'Cannot connect to the Docker daemon' >&2; exit 1"


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def settings(root: Path, **variables: str) -> Settings:
    return Settings.from_env({"HOME": str(root), "PATH": str(root), **variables}, root)
