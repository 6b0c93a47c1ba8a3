"""The program of the browser: where it is on this machine, and how Debian gets it.

`python3 -m tests.browser.program` installs it where it is missing: `.ci/run` does that while `.venv` is made, so this
needs no package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-noto-color-emoji")
LOCK_SECONDS = 600  # another installation may be under way
MISSING = (
    f"Chromium is not there. On Debian: `apt-get install --no-install-recommends {' '.join(PACKAGES)}` as root; "
    "elsewhere name yours: CHROMIUM=/path/to/chromium"
)


def find_chromium() -> str | None:
    """The program: the one that CHROMIUM names, else the first that the machine has."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def main() -> int:
    """Install it where it is missing; returns the exit code."""
    if find_chromium():
        return 0
    if os.getuid() != 0 or not shutil.which("apt-get"):
        print(f"ERROR {MISSING}", file=sys.stderr)
        return 1
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-o", f"DPkg::Lock::Timeout={LOCK_SECONDS}"]
    for command in ([*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *PACKAGES]):
        answer = subprocess.run(command, env=environ, capture_output=True, text=True)
        if answer.returncode:
            print(f"ERROR `{' '.join(command)}` failed: {answer.stderr[-500:]}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
