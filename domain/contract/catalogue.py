"""The content catalogue as its two files have it, and the forms in which both halves ask for it."""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

from domain.contract.titles import title_words


@dataclass(frozen=True)
class Pairs:
    """A way to file names under two of their words: by the first so many letters of each, as far as a word has them.

    Filed is what has at least `at_least` letters of one of the two.
    """

    lengths: tuple[int, ...]
    at_least: int


HEADERS = {
    "titles": "id,title,type,description,release_year,age_certification,runtime,genres,production_countries,seasons,"
    "imdb_id,imdb_score,imdb_votes,tmdb_popularity,tmdb_score",
    "credits": "person_id,id,name,character,role",
}
NAMES = {kind: (f"{kind}.csv", f"{kind}.tsv", f"{kind}.txt", kind) for kind in HEADERS}  # of their files
# other names that a column may have, and columns that a file may lack: nothing is then known of them
OTHER_NAMES = {
    "id": ("title_id", "media_id", "show_id"),
    "title": ("name",),
    "type": ("show_type",),
    "description": ("overview",),
    "release_year": ("year",),
    "genres": ("genre",),
    "production_countries": ("countries", "country", "production_country"),
    "person_id": ("persons_id", "people_id"),
    "character": ("characters", "character_name"),
}
OPTIONAL = {
    "titles": (
        *("description", "age_certification", "runtime", "seasons", "imdb_id", "imdb_score", "imdb_votes"),
        *("tmdb_popularity", "tmdb_score"),
    ),
    "credits": ("character",),
}
TYPES = ("MOVIE", "SHOW")
ROLES = ACTOR, DIRECTOR = ("ACTOR", "DIRECTOR")
FACETS = ("genre", "country", "type", "certification", "year")
ALL = "all"  # the facet, and its one value, that every title has
NONE = -1  # a score or a number of votes that is not known, where a key may not be null: sorts last
TENTHS = 10  # scores are kept as whole tenths of a point, in which IMDb publishes them
HIGHEST_SCORE = 10 * TENTHS
NEAR = 5  # tenths: «about as good»
HEADS = (3, 6, 9)  # letters of a word under which a name is filed
# The names of people have few words, most of them long; those of titles have many that are short, such as «2» or «of».
PAIRS_OF_PEOPLE = Pairs((2, 5, 8), at_least=2)
PAIRS_OF_TITLES = Pairs((1, 3), at_least=3)
FILED = 300  # people or titles in a row of what is filed there: a list for a common name rarely needs more
# Characters that are stored, and that a question may have: Cassandra refuses keys of more than 64 KB.
MOST_NAME = 500  # of a person or a title
MOST_VALUE = 50  # of a genre, country or certification
MOST_TEXT = 20_000  # of a description or a character, which are no keys
MOST_VALUES = 50  # genres, or countries, of a title
# What `str.strip` takes off, for Spark, whose `trim` knows only the space.
SPACES = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)

_TEXT = r"""[uU]?(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
_NOTHING = "(?:None|null|nan|NaN)"  # of a list that Python, JSON or pandas wrote
_VALUE = rf"(?:{_TEXT}|{_NOTHING})"
# Texts with commas between them: to `ast` alone two texts without one are a single text.
_LIST = re.compile(rf"\s*\[\s*(?:{_VALUE}\s*(?:,\s*{_VALUE}\s*)*(?:,\s*)?)?\]\s*")
_EMPTY = re.compile(rf"\s*(?:{_NOTHING}|NA|NULL|<NA>|\\N)?\s*")
_IS_NOTHING = re.compile(rf"{_TEXT}|\b{_NOTHING}\b")


def list_literal(text: str) -> list[str] | None:
    """The names in a list such as "['drama', 'crime']" or '["drama", null]', each once; None when it is anything else.

    Python and JSON write such lists; nothing in them, as for a missing value, is no name, and no list at all is an
    empty one. Names are text that can be stored and shown: without control characters and halves of characters.
    """
    if _EMPTY.fullmatch(text):
        return []
    if not _LIST.fullmatch(text):
        return None
    try:
        names = [name.strip() for name in _values(text.strip()) if name is not None]
    except (ValueError, SyntaxError):
        return None
    return list(dict.fromkeys(names)) if all(map(_is_text, names)) else None


def _values(text: str) -> list[str | None]:
    try:
        return list(json.loads(_IS_NOTHING.sub(lambda found: found[0] if found[0][-1] in "'\"" else "null", text)))
    except ValueError:
        named = _IS_NOTHING.sub(lambda found: found[0] if found[0][-1] in "'\"" else "None", text)
        return list(ast.literal_eval(named))


def _is_text(name: str) -> bool:
    """Whether there is something, and all of it can be written as UTF-8 and shown."""
    return name != "" and not any(unicodedata.category(character) in ("Cc", "Cs") for character in name)


def name_key(name: str) -> str:
    """A name as it is looked up: its words without case and accents; one without letters or digits as it is."""
    return " ".join(title_words(name)) or name.strip()


def name_heads(name: str) -> list[str]:
    """The beginnings of a name's words under which it is filed, each once: of 3, 6 and 9 letters as far as a word has
    them, a word of one or two letters whole.
    """
    return sorted({head for word in title_words(name) for head in _heads(word)})


def pair_heads(name: str, pairs: Pairs) -> list[str]:
    """The beginnings of each two of a name's words under which it is filed, each once.

    By one word alone thousands of names are found in a large catalogue, by two some tens.
    """
    begun = [_beginnings(word, pairs.lengths) for word in dict.fromkeys(title_words(name))]
    twos = chain.from_iterable(product(*two) for two in combinations(begun, 2))
    return sorted({_pair(*two) for two in twos if max(map(len, two)) >= pairs.at_least})


def person_heads(name: str) -> list[str]:
    """All keys under which the name of a person is filed."""
    return name_heads(name) + pair_heads(name, PAIRS_OF_PEOPLE)


def title_heads(title: str) -> list[str]:
    """All keys under which a title is filed."""
    return name_heads(title) + pair_heads(title, PAIRS_OF_TITLES)


def _pair(one: str, other: str) -> str:
    """Both words with a space between, which no beginning of a word has."""
    return " ".join(sorted((one, other)))


def _heads(word: str) -> list[str]:
    return _beginnings(word, HEADS) or [word]


def _beginnings(word: str, lengths: Sequence[int]) -> list[str]:
    """The beginnings of these lengths, as far as the word has as many letters; the longest is the last."""
    return [word[:length] for length in lengths if length <= len(word)]


def head_of(words: Sequence[str], pairs: Pairs) -> str:
    """The key under which to look for names whose words begin with all of `words`, one or more folded ones.

    Under two of them, the longest that a name cannot have in one word; where there are none, or one is too short for a
    pair, under the longest alone. Of one word with one or two letters only whole words are found: too many begin so.
    """
    first, *others = sorted(words, key=len, reverse=True)
    other = next((word for word in others if not first.startswith(word)), "")
    one, two = (_beginnings(word, pairs.lengths) for word in (first, other))
    if one and two and len(one[-1]) >= pairs.at_least:
        return _pair(one[-1], two[-1])
    return _heads(first)[-1]
