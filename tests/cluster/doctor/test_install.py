"""The command that is advised names packages that the system has; where it has none, what every Linux has."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.layout.tree import ROOT

SCRIPT = ROOT / "cluster/doctor/install.sh"
# /etc/os-release of each system, and what its package lists have of Java 17 and of Python from 3.11 to 3.13
JAVA = "openjdk-17-jre-headless"
SYSTEMS = {
    "Debian 12": ("ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm", {"python3", "python3-venv", JAVA}),
    "Debian 13": ("ID=debian\nVERSION_ID=13\nVERSION_CODENAME=trixie", {"python3", "python3-venv"}),
    "Ubuntu 22.04": (
        'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\nUBUNTU_CODENAME=jammy',
        {"python3.11", "python3.11-venv", JAVA},  # python3 is 3.10
    ),
    "Ubuntu 24.04": (
        'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble',
        {"python3", "python3-venv", JAVA},
    ),
    "Ubuntu 26.04": (
        'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="26.04"\nVERSION_CODENAME=resolute\nUBUNTU_CODENAME=resolute',
        {JAVA},  # python3 is 3.14
    ),
    "Fedora 43": ('ID=fedora\nVERSION_ID=43\nVERSION_CODENAME=""', {"python3.11", "python3.12", "python3.13"}),
    "Mint 22": (
        'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble',
        {"python3", "python3-venv", JAVA},
    ),
    "LMDE 6": (
        'ID=linuxmint\nID_LIKE=debian\nVERSION_ID="6"\nVERSION_CODENAME=faye\nDEBIAN_CODENAME=bookworm',
        {"python3", "python3-venv", JAVA},
    ),
    "Debian testing": ("ID=debian\nVERSION_CODENAME=forky", set()),
    "Rocky 9": ('ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.6"', set()),
    "Arch": ("ID=arch\nBUILD_ID=rolling", set()),
    "Alpine": ("ID=alpine\nVERSION_ID=3.22.1", set()),
    "quoted": ("ID='fedora'\nNAME=\"Fedora Linux $1\"", {"python3.12"}),
    "an empty file": ("", set()),
}


def advice(want: str, release: Path) -> str:
    """What the script prints."""
    answer = subprocess.run(["bash", SCRIPT, want, release], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, set[str]]:
    """The os-release of a system, and the packages that it has."""
    text, has = SYSTEMS[request.param]
    (tmp_path / "os-release").write_text(text + "\n")
    return tmp_path / "os-release", has


@pytest.mark.parametrize(
    ("want", "prefix", "elsewhere"),
    [("python", "python3", "uv python install 3.12"), ("java", "openjdk", "https://api.adoptium.net/")],
)
def test_only_packages_that_the_system_has_are_named(
    system: tuple[Path, set[str]], want: str, prefix: str, elsewhere: str
) -> None:
    release, has = system
    said = advice(want, release)
    named = re.search(r"(apt-get|dnf) install (.*)", said)
    if any(name.startswith(prefix) for name in has):
        assert named, said
        assert set(named[2].split()) <= has
    else:
        assert not named, said
        assert elsewhere in said


def test_what_is_installed_as_root_are_the_same_packages(system: tuple[Path, set[str]]) -> None:
    release, has = system
    manager, *names = advice("packages", release).split() or [""]
    assert set(names) <= has
    assert bool(names) == bool(has)
    assert manager in ("apt-get", "dnf", "")


def test_without_an_os_release_there_is_still_a_way(tmp_path: Path) -> None:
    assert advice("python", tmp_path / "none").startswith("curl ")
    assert advice("java", tmp_path / "none").startswith("mkdir ")


@pytest.mark.parametrize("want", ["python", "java"])
def test_the_advice_is_a_command_that_bash_can_read(system: tuple[Path, set[str]], want: str) -> None:
    subprocess.run(["bash", "-n", "-c", advice(want, system[0])], check=True)
