"""What is shown of a line of input: the value at fault is in it, and nothing of it can harm a terminal."""

from __future__ import annotations

import pytest

from domain.cleaning.excerpt import WIDTH, excerpt, printable


@pytest.mark.parametrize("before", [0, 10, 79, 80, 81, 5000])
@pytest.mark.parametrize("after", [0, 10, 79, 80, 81, 5000])
@pytest.mark.parametrize("value", ["7", "-0.5", "nonsense", "a value of some fifty characters, as titles may be so"])
def test_the_value_at_fault_is_always_in_the_excerpt(before: int, after: int, value: str) -> None:
    line = f"{'a' * before},{value},{'z' * after}"
    shown = excerpt(line, value)
    assert value in shown
    assert len(shown) <= WIDTH + 2
    assert shown.startswith("…") == (not line.startswith(shown.strip("…")))
    assert shown.endswith("…") == (not line.endswith(shown.strip("…")))


def test_a_short_line_is_shown_whole() -> None:
    assert excerpt("1,2,7,900001001", "7") == "1,2,7,900001001"


def test_a_line_without_a_value_at_fault_is_shown_from_its_beginning() -> None:
    assert excerpt("x" * 99) == "x" * WIDTH + "…"
    assert excerpt("x" * 99, "not in the line") == "x" * WIDTH + "…"
    assert excerpt("", None) == ""


def test_a_whole_field_is_found_before_a_part_of_another() -> None:
    line = f"{'7' * 200},{'x' * 100},7,{'x' * 100}"
    assert ",7," in excerpt(line, "7")


def test_an_empty_field_is_shown_where_it_is() -> None:
    line = f"{'1' * 100},{'x' * 100},,{'z' * 100}"
    assert ",," in excerpt(line, "")
    assert excerpt(f"{'1' * 100},", "").endswith(",")


def test_of_a_value_longer_than_the_excerpt_the_beginning_is_shown() -> None:
    shown = excerpt(f"1,{'x' * 300},{'y' * 300}", "y" * 300)
    assert "y" * (WIDTH // 2) in shown
    assert len(shown) <= WIDTH + 2


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\x00b\rc\x7f\x9b", r"a\x00b\rc\x7f\x9b"),
        ("a\tb\nc", r"a\tb\nc"),
        ("a\u202eb\u200bc\ufeff", r"a\u202eb\u200bc\ufeff"),
        ("\udc80 \ud800", r"\x80 \ud800"),
        (b"caf\xe9 \xff", r"caf\xe9 \xff"),
        (b"\xff\xfe1\x00", r"\xff\xfe1\x00"),
        ("Amélie «日本» 😀", "Amélie «日本» 😀"),
    ],
)
def test_nothing_raw_reaches_a_terminal(raw: str | bytes, shown: str) -> None:
    assert printable(raw) == shown
    assert excerpt(raw) == shown


def test_escapes_are_never_cut_and_count_as_they_are_seen() -> None:
    shown = excerpt("\x1b" * 300, None)
    assert len(shown) <= WIDTH + 1
    assert shown.removesuffix("…") == r"\x1b" * (WIDTH // 4)


def test_a_value_with_control_characters_is_found() -> None:
    assert r"\x1b[31m" in excerpt(f"{'1,' * 100}\x1b[31m{',2' * 100}", "\x1b[31m")
