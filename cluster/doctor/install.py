"""How what the cluster needs is installed on this system; imports nothing of ours, as messages everywhere need it."""

from __future__ import annotations

import subprocess
from pathlib import Path


def how_to_install(what: str) -> str:
    """The command that brings `python` or `java`; install.sh beside this file, which setup.sh asks too, knows it."""
    script = Path(__file__).with_name("install.sh")
    return subprocess.run(["bash", script, what], capture_output=True, text=True, check=False).stdout.strip()
