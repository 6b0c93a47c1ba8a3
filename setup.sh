#!/usr/bin/env bash
# Set everything up on a fresh machine: Python packages, jars, data, the running cluster with its tables.
# Running it again is quick and changes nothing that is in order.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'TEXT'
Usage: ./setup.sh [s|f|sample] [--install] [--dev] [--commands]
  s          MovieLens small, 100k ratings (default; or what SIZE says)
  f          MovieLens in full, 33M ratings
  sample     no download: the pipeline generates a data set of the same shape
  --install  as root on Debian or Ubuntu: install Java 17 and Python 3.11 with apt-get first
  --dev      only the Python packages, with those that `make test` and `make check` need
  --commands only what `make up`, `make status` and the like need
RUNTIME=docker runs everything in containers, RUNTIME=native in processes of this machine, which needs Java 17 and
Python 3.11; unset, docker is taken when an engine answers.
MOVIELENS_DIR=<folder or zip> takes a copy that is on this machine. More variables: .env.example
TEXT
}

fail() {
    echo "ERROR $*" >&2
    exit 1
}

install_system_packages() {
    command -v apt-get >/dev/null || fail "--install works with apt-get only: install Java 17 and Python 3.11 yourself."
    [ "$(id -u)" = 0 ] || fail "--install needs root: sudo ./setup.sh --install"
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q openjdk-17-jre-headless python3.11 python3.11-venv make
}

# Jobs and site run on 3.11; commands for containers need its standard library or a newer one, and no packages.
is_python_3_11() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null
}

is_new_python() {
    "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate suits=$1
    for candidate in ${PYTHON:-python3.11 python3 python}; do
        if "$suits" "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 with venv was not found${PYTHON:+ (PYTHON=$PYTHON)}. Install it (Debian, Ubuntu:" \
        "\`apt-get install python3.11 python3.11-venv\`, or ./setup.sh --install as root) or name it with PYTHON=…"
}

# Packages are installed again when the requirements, the interpreter or the folder changed.
install_packages() {
    local requirements=$1 stamp=".venv/.$1.stamp" wanted
    wanted=$({ cat requirements-web.txt requirements.txt "$requirements"; pwd; "$python" --version; } | sha256sum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return
    fi
    echo "Python packages of $requirements into .venv …"
    if ! .venv/bin/python -c '' 2>/dev/null || ! .venv/bin/pip --version >/dev/null 2>&1; then
        "$python" -m venv --clear .venv
    fi
    .venv/bin/python -m pip install --no-compile --disable-pip-version-check --retries 5 -r "$requirements" |
        grep -v '^Requirement already satisfied' || [ "${PIPESTATUS[0]}" = 0 ] ||
        fail "the packages of $requirements could not be installed: see the lines above, and run it again."
    # Compiled here, on all cores: where PYTHONDONTWRITEBYTECODE is set, every later start would compile them again.
    # Packages carry templates and files for other versions of Python that do not compile, which is no error of ours.
    .venv/bin/python -m compileall -qq -j 0 .venv/lib || true
    # jobs that spark-submit starts find our packages from any folder
    pwd >"$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/scalable_recommender.pth"
    echo "$wanted" >"$stamp"
}

size=${SIZE:-}
only=
installed=
requirements=requirements.txt
for argument in "$@"; do
    case $argument in
        s | f | sample) size=$argument ;;
        --install) install_system_packages && installed=yes ;;
        --dev) only=packages requirements=requirements-dev.txt ;;
        --commands) only=commands ;;
        -h | --help) usage && exit 0 ;;
        *) usage >&2 && fail "unknown argument $argument" ;;
    esac
done

if [ -n "$installed" ] && [ -n "${SUDO_USER:-}" ]; then
    echo "The packages are installed. Go on as $SUDO_USER, who then owns .venv and data: make setup"
    exit 0
fi
python=$(find_python is_new_python)
runtime=native
[ "$only" = packages ] || runtime=$("$python" -m cluster.choose)
if [ "$runtime" = docker ]; then
    [ -x .venv/bin/python ] || "$python" -m venv --without-pip .venv
else
    python=$(find_python is_python_3_11)
    "$python" -m cluster.java >/dev/null
    install_packages "$requirements"
fi
[ -z "$only" ] || exit 0
.venv/bin/python -m cluster prepare
.venv/bin/python -m cluster.fetch.movielens ${size:+"$size"}
.venv/bin/python -m cluster up --only cassandra,spark
