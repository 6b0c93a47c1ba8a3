"""The site with the packages of requirements-web.txt and the files of its image, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "cluster" / "docker" / "Dockerfile"
PACKAGES = ROOT / "requirements-web.txt"
START = """
import cql.active, cql.apply  # what the image runs besides the site
from web import create_app

client = create_app().test_client()
print(client.get("/health/live").json, len(client.get("/openapi/openapi.json").json["paths"]) > 10)
"""


def copies() -> list[tuple[str, str]]:
    """Source and destination of what the web image gets from the project."""
    stage = DOCKERFILE.read_text(encoding="utf-8").partition(" AS web\n")[2]
    lines = [line.split() for line in stage.splitlines() if line.startswith("COPY ") and "--from" not in line]
    return [(source, destination) for _, source, destination in lines]


def copy_to(app: Path) -> None:
    """Lay out the files as in the image's /app."""
    for source, destination in copies():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, app / destination, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (app / destination).mkdir(parents=True)
            shutil.copy(ROOT / source, app / destination)


def test_the_site_starts_with_its_own_packages_and_files_alone(tmp_path: Path) -> None:
    copy_to(tmp_path / "app")
    venv.create(tmp_path / "env")
    python = str(tmp_path / "env" / "bin" / "python")
    install = ["install", "-q", "--no-deps", "--no-compile", "--disable-pip-version-check", "-r", str(PACKAGES)]
    subprocess.run([sys.executable, "-m", "pip", "--python", python, *install], check=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ["PYTHONDONTWRITEBYTECODE"] = "1"
    started = subprocess.run(
        [python, "-c", START], cwd=tmp_path / "app", env=environ, check=False, capture_output=True, text=True
    )
    assert started.returncode == 0, started.stderr
    assert started.stdout == "{'status': 'live'} True\n"
    shutil.rmtree(tmp_path / "env")  # 130 MB, which pytest would keep
