#!/usr/bin/env bash
# Set everything up on a fresh machine: Python packages, jars, data, the running cluster with its tables.
# Running it again is quick and changes nothing that is in order.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'TEXT'
Usage: ./setup.sh [s|f|sample] [--install] [--dev] [--commands] [--doctor]
  s          MovieLens small, 100k ratings (default; or what SIZE says)
  f          MovieLens in full, 33M ratings
  sample     no download: the pipeline generates a data set of the same shape
  --install  as root: first install Java 17 and Python with apt-get or dnf, as far as the system has them
  --dev      only the Python packages, with those that `make test` and `make check` need
  --commands only what `make up`, `make status` and the like need
  --doctor   change nothing: say what is in order, what is not, and what mends it (`make doctor`)
RUNTIME=docker runs everything in containers, RUNTIME=native in processes of this machine, which needs Java 17 and
Python 3.11, 3.12 or 3.13; unset, docker is taken when an engine answers. PYTHON=<program> names the Python to take.
MOVIELENS_DIR=<folder or zip> takes a copy that is on this machine. More variables: .env.example
TEXT
}

fail() {
    echo "ERROR $*" >&2
    exit 1
}

how_to_install() {
    bash cluster/doctor/install.sh "$1"
}

install_system_packages() {
    local manager names
    [ "$(id -u)" = 0 ] || fail "--install needs root: sudo ./setup.sh --install"
    read -r manager names <<<"$(how_to_install packages)"
    [ -n "$manager" ] || fail "--install does not know the packages of this system. Java 17: \`$(how_to_install java)\`." \
        "Python: \`$(how_to_install python)\`"
    [ "$manager" != apt-get ] || apt-get update -q
    # shellcheck disable=SC2086  # names are words
    DEBIAN_FRONTEND=noninteractive "$manager" install -y $names make git curl
}

# Why a program will not do, or nothing. It has to be a Python from 3.11 to the minor version $2, with the modules $3.
# The expression is one that other programs refuse: `bash -c "import sys"` would start ImageMagick.
problem_of() {
    local version
    command -v "$1" >/dev/null || { echo "is not there" && return; }
    version=$("$1" -c 'print("%d.%d.%d" % __import__("sys").version_info[:3])' </dev/null 2>/dev/null) || true
    if ! [[ $version =~ ^([0-9]+)\.([0-9]+)\.[0-9]+$ ]]; then
        echo "is no Python that starts"
    elif ((BASH_REMATCH[1] != 3 || BASH_REMATCH[2] < 11 || BASH_REMATCH[2] > $2)); then
        echo "is Python $version"
    elif ! "$1" -c "import $3" </dev/null 2>/dev/null; then
        echo "is Python $version without its modules $3"
    fi
}

# The first that suits: the one that PYTHON names and no other, else the one that .venv was made with.
find_python() {
    local candidate problem found='' candidates=(python3.11 python3.12 python3.13 python3 python)
    if [ -n "${PYTHON:-}" ]; then
        candidates=("$PYTHON")
    elif candidate=$(.venv/bin/python -c 'import sys; print(sys._base_executable)' 2>/dev/null); then
        candidates=("$candidate" "${candidates[@]}")
    fi
    for candidate in "${candidates[@]}"; do
        problem=$(problem_of "$candidate" "$1" "$2")
        [ -n "$problem" ] || { command -v "$candidate" && return; }
        [ "$problem" = "is not there" ] || found+="; $candidate $problem"
    done
    [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON $problem: name a Python $3, or leave PYTHON out." \
        "To install one: \`$(how_to_install python)\`"
    fail "No Python $3 was found${found:+ (${found#; })}. Install one: \`$(how_to_install python)\`," \
        "or name one that you have: PYTHON=/path/to/python3 make setup"
}

# Jobs and site run on these (docs/decisions/015-python-3.11-to-3.13.md). Commands for containers need the standard
# library of one of them or of a newer one, and no packages.
find_python_for_jobs() {
    find_python 13 "venv, ensurepip" "from 3.11 to 3.13"
}

find_python_for_commands() {
    find_python 99 venv "from 3.11 on"
}

# Packages are installed again when the requirements or the interpreter changed.
install_packages() {
    local requirements=$1 stamp=".venv/.$1.stamp" wanted
    wanted=$({ cat requirements-web.txt requirements.txt "$requirements"; "$python" --version; } | sha256sum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return
    fi
    echo "Python packages of $requirements into .venv …"
    if [ "$(.venv/bin/python --version 2>/dev/null)" != "$("$python" --version)" ] ||
        ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --clear .venv
    fi
    .venv/bin/python -m pip install --no-compile --disable-pip-version-check --retries 5 -r "$requirements" |
        grep -v '^Requirement already satisfied' || [ "${PIPESTATUS[0]}" = 0 ] ||
        fail "the packages of $requirements could not be installed: see the lines above, and run it again."
    # Compiled here, on all cores: where PYTHONDONTWRITEBYTECODE is set, every later start would compile them again.
    # Packages carry templates and files for other versions of Python that do not compile, which is no error of ours.
    PYTHONWARNINGS=ignore .venv/bin/python -m compileall -qq -j 0 .venv/lib || true
    # Jobs that spark-submit starts find our packages from any folder. Relative, so that a copy of this folder finds its
    # own: from .venv/lib/python3.x/site-packages four up.
    echo ../../../.. >"$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/scalable_recommender.pth"
    echo "$wanted" >"$stamp"
}

# Before there is a .venv, too; with its packages where they are, as what is stored is asked with them.
doctor() {
    local python=.venv/bin/python
    if [ -n "$(problem_of "$python" 99 sys)" ]; then
        # what PYTHON names is looked at by the doctor itself
        python=$(unset PYTHON; (find_python_for_jobs) 2>/dev/null || find_python_for_commands)
    fi
    exec "$python" -m cluster.doctor
}

size=${SIZE:-}
only=
installed=
requirements=requirements.txt
for argument in "$@"; do
    case $argument in
        s | f | sample) size=$argument ;;
        --install) install_system_packages; installed=yes ;; # not `&&`: set -e would not hold inside
        --dev) only=packages requirements=requirements-dev.txt ;;
        --commands) only=commands ;;
        --doctor) doctor ;;
        -h | --help) usage && exit 0 ;;
        *) usage >&2 && fail "unknown argument $argument" ;;
    esac
done

if [ -n "$installed" ] && [ -n "${SUDO_USER:-}" ]; then
    echo "The packages are installed. Go on as $SUDO_USER, who then owns .venv and data: make setup"
    exit 0
fi
python=$(find_python_for_commands)
runtime=native
[ "$only" = packages ] || runtime=$("$python" -m cluster.choose)
if [ "$runtime" = docker ]; then
    [ -x .venv/bin/python ] || "$python" -m venv --without-pip .venv
else
    python=$(find_python_for_jobs)
    "$python" -m cluster.java >/dev/null
    install_packages "$requirements"
fi
[ -z "$only" ] || exit 0
.venv/bin/python -m cluster prepare
.venv/bin/python -m cluster.fetch.movielens ${size:+"$size"}
.venv/bin/python -m cluster up --only cassandra,spark
