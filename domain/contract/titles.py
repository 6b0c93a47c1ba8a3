"""A movie's title: its year taken off, and its words folded so that a search finds them however they are typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Letters of the beginnings under which the words of a movie's title are filed, where a word has more of them.
HEADS = (2, 3)

_WORD = re.compile(r"[^\W_]+")
# Letters that have no accent to be taken off, but are typed as others where a keyboard has none of them; in lower case.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_YEAR_AT_END = re.compile(r"\s*\(((?:18|19|20)[0-9]{2})\s*(?:[-–—]\s*(?:(?:18|19|20)[0-9]{2})?\s*)?\)\s*$")


def split_title(text: str) -> tuple[str, int | None]:
    """Title and year of "Toy Story (1995)"; of a range such as "(2006–2007)" or "(2009- )" the first year."""
    year = _YEAR_AT_END.search(text)
    if year is None:
        return text.strip(), None
    return text[: year.start()].strip(), int(year[1])


def title_words(text: str) -> list[str]:
    """The alphanumeric words of `text` in order, without accents and case: "Amélie, 2001!" is amelie, 2001.

    The one folding of names and titles: what jobs file and what the site looks for.
    """
    if text.isascii():  # in a fifth of the time
        return _WORD.findall(text.lower())
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _WORD.findall(plain.casefold().translate(_PLAIN))


def word_heads(text: str) -> list[str]:
    """The beginnings under which the title of a movie is filed beside its words, each once: "Amélie" under am and ame.

    A word is not filed under itself once more, so that «the» alone does not fill what begins so.
    """
    return sorted({word[:length] for word in title_words(text) for length in HEADS if length < len(word)})


def word_head(word: str) -> str | None:
    """The beginning under which to look for words that begin with `word`; None for one letter: too many begin so."""
    return next((word[:length] for length in reversed(HEADS) if length <= len(word)), None)


def begin_words(begun: Iterable[str], text: str) -> bool:
    """Whether each of the folded `begun` is the beginning of a word of `text`."""
    if text.isascii():  # thousands are looked at for one answer: most are told from their letters alone, unfolded
        letters = text.lower()
        if not all(each in letters for each in begun):
            return False
    words = title_words(text)
    return all(any(word.startswith(each) for word in words) for each in begun)
