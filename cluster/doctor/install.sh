#!/usr/bin/env bash
# How to get Python for the jobs, or Java 17, on this system: one command, made of what the system has.
# Usage: install.sh python|java|packages [os-release]    (packages: what --install installs, after its manager)
set -euo pipefail
want=$1 release=${2:-/etc/os-release}

# Children of Debian and Ubuntu (Mint, Pop!_OS, LMDE) name the release whose packages they take.
system=$(
    unset ID VERSION_CODENAME UBUNTU_CODENAME DEBIAN_CODENAME
    # shellcheck disable=SC1090
    if [ -r "$release" ]; then . "$release"; fi
    echo "${UBUNTU_CODENAME:-${DEBIAN_CODENAME:-${VERSION_CODENAME:-${ID:-}}}}"
)

# A system that is not here, or lacks a package, gets the way that works on every Linux.
manager=apt-get python='' java=''
case $system in
    bookworm) python="python3 python3-venv" java=openjdk-17-jre-headless ;; # Debian 12 has Python 3.11
    trixie) python="python3 python3-venv" ;;                                # Debian 13: 3.13, and no Java 17
    jammy) python="python3.11 python3.11-venv" java=openjdk-17-jre-headless ;; # Ubuntu 22.04: 3.10, and 3.11
    noble) python="python3 python3-venv" java=openjdk-17-jre-headless ;;    # Ubuntu 24.04: 3.12
    questing) python="python3 python3-venv" java=openjdk-17-jre-headless ;; # Ubuntu 25.10: 3.13
    resolute) java=openjdk-17-jre-headless ;;                               # Ubuntu 26.04: 3.14 only
    fedora) manager=dnf python=python3.12 ;;                                # from 42 on no Java 17
    *) manager='' ;;
esac

with_manager() {
    local sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo "
    echo "$sudo$manager install $1"
}

case $(uname -m) in
    x86_64) machine=x64 ;;
    *) machine=$(uname -m) ;;
esac
temurin=https://api.adoptium.net/v3/binary/latest/17/ga/linux/$machine/jre/hotspot/normal/eclipse

case $want in
    packages) echo "$manager ${python:+$python }${java:+$java }" ;;
    python)
        if [ -n "$python" ]; then
            with_manager "$python"
        else
            echo 'curl -LsSf https://astral.sh/uv/install.sh | sh && ~/.local/bin/uv python install 3.12' \
                '&& PYTHON=~/.local/bin/python3.12 make setup'
        fi
        ;;
    java)
        if [ -n "$java" ]; then
            with_manager "$java"
        else
            echo "mkdir -p ~/.local/java-17 && curl -fsSL $temurin | tar -xz -C ~/.local/java-17 --strip-components=1" \
                "&& echo \"JAVA_HOME=\$HOME/.local/java-17\" >> .env"
        fi
        ;;
esac
