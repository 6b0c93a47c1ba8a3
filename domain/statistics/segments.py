"""Segments of users by taste: the words for what sets each apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NAMED_TRAITS = 3
WORTH_NAMING = 0.5  # of the strongest trait of the segment
KINDS = ("more", "less", "kinder to", "stricter with")

Trait = tuple[str, str]  # one of KINDS, a genre


def segment_names(centres: np.ndarray, genres: Sequence[str]) -> list[str]:
    """A name for each segment, such as «more Horror and Thriller, stricter with Drama than others».

    Names are made of the strongest traits; where two segments would have the same name, of more of them.

    Args:
        centres: (segments, 2 · genres), in standard deviations from the mean of all users: first the shares of the
            genres among a user's ratings, then the deviations of the genres' means from the user's.
        genres: names, in the order of the columns.
    """
    traits = [_traits(centre, genres) for centre in centres]
    shown = [_strongest(centre) for centre in centres]
    for _ in range(2 * len(genres)):
        names = [_name(each[:count]) for each, count in zip(traits, shown, strict=True)]
        if len(set(names)) == len(names):
            break
        shown = [count + (names.count(name) > 1) for count, name in zip(shown, names, strict=True)]
    return names


def _traits(centre: np.ndarray, genres: Sequence[str]) -> list[Trait]:
    """All traits, the strongest first; equally strong ones in the order of the columns."""
    places = np.argsort(-np.abs(centre), kind="stable")
    return [(KINDS[2 * (place // len(genres)) + (centre[place] < 0)], genres[place % len(genres)]) for place in places]


def _strongest(centre: np.ndarray) -> int:
    """The number of traits that are named at first."""
    strengths = np.abs(centre)
    return min(NAMED_TRAITS, int((strengths >= WORTH_NAMING * strengths.max()).sum()))


def _name(traits: Sequence[Trait]) -> str:
    genres = {kind: [genre for which, genre in traits if which == kind] for kind in KINDS}
    return ", ".join(f"{kind} {_listed(names)}" for kind, names in genres.items() if names) + " than others"


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
