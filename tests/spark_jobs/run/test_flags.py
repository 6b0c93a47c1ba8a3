"""Every flag of every job: what it does not take ends in a sentence that says what it takes, and in no name of ours."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from spark_jobs.run import alerts, cli, flags

ROOT = Path(__file__).resolve().parents[3]
JOBS = sorted(path.stem for path in (ROOT / "spark_jobs").glob("[a-z]*.py"))
NONSENSE = ("", " ", "auto", "nan", "inf", "-inf", "1e400", "-1e400", "٣", "1,5", "1_000", "1.2.3", "0x10", "5%")
OF_TEXT = {"folder", "file", "column_names", "place", "parse_tables", "tables_or_none", "subject"}


@cache
def parsers() -> list[tuple[str, argparse.ArgumentParser]]:
    return list(_parsers())


def _parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for job in JOBS:
        module = import_module(f"spark_jobs.{job}")
        parser = cli.parser(job, module.__doc__, module.add_arguments)
        alerts.add_flag(parser)
        yield job, parser


def typed() -> Iterator[tuple[str, argparse.Action]]:
    for job, parser in parsers():
        yield from ((job, action) for action in parser._actions if action.type is not None)


def rejection(job: str, flag: str, text: str, capsys: pytest.CaptureFixture[str]) -> str | None:
    """What the job says of the flag with that text; None where it takes it."""
    parser = dict(parsers())[job]
    for action in parser._actions:
        action.required = False
    try:
        parser.parse_args([f"{flag}={text}"])
    except SystemExit:
        return capsys.readouterr().err
    return None


FLAGS = [(job, action.option_strings[0], action.type) for job, action in typed()]


@pytest.mark.parametrize(("job", "flag", "kind"), FLAGS, ids=[f"{job}{flag}" for job, flag, _ in FLAGS])
def test_nonsense_is_told_with_what_is_allowed(
    job: str, flag: str, kind: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASSANDRA_PORT", "1")
    for text in NONSENSE:
        said = rejection(job, flag, text, capsys)
        if said is None:
            if kind.__name__ in ("counts", "scale") and text == "1,5":
                continue  # which are two numbers
            takes_auto = text == "auto" and flag in ("--contamination", "--tables")
            assert takes_auto or kind.__name__ in OF_TEXT, f"{flag} takes {text!r}"
            assert text.strip() or kind.__name__ not in OF_TEXT, f"{flag} takes nothing for something"
            continue
        assert f"argument {flag}: " in said
        assert not re.search(r"invalid \S+ value", said), said
        assert re.search("not|neither", said.split(f"argument {flag}: ")[1]), said
        assert "Traceback" not in said


def test_every_type_is_one_of_ours_so_that_none_is_told_by_its_name() -> None:
    for job, action in typed():
        assert action.type not in (int, float, Path), f"{job} {action.option_strings}"


def types() -> list[tuple[str, Callable[[str], Any]]]:
    made = {"between": flags.between(2, 20), "some_of": flags.some_of(("als", "ease"))}
    made["share_or_auto"] = flags.share_or_auto(0.05)
    plain = inspect.getmembers(flags, lambda member: inspect.isfunction(member) and member.__module__ == flags.__name__)
    return [(name, made.get(name, kind)) for name, kind in plain if name[0] != "_"]


@pytest.mark.parametrize(("name", "kind"), types(), ids=[name for name, _ in types()])
@pytest.mark.parametrize("text", NONSENSE)
def test_a_type_knows_no_error_but_argparse_s(name: str, kind: Callable[[str], Any], text: str) -> None:
    try:
        kind(text)
    except argparse.ArgumentTypeError as error:
        assert "not" in str(error)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (flags.positive, "0", "'0' is not a whole number from 1 to 2147483647"),
        (flags.positive, "1,5", "'1,5' is not a whole number from 1 to 2147483647"),
        (flags.whole, "99999999999999999999", "is not a whole number from 0 to 2147483647"),
        (flags.between(2, 20), "21", "'21' is not a whole number from 2 to 20"),
        (flags.inner_share, "1,5", "'1,5' is not a number above 0 and below 1, with a point as in 0.5"),
        (flags.inner_share, "5%", "is not a number above 0 and below 1, with a point as in 0.5"),
        (flags.share, "1.01", "'1.01' is not a number from 0 to 1, with a point as in 0.5"),
        (flags.minority, "0.6", "'0.6' is not a number from 0 to 0.5, with a point as in 0.5"),
        (flags.above_zero, "0", "'0' is not a number above 0, with a point as in 0.5"),
        (
            flags.share_or_auto(0.05),
            "automatic",
            "is not a number above 0 and below 1, with a point as in 0.5, nor auto",
        ),
        (flags.folder, "", "not a path"),
        (flags.day, "31.12.2018", "'31.12.2018' is not a day such as 2018-01-01"),
        (flags.counts, "5,ten", "'ten' is not a whole number from 1"),
    ],
)
def test_the_sentence_says_what_is_allowed(kind: Callable[[str], Any], text: str, said: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        kind(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (flags.positive, "7", 7),
        (flags.positive, "+7", 7),
        (flags.whole, "0", 0),
        (flags.several, "2", 2),
        (flags.counts, "20,5,5", [5, 20]),
        (flags.inner_share, "1e-3", 0.001),
        (flags.inner_share, ".5", 0.5),
        (flags.share, "1", 1.0),
        (flags.stars, "4.5", 4.5),
        (flags.share_or_auto(0.05), "auto", 0.05),
        (flags.share_or_auto(0.05), "0.1", 0.1),
    ],
)
def test_what_is_meant_is_taken(kind: Callable[[str], Any], text: str, value: object) -> None:
    assert kind(text) == value


@pytest.mark.parametrize("job", ["preprocess_movielens", "report_drift"])
def test_a_wrong_setting_of_cassandra_is_named_and_not_the_flag_s_type(
    job: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASSANDRA_PORT", "ninety")
    said = rejection(job, "--data-dir", "/data", capsys)
    assert said is not None
    assert "CASSANDRA_PORT" in said
    assert "invalid" not in said
