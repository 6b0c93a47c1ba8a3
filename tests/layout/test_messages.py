"""No message and no page names a flag, target, variable, file, job, module or package that does not exist."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest

from tests.layout.texts import FLAG, JOBS, Text, flags_of_commands, flags_of_job, jobs_named_in, jobs_that_say, said
from tests.layout.tree import ROOT, modules
from tests.support.example_env import documented_variables

# Flags of other programs, each with the words that show whose it is
FOREIGN_FLAGS = {
    r"docker|compose": {"--no-deps", "--profile", "--rm", "--build-arg", "--quiet", "--format", "--scale", "--tail"},
    r"spark-s|Spark": {"--master", "--packages", "--py-files", "--conf"},
    r"spark-class": {"--host"},
    r"\bpip\b|-m venv": {"--no-compile", "--disable-pip-version-check", "--retries", "--clear", "--without-pip"},
    r"pytest|ARGS \?=|make test": {"--numprocesses", "--dist", "--no-loadscope-reorder"},
    r"ruff format": {"--check"},
    r"apt-get": {"--no-install-recommends"},
    r"/python --version|\$python\" --version|pip --version": {"--version"},
    r"nodetool": {"--full"},
    r"nodetool import|sstableloader": {"--copy-data"},
    r"\bgit\b": {"--follow"},
    r"\btar\b": {"--strip-components"},
    r"\bdu\b": {"--max-depth"},
    r"\bps\b": {"--sort"},
}
FOREIGN_MODULES = {"pip", "venv", "pytest", "ruff", "mypy", "compileall"}
# Read by other programs: the shell, git, Docker, the JVM, Spark, Cassandra's image, Debian's installer
FOREIGN_VARIABLES = {
    *("DOCKER_HOST", "LC_ALL", "LC_CTYPE", "PYTHONPATH", "PYTHONWARNINGS", "DEBIAN_FRONTEND", "BASH_SOURCE"),
    *(
        "BASH_REMATCH",
        "SPARK_WORKER_MEMORY",
        "JVM_EXTRA_OPTS",
        "MAX_HEAP_SIZE",
        "HADOOP_CONF_DIR",
        "PYSPARK_SUBMIT_ARGS",
        "SC_PAGE_SIZE",
        "SC_PHYS_PAGES",
    ),
}
PACKAGES = {"docker.io", "docker-compose", "python3", "ca-certificates", "procps", "make", "git", "curl", "cqlsh"}
VARIABLE = re.compile(r"(?<![\w.-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w*])|(?<![\w.$-])[A-Z]{3,}(?==)")
FILE = re.compile(r"(?<![\w/.-])(?:docs|spark_jobs|cluster|cql|web|domain|tests|\.ci)/[\w./*-]+(?<![.])(?![\w{<…])")
OWN_FILE = re.compile(r"(?<![\w/.-])(?:requirements[\w-]*\.txt|setup\.sh|[a-z-]+\.yml|[A-Z]+\.md|\.env\.example)\b")
INSTALLED = re.compile(
    r"(?:apt-get|apt|dnf) install ((?:-\w+ +)*[a-z0-9][\w .+-]*)|pip install ((?:-[a-z-]+ +)*[\w=.-]+)"
)


def is_of_today(text: Text) -> bool:
    """Whether it says how things are now: the changelog, results and decisions keep the names of their day."""
    past = (ROOT / "CHANGELOG.md", ROOT / "docs/results", ROOT / "docs/decisions")
    return not any(text.path.is_relative_to(path) for path in past)


def unknown_flags(text: Text) -> set[str]:
    """Flags of no program that says it or that it names; a flag alone is an argument that code gives to another."""
    if " " not in text.text.strip():
        return set()
    named, saying = jobs_named_in(text.text), jobs_that_say(text)
    known = {flag for job in named for flag in flags_of_job(job)}
    if saying:  # whichever of them says it
        known |= frozenset.intersection(*(flags_of_job(job) for job in saying))
    commands = flags_of_commands()
    known |= commands.get(text.module or "", frozenset())
    if not saying or re.search(r"setup\.sh|-m (cluster|cql|tests)|make (test|bench)", text.text):
        known |= {flag for flags in commands.values() for flag in flags}
    if not named and not saying:
        known |= {flag for job in JOBS for flag in flags_of_job(job)}
    known |= {flag for words, flags in FOREIGN_FLAGS.items() if re.search(words, text.text) for flag in flags}
    return set(FLAG.findall(text.text)) - known


@cache
def targets() -> frozenset[str]:
    """The targets of the Makefile."""
    return frozenset(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))


def unknown_targets(text: Text) -> set[str]:
    """Words after a `make` that is a command, as its place in the sentence shows."""
    return set(re.findall(r"(?:^|`|→ |[Rr]un |=\S+ )make ([a-z]+)\b", text.text)) - targets()


@cache
def variables() -> frozenset[str]:
    """Names that are documented, or that code, scripts and Compose read, or that are names of our own code."""
    read = set(documented_variables()) | FOREIGN_VARIABLES
    for file in ("setup.sh", "Makefile", "docker-compose.yml", "cluster/doctor/install.sh", "tests/conftest.py"):
        read |= set(re.findall(r"\b([A-Z][A-Z0-9_]+)\b(?=[:}=)\"' ]| \?=)", (ROOT / file).read_text("utf-8")))
    for text in said():
        if re.fullmatch(r"[A-Z][A-Z0-9_]+", text.text) and text.module:
            read.add(text.text)
    for path in (ROOT / "tests").rglob("*.py"):
        read |= set(re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', path.read_text(encoding="utf-8")))
    for module in modules().values():
        code = module.path.read_text(encoding="utf-8")
        read |= set(re.findall(r"\b[A-Z][A-Z0-9_]+\b(?= *(?::[^=\n]*)?=[^=])|(?<=\.)[A-Z][A-Z0-9_]+\b", code))
    return frozenset(read)


def unknown_variables(text: Text) -> set[str]:
    """Names in capitals that nobody reads."""
    return set(VARIABLE.findall(text.text)) - variables()


def unknown_files(text: Text) -> set[str]:
    """Paths of the project where nothing is; `*` stands for any name."""
    named = {path for path in FILE.findall(text.text) if not re.search(r"test_$|/$", path)}
    return {path for path in named | set(OWN_FILE.findall(text.text)) if not any(ROOT.glob(path.rstrip("/")))}


def unknown_jobs(text: Text) -> set[str]:
    """Names of jobs that have no file."""
    named = re.findall(r"JOB=([a-z]\w*)|\b(?:the|by|run) jobs? `?([a-z]+_[a-z_]+)|cluster submit ([a-z]\w+)", text.text)
    return {name for names in named for name in names if name} - set(JOBS)


def unknown_modules(text: Text) -> set[str]:
    """Modules after `python -m` that are not there."""
    named = set(re.findall(r"(?:python3?|\$python\"|\$\(PYTHON_ENV\)) -m ([a-z][\w.]*\w)", text.text))
    folders = {str(path.relative_to(ROOT)).replace("/", ".") for path in ROOT.glob("tests/*/")}
    tests = {name for name in named if name in folders or any(ROOT.glob(name.replace(".", "/") + ".py"))}
    return named - modules().keys() - FOREIGN_MODULES - tests - {"module"}


@cache
def packages() -> frozenset[str]:
    """Names that the advice for each system has, those of requirements, and some that README and images name."""
    script = (ROOT / "cluster/doctor/install.sh").read_text(encoding="utf-8")
    advised = {name for quoted in re.findall(r"(?:python|java)=\"?([a-z][\w. -]+)", script) for name in quoted.split()}
    pinned = re.findall(
        r"(?m)^([\w.-]+)==", "".join(path.read_text("utf-8") for path in ROOT.glob("requirements*.txt"))
    )
    return frozenset({*PACKAGES, *advised, *pinned})


def unknown_packages(text: Text) -> set[str]:
    """Packages after `apt-get install` and `pip install` that no list of ours has."""
    found: set[str] = set()
    for system, python in INSTALLED.findall(text.text):
        found |= {name.strip(".,") for name in (system or python).split() if name[0] != "-" and not name.isdigit()}
    return {
        name.partition("==")[0] for name in found if not re.fullmatch(r"requirements[\w-]*\.txt", name)
    } - packages()


KINDS: dict[str, Callable[[Text], set[str]]] = {
    "flag": unknown_flags,
    "target": unknown_targets,
    "variable": unknown_variables,
    "file": unknown_files,
    "job": unknown_jobs,
    "module": unknown_modules,
    "package": unknown_packages,
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_named_exists(kind: str) -> None:
    texts = [text for text in said() if is_of_today(text)]
    assert len(texts) > 5000
    assert sorted(f"{text.place}: {name}" for text in texts for name in KINDS[kind](text)) == []


WRONG = [
    ("spark_jobs/publish_recommendations.py", "flag", "Run it with --recent-share 2."),
    ("spark_jobs/detect_anomalous_users.py", "flag", "leave it out with --features"),
    ("spark_jobs/outliers/detectors.py", "flag", "leave it out with --features"),  # not of both jobs that say it
    ("docs/jobs/tune.md", "flag", "with `--max-rejected-share`"),
    ("cluster/pipeline.py", "flag", "say --no-such-thing"),
    ("README.md", "flag", "`docker compose --nowhere up`"),
    ("README.md", "target", "run `make everything`"),
    ("cluster/settings.py", "target", "make begin"),
    ("cluster/settings.py", "variable", "choose another port with WEBSITE_PORT"),
    ("README.md", "variable", "`WORKRES=2 make up`"),
    ("cql/apply.py", "file", "see docs/tables.txt"),
    ("setup.sh", "file", "the packages of requirements-nothing.txt"),
    ("README.md", "file", "spark_jobs/common/*.py"),
    ("Makefile", "job", "make job JOB=train_all"),
    ("cql/kinds.py", "job", "run the job build_song_plays"),
    ("README.md", "module", "`python -m cluster.doctors`"),
    ("README.md", "package", "sudo apt-get install openjdk-17-jre python3.11-venv make"),
    ("spark_jobs/run/mlflow.py", "package", "pip install mlflow-slim"),
]


def planted(path: str, sentence: str) -> Text:
    """The sentence in that file, where most jobs can say it."""
    texts = [text for text in said() if text.path == ROOT / path]
    line = max(texts, key=lambda text: len(jobs_that_say(text))).line
    return Text(ROOT / path, line, sentence)


@pytest.mark.parametrize(("path", "kind", "sentence"), WRONG)
def test_what_does_not_exist_is_seen(path: str, kind: str, sentence: str) -> None:
    assert KINDS[kind](planted(path, sentence)) != set()


RIGHT = [
    ("spark_jobs/detect_anomalous_users.py", "flag", "leave it out (detect_outliers: --features)"),
    ("spark_jobs/detect_outliers.py", "flag", "leave it out with --features, or --data-dir, or --alerts off"),
    ("cluster/pipeline.py", "flag", "Run ./setup.sh --dev, or python -m cluster logs --follow"),
    ("README.md", "target", "`SIZE=f make preprocess` will make sure of it"),
    ("README.md", "variable", "`SIZE=f`, `JAVA_HOME` and CASSANDRA_*"),
    ("README.md", "file", "docs/jobs/tune.md, web/*/store.py and spark_jobs/<subject>/x.py"),
    ("README.md", "package", "sudo apt-get install -y openjdk-17-jre-headless python3.11-venv make git curl"),
]


@pytest.mark.parametrize(("path", "kind", "sentence"), RIGHT)
def test_what_exists_is_let_through(path: str, kind: str, sentence: str) -> None:
    assert KINDS[kind](planted(path, sentence)) == set()
