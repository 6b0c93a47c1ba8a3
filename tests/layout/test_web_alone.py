"""The site with the packages of requirements-web.txt and the files of its image, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
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


def link_packages(folder: Path) -> None:
    """Lay out what is installed here of the requirements, at the very versions, and nothing else."""
    folder.mkdir()
    for line in PACKAGES.read_text(encoding="utf-8").splitlines():
        if name := line.partition("#")[0].strip():
            name, _, version = name.partition("==")
            package = distribution(name.partition("[")[0])
            assert package.version == version, f"{name} is {package.version} here: run ./setup.sh --dev"
            for top in {Path(file).parts[0] for file in package.files or () if ".." not in Path(file).parts}:
                link = folder / top
                if not link.exists():
                    link.symlink_to(Path(str(package.locate_file(top))))


def test_the_site_starts_with_its_own_packages_and_files_alone(tmp_path: Path) -> None:
    copy_to(tmp_path / "app")
    link_packages(tmp_path / "packages")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ |= {"PYTHONPATH": f"{tmp_path / 'app'}:{tmp_path / 'packages'}", "PYTHONDONTWRITEBYTECODE": "1"}
    python = sys._base_executable  # type: ignore[attr-defined]  # -S: without the packages installed for it
    started = subprocess.run(
        [python, "-S", "-c", START], cwd=tmp_path, env=environ, check=False, capture_output=True, text=True
    )
    assert started.returncode == 0, started.stderr
    assert started.stdout == "{'status': 'live'} True\n"
