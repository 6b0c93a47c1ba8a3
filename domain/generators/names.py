"""Names of people who do not exist, and words that no language has, from syllables."""

from __future__ import annotations

from functools import cache

import numpy as np

_FIRST = (
    "A",
    "Be",
    "Ca",
    "Do",
    "El",
    "Fe",
    "Gi",
    "Ha",
    "In",
    "Jo",
    "Ka",
    "Le",
    "Ma",
    "No",
    "O'",
    "Pé",
    "Ro",
    "Sø",
    "Ta",
    "Zo",
)
_SECOND = (
    "na",
    "ri",
    "lo",
    "mé",
    "sa",
    "ta",
    "vi",
    "ro",
    "ne",
    "ka",
    "lia",
    "dor",
    "win",
    "son",
    "mir",
    "bel",
    "ça",
    "rik",
    "to",
    "ya",
)
_LAST = (
    "bar",
    "cer",
    "dal",
    "fon",
    "gar",
    "hol",
    "jan",
    "kov",
    "lin",
    "mar",
    "ner",
    "ola",
    "per",
    "qui",
    "ros",
    "sta",
    "tur",
    "vas",
    "wel",
    "zak",
)
_ENDS = ("", "es", "in", "ov", "sen", "ton", "ez", "ić", "ova", "ski")
NAMES = len(_FIRST) * len(_SECOND) * len(_LAST) ** 3 * len(_ENDS)  # different ones
_SPREAD = 7_919_003  # has no factor in common with NAMES, so that no two people below NAMES share a name
WORDS = 20_000
_COMMON = 1.1  # exponent of the words' frequencies, by rank


def person_name(person: int) -> str:
    """The name of a person: another one for each number below `NAMES`."""
    rest = person * _SPREAD % NAMES
    parts = []
    for syllables in (_FIRST, _SECOND, _LAST, _LAST, _LAST, _ENDS):
        rest, place = divmod(rest, len(syllables))
        parts.append(syllables[place])
    return f"{parts[0]}{parts[1]} {''.join(parts[2:]).capitalize()}"


def words(rng: np.random.Generator, count: int) -> list[str]:
    """Words out of `WORDS`, the frequent ones often, as in any text."""
    ends = _cumulative()
    return [_word(place) for place in np.searchsorted(ends, rng.random(count) * ends[-1]).tolist()]


@cache
def _cumulative() -> np.ndarray:
    return np.cumsum(1 / np.arange(1, WORDS + 1) ** _COMMON)


@cache
def _word(place: int) -> str:
    first, rest = divmod(place, len(_SECOND) * len(_ENDS))
    return f"{_LAST[first % 20]}{_SECOND[rest % 20]}{_ENDS[rest // 20]}{_LAST[first // 20] if first >= 20 else ''}"
