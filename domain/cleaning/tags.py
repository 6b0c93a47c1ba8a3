"""A tag as it is compared and shown."""

from __future__ import annotations

import unicodedata


def fold_tag(text: str) -> str:
    """`text` trimmed, single-spaced, case-folded by Unicode and composed: "  Film   NOIR" is "film noir".

    Folding a folded tag changes nothing.
    """
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())
