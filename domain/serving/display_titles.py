"""A movie's title as people say it: MovieLens files «The Shawshank Redemption» as «Shawshank Redemption, The»."""

from __future__ import annotations

import re

# Of English, French, Italian, Spanish, Portuguese, German, Dutch, the Nordic languages, Catalan and Hungarian: those
# at the end of a title of ml-latest-small, and their sisters.
ARTICLES = frozenset(
    {
        *("The", "A", "An", "Da"),
        *("La", "Le", "Les", "L'", "L’", "Un", "Une"),
        *("Il", "Lo", "I", "Gli", "Uno", "Una", "Un'", "Un’"),
        *("El", "Los", "Las", "Els"),
        *("O", "Os", "As", "Um", "Uma"),
        *("Der", "Die", "Das", "Den", "Ein", "Eine"),
        *("De", "Det", "Het", "Een", "En", "Et", "Ei", "Ett"),
        "Az",
    }
)
# What is a word of English, too: «Die, Mommie, Die» and «Me, Myself, I» are lists of words, and end in none.
ALSO_WORDS = frozenset({"I", "O", "As", "Die", "Den", "Da"})

_JOINED = "'’"  # ends of an article that the next word follows at once
_ARTICLE_LAST = re.compile(
    rf"(?P<aka>a\.?k\.?a\.? +)?(?P<rest>\S.*?), ?(?P<article>{'|'.join(sorted(ARTICLES, key=len, reverse=True))})"
    r"(?P<subtitle>(?::| -) .*)?"
)
_OTHERS_AT_END = re.compile(r"(?P<main>.*?)(?P<others>(?: *\([^()]*\))*)", re.DOTALL)
_BRACKETED = re.compile(r"\(([^()]*)\)")


def display_title(title: str) -> str:
    """The title with its article in front, and so the titles in brackets behind it; one without stays as it is."""
    if "," not in title:
        return title
    parts = _OTHERS_AT_END.fullmatch(title)
    assert parts is not None, "both parts may be empty"
    return _said(parts["main"]) + _BRACKETED.sub(lambda other: f"({_said(other[1])})", parts["others"])


def _said(part: str) -> str:
    """One title without brackets behind it."""
    found = _ARTICLE_LAST.fullmatch(part)
    if found is None or part.count("(") != part.count(")"):
        return part
    aka, rest, article, subtitle = found.group("aka", "rest", "article", "subtitle")
    if article in ALSO_WORDS and "," in rest:
        return part
    return f"{aka or ''}{article}{'' if article[-1] in _JOINED else ' '}{rest}{subtitle or ''}"
