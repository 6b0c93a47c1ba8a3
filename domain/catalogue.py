"""The content catalogue as its two files have it, and the forms in which both halves ask for it."""

from __future__ import annotations

import ast

from domain.titles import title_words

HEADERS = {
    "titles": "id,title,type,description,release_year,age_certification,runtime,genres,production_countries,seasons,"
    "imdb_id,imdb_score,imdb_votes,tmdb_popularity,tmdb_score",
    "credits": "person_id,id,name,character,role",
}
TYPES = ("MOVIE", "SHOW")
ROLES = ACTOR, DIRECTOR = ("ACTOR", "DIRECTOR")
FACETS = ("genre", "country", "type", "certification", "year")
ALL = "all"  # the facet, and its one value, that every title has
PERSON, TITLE = "person", "title"  # kinds of names
NONE = -1  # a score or a number of votes that is not known, where a key may not be null: sorts last
TENTHS = 10  # scores are kept as whole tenths of a point, in which IMDb publishes them
HIGHEST_SCORE = 10 * TENTHS
NEAR = 5  # tenths: «about as good»
HEADS = (3, 6)  # letters of a word under which a name is filed


def list_literal(text: str) -> list[str] | None:
    """The names in a Python list literal such as "['drama', 'crime']", each once; None when it is anything else."""
    try:
        names = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        return None
    return list(dict.fromkeys(name.strip() for name in names))


def name_key(name: str) -> str:
    """A name as it is looked up: its words without case and accents; one without letters or digits as it is."""
    return " ".join(title_words(name)) or name.strip()


def name_heads(name: str) -> list[str]:
    """The beginnings of a name's words under which it is filed: 3 and 6 letters, shorter words whole; each once."""
    return sorted({word[:length] for word in title_words(name) for length in HEADS})


def head_of(word: str) -> str:
    """Where to look for names with a word that begins with `word`, a folded one.

    Of one or two letters only whole words are found: too many names begin so.
    """
    return word[: max((length for length in HEADS if length <= len(word)), default=len(word))]
