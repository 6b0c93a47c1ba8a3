"""Words of a movie's title, folded so that a search finds them however they are typed."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def title_words(text: str) -> list[str]:
    """The alphanumeric words of `text` in order, without accents and case: "Amélie, 2001!" is amelie, 2001."""
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _WORD.findall(plain.casefold())
