"""The form of a table of numbers by its first lines, as programs and people write them."""

from __future__ import annotations

import os
import random

import pytest

from domain.cleaning.layouts import NoLayout
from domain.cleaning.table_forms import BLANKS, TableForm, table_form

MUTATIONS = int(os.environ.get("MUTATIONS") or 3_000)


def form(text: str, header: str = "auto") -> TableForm:
    return table_form(text.split("\n"), header)


# text → names, separator, first line of values, row names, decimal sign
FORMS: dict[str, tuple[str, tuple[tuple[str, ...], str, int, bool, str]]] = {
    "CSV": ("a,b\n1,2\n", (("a", "b"), ",", 2, False, ".")),
    "no header": ("1,2\n3,4\n", (("x1", "x2"), ",", 1, False, ".")),
    "decimal commas": ("15,6790;16,0882\n12,3;14,3440", (("x1", "x2"), ";", 1, False, ",")),
    "semicolons and points": ("a;b\n1.5;2.5\n", (("a", "b"), ";", 2, False, ".")),
    "decimal commas and tabs": ("a\tb\n1,5\t2,25\n", (("a", "b"), "\t", 2, False, ",")),
    "decimal commas and spaces": ("1,5 2,25\n3,5  4\n", (("x1", "x2"), BLANKS, 1, False, ",")),
    "decimal commas, quoted": ('a,b\n"1,5","2,25"\n', (("a", "b"), ",", 2, False, ",")),
    "write.table of R": ('"a" "b c"\n"1" 13.1 2\n"2" 1e+05 NA\n', (("a", "b c"), BLANKS, 2, True, ".")),
    "write.table with tabs": ('"a"\t"b"\n"one"\t13.1\t2\n', (("a", "b"), "\t", 2, True, ".")),
    "write.table with commas": ('"a"\n"1",13\n"2",15\n', (("a",), ",", 2, True, ".")),
    "write.table without quotes": ("a\n1,13\n2,15\n3,18\n", (("a",), ",", 2, True, ".")),
    "write.csv of R": ('"","a","b"\n"1",1.5,2\n"2",3,4\n', (("a", "b"), ",", 2, True, ".")),
    "write.csv2 of R": ('"";"a";"b"\n"1";1,5;2\n"2";3,25;4\n', (("a", "b"), ";", 2, True, ",")),
    "to_csv of pandas": (",a,b\n0,1.5,2\n1,3,4\n", (("a", "b"), ",", 2, True, ".")),
    "to_csv of pandas, no names": (",0,1\n0,1.5,2\n1,3,4\n", (("0", "1"), ",", 2, True, ".")),
    "read and written again": ("Unnamed: 0,a\n0,1.5\n1,3\n", (("a",), ",", 2, True, ".")),
    "a name is missing": ("a,,c\n1,2,3\n1,5,6\n", (("a", "x2", "c"), ",", 2, False, ".")),
    "Excel's sep": ("sep=;\na;b\n1,5;2\n", (("a", "b"), ";", 3, False, ",")),
    "comments": ("# made on Monday\n% by hand\n\na b\n1 2\n", (("a", "b"), BLANKS, 5, False, ".")),
    "np.savetxt": ("# a b\n1.0 2.0\n", (("a", "b"), BLANKS, 2, False, ".")),
    "a header of gnuplot": ("#a\tb\n1\t2\n", (("a", "b"), "\t", 2, False, ".")),
    "a comment and no header": ("# two columns of numbers\n1,2\n", (("x1", "x2"), ",", 2, False, ".")),
    "labels": ("False\nTrue\nFalse\n", (("x1",), ",", 1, False, ".")),
    "labels, yes and no": ("no\nno\nyes\n", (("x1",), ",", 1, False, ".")),
    "labels with a header": ("y\n0\n1\n", (("y",), ",", 2, False, ".")),
    "labels with a header, words": ("outlier\nFalse\nTrue\n", (("outlier",), ",", 2, False, ".")),
    "missing first": ("NA,2\n3,4\n", (("x1", "x2"), ",", 1, False, ".")),
    "a line end in a name": ('"a\nb",c\n1,2\n', (("a b", "c"), ",", 3, False, ".")),
    "a bar": ("a|b\n1|2\n3|4\n", (("a", "b"), "|", 2, False, ".")),
    "the last column is all missing": ("a,b,c\n1,2,\n3,4,\n", (("a", "b", "c"), ",", 2, False, ".")),
    "a separator at the end": ("a;b;\n1;2;\n3;4;\n", (("a", "b"), ";", 2, False, ".")),
    "a separator at the end of rows": ("a;b\n1;2;\n3;4;\n", (("a", "b"), ";", 2, False, ".")),
    "a separator at the end of the header": ("a;b;\n1;2\n3;4\n", (("a", "b"), ";", 2, False, ".")),
    "text with commas": ("name;x\nBerlin, Mitte;1,5\nBonn;2,5\n", (("name", "x"), ";", 2, False, ",")),
    "times": ("at,x\n2020-01-01 00:00:00,1\n2020-01-02 00:00:00,2\n", (("at", "x"), ",", 2, False, ".")),
    "a ragged row": ("a,b\n1,2\n3\n", (("a", "b"), ",", 2, False, ".")),
    "words": ("name\nAnn Lee\nBen Ray\n", (("name",), ",", 2, False, ".")),
    "words and row names": ('"name" "at"\n"1" "Ann" "Bonn"\n"2" "Ben" "Ulm"', (("name", "at"), BLANKS, 2, True, ".")),
    "text and a decimal comma": ("t;x\n01.02.2020;1,5\n02.02.2020;2,5\n", (("t", "x"), ";", 2, False, ",")),
    "more text than numbers": ("a;b;x\nu;v;1,5\nw;z;2,5\n", (("a", "b", "x"), ";", 2, False, ",")),
    "no zero before the comma": ("a;b\n,5;1\n-,7;2\n", (("a", "b"), ";", 2, False, ",")),
    "an error of Excel first": ("#N/A,2\n3,4\n", (("x1", "x2"), ",", 1, False, ".")),
    "one row": ("1.5,2\n", (("x1", "x2"), ",", 1, False, ".")),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_the_form_is_found_out(name: str) -> None:
    text, expected = FORMS[name]
    found = form(text)
    assert (found.names, found.separator, found.first, found.row_names, found.decimal) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("\n \n", "the file is empty"),
        ("# nothing\n", "nothing but comments"),
        ("% made by Weka\n@RELATION x\n@DATA\n1,2\n", "this is an ARFF file"),
        ('[{"a": 1}]', "this is JSON"),
        ("[[1, 2], [3, 4]]", "a list of lists"),
        ("My report\n\na,b\n1,2\n3,4\n", r"line 3 \('a, b'\) has no number"),
        ("My report;\n;\na;b\n1;2\n3;4\n", r"line 3 \('a, b'\) has no number"),
        ("a,b\nm,s\n1,2\n3,4\n", r"line 2 \('m, s'\) has no number"),
        ("a;b\n1\u00a0234,5;2\n2\u202f345,5;3\n", "line 2 has .*: write every number without a space"),
        ("a;b\n1'234.5;2\n2'345.5;3\n", "line 2 has .*: write every number without a space"),
        ("a,b\n", r"a header \(a,b\) and no row"),
        ("a,b,c\n1,2\n3,4\n", "names 3 columns, but line 2 has 2 values"),
        ("a\n1,2,3\n", "names 1 columns, but line 2 has 3 values"),
        ("load\n15,67\n16,08\n", "line 2 is '15,67': its commas may separate"),
        ("15,6790,16,0882\n12,3397,14,3440\n", "line 1 is '15,6790,16,0882': its commas may separate"),
        ("1.234,5;2\n1,5;3\n", "line 1 has '1.234,5'"),
        ("1,5;2.5\n1,5;3\n", "line 1 has '1,5'"),
        ('a,b\n"1,234",2\n"5,678",3\n', "line 2 has '1,234'"),
    ],
)
def test_what_may_be_read_in_two_ways_is_refused_with_the_line(text: str, says: str) -> None:
    with pytest.raises(NoLayout, match=says):
        form(text)


def test_columns_of_numbers_and_of_truths_are_known() -> None:
    found = form("name,x,is_old,answer,note,y\na,1,True,yes,n,T\nb,NA,,2,n,F\nc,inf,,no,n,T\n")
    assert found.numbers == {"x"}
    assert found.truths == {"is_old", "y"}


@pytest.mark.parametrize("header", ["auto", "yes", "no"])
def test_any_mutated_text_has_a_form_or_is_refused(header: str) -> None:
    rng = random.Random(3)
    texts = [text for text, _ in FORMS.values()]
    for _ in range(MUTATIONS // 3):
        text = rng.choice(texts)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(text) + 1)
            text = (
                text[:at]
                + rng.choice([",", ";", '"', "\n", "\t", " ", "x", "1", ".", "#", "\x00", "é", "'"])
                + text[at + rng.randint(0, 1) :]
            )
        try:
            found = form(text, header)
        except NoLayout as error:
            assert str(error)
        else:
            assert found.names
            assert 1 <= found.first <= text.count("\n") + 1
