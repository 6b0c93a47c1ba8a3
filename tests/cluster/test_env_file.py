"""One reading of `.env`: ours, that of `sh` and that of Compose, over many written forms."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from cluster.env_file import EXAMPLE, doubtful, read_env_file, written
from cluster.errors import BadSetting
from tests.support.env_forms import ALIKE, OUTSIDE, REFUSED, by_sh, stored


@pytest.mark.parametrize("text", ALIKE)
def test_a_form_is_read_as_compose_documents_it_and_as_sh_does(tmp_path: Path, text: str) -> None:
    path = stored(tmp_path, text)
    assert read_env_file(path, OUTSIDE)["A"] == ALIKE[text] == by_sh(path)["A"]


@pytest.mark.parametrize("text", REFUSED)
def test_a_form_that_is_read_in_two_ways_is_refused_with_its_line_and_the_way_out(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSetting, match=rf"\.env, line 3: .*{REFUSED[text]}") as caught:
        read_env_file(stored(tmp_path, f"# mine\nX=1\n{text}\n"), OUTSIDE)
    assert "\n" not in str(caught.value)


def test_random_lines_are_read_as_sh_does_or_refused(tmp_path: Path) -> None:
    """Whatever is not refused is what `sh` reads; seeded, some thousand lines, read by few shells."""
    dice = random.Random(25)
    parts = [*"ab1/.:=,~#$'\"\\ {}*%@-+_", "$HOME", "${X}", "${X:-d}", " #", "''", '""', "\\$", '\\"', "export "]
    taken: dict[str, str] = {}
    for number in range(4000):
        line = f"N{number}=" + "".join(dice.choices(parts, k=dice.randint(1, 6)))
        try:
            taken[line] = read_env_file(stored(tmp_path, line), OUTSIDE)[f"N{number}"]
        except BadSetting:
            continue
    assert len(taken) > 500
    seen = by_sh(stored(tmp_path, "\n".join(taken)))
    assert [line for line, value in taken.items() if seen[line.partition("=")[0]] != value] == []


@pytest.mark.parametrize("bare", ["~", "~/data", "~/a:b"])
def test_the_home_folder_is_expanded_as_sh_does(tmp_path: Path, bare: str) -> None:
    path = stored(tmp_path, f"A={bare}")
    assert read_env_file(path, OUTSIDE)["A"] == by_sh(path)["A"] == bare.replace("~", OUTSIDE["HOME"])


def test_the_environment_is_what_a_variable_means_as_for_compose(tmp_path: Path) -> None:
    path = stored(tmp_path, "OTHER=file\nA=$OTHER\n")
    assert read_env_file(path, OUTSIDE) == {"OTHER": "file", "A": "o t"}


def test_a_missing_file_says_nothing(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env", OUTSIDE) == {}
    assert doubtful(tmp_path / ".env") == []


@pytest.mark.parametrize(
    ("coded", "sentence"), [(b"\xef\xbb\xbf# x\nA=b\n", "byte order mark"), (b"# x\r\nA=b\r\n", "Windows")]
)
def test_marks_and_line_ends_of_windows_are_read_as_compose_does_and_told(
    tmp_path: Path, coded: bytes, sentence: str
) -> None:
    (tmp_path / ".env").write_bytes(coded)
    assert read_env_file(tmp_path / ".env", OUTSIDE) == {"A": "b"}
    assert sentence in " ".join(doubtful(tmp_path / ".env"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_is_named_with_the_way_out(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_bytes("A=b\n".encode(encoding))
    with pytest.raises(BadSetting, match=r"\.env is (encoded in )?UTF-(16|32).*iconv"):
        read_env_file(tmp_path / ".env", OUTSIDE)


def test_bytes_that_are_no_utf_8_are_named_with_their_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=b\nB=caf\xe9\n")
    with pytest.raises(BadSetting, match=r"\.env, line 2: .*UTF-8"):
        read_env_file(tmp_path / ".env", OUTSIDE)


def test_a_folder_in_its_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(BadSetting, match=r"\.env cannot be read \(Is a directory\)"):
        read_env_file(tmp_path / ".env", OUTSIDE)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("WEBPORT", "WEB_PORT"),
        ("WEB_PROT", "WEB_PORT"),
        ("web_port", "WEB_PORT"),
        ("DATADIR", "DATA_DIR"),
        ("CASSANDRA_HOST", "CASSANDRA_HOSTS"),
        ("WORKER", "WORKERS"),
        ("MOVIE_LENS_DIR", "MOVIELENS_DIR"),
        ("APIKEY", "API_KEY"),
        ("SPARK_EXECUTER_MEMORY", "SPARK_EXECUTOR_MEMORY"),
    ],
)
def test_a_name_that_looks_like_ours_is_named_with_the_one_that_is_meant(tmp_path: Path, name: str, meant: str) -> None:
    assert doubtful(stored(tmp_path, f"X=1\n{name}=1\n")) == [
        f"{tmp_path / '.env'}, line 2: {name} is not a setting; did you mean {meant}?"
    ]


@pytest.mark.parametrize(
    "name",
    [
        *["WEB_PORT", "CONTAINER_CPUS", "CASSANDRA_ADMIN_PASSWORD", "COMPOSE_PROJECT_NAME", "JAVA_HOME", "HTTP_PROXY"],
        *["AWS_REGION", "EDITOR", "X", "MY_OWN", "PGPORT", "SPARK_HOME", "XDG_CACHE_HOME", "http_proxy", "no_proxy"],
    ],
)
def test_names_of_ours_and_names_of_other_programs_are_no_doubt(tmp_path: Path, name: str) -> None:
    assert doubtful(stored(tmp_path, f"{name}=1\n")) == []


def test_a_helper_that_the_file_itself_uses_is_no_doubt(tmp_path: Path) -> None:
    assert doubtful(stored(tmp_path, "MY_DATA_DIR=/d\nDATA_DIR=${MY_DATA_DIR}/x\n")) == []


def test_a_name_given_twice_and_a_variable_that_is_not_set_are_told(tmp_path: Path) -> None:
    found = doubtful(stored(tmp_path, "WORKERS=1\nDATA_DIR=$HMOE/data\nWORKERS=2\n"), OUTSIDE)
    assert found == [
        f"{tmp_path / '.env'}, line 2: $HMOE is not set, and stands for nothing.",
        f"{tmp_path / '.env'}, line 3: WORKERS stands in line 1, too; the last one counts.",
    ]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "b",
        "/my data",
        "it's",
        'say "b"',
        "$HOME",
        "a#b",
        "#b",
        "b # c",
        "~/b",
        r"C:\data\\x",
        "a\nb",
        "it's $1 \\",
        "[x]*?{}%,:",
    ],
)
def test_what_we_write_is_read_alike(tmp_path: Path, value: str) -> None:
    path = stored(tmp_path, f"A={written(value)}\n")
    assert read_env_file(path, OUTSIDE)["A"] == value == by_sh(path)["A"]


def test_the_case_that_people_brought(tmp_path: Path) -> None:
    text = (
        "DATA_DIR=data  # where things lie\nAPI_KEY=s3cret # mine\n#WEB_PORT=5000\nWEBPORT=5001\n"
        'MOVIELENS_DIR="$HOME/my data"\n'
    )
    path = stored(tmp_path, text)
    found = read_env_file(path, OUTSIDE)
    assert found["DATA_DIR"] == "data"
    assert found["MOVIELENS_DIR"] == "/home/some body/my data"
    assert found.items() <= by_sh(path).items()
    assert [re.sub(".*: ", "", line) for line in doubtful(path)] == ["WEBPORT is not a setting; did you mean WEB_PORT?"]


def test_every_line_of_the_example_can_be_taken_as_it_stands(tmp_path: Path) -> None:
    example = EXAMPLE.read_text(encoding="utf-8")
    path = stored(tmp_path, re.sub(r"(?m)^#(?=[A-Z_]+=)", "", example))
    assert doubtful(path, OUTSIDE) == []
    assert read_env_file(path, OUTSIDE).items() <= by_sh(path).items()


def test_what_compose_is_told_by_the_file_is_no_doubt(tmp_path: Path) -> None:
    names = set(re.findall(r"\$\{([A-Z_]+)", (EXAMPLE.parent / "docker-compose.yml").read_text(encoding="utf-8")))
    assert len(names) > 30
    assert doubtful(stored(tmp_path, "".join(f"{name}=1\n" for name in sorted(names)))) == []
