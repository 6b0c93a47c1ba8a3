"""Encodings of Windows told from others by the places of their accents; needs no Spark."""

from __future__ import annotations

from pathlib import Path

import pytest

from spark_jobs.storage.errors import JobError
from spark_jobs.storage.plain_files import STRAY_LINES, plain_file

FRENCH = ["Cérémonie, La", "Misérables, Les", "Étoile", "garçu, Le"] * STRAY_LINES
# real titles: an accent that is a word, signs, powers and fractions
TITLES = [
    *("Á köldum klaka (Cold Fever)", "À nous la liberté", "8½", "Alien³", "[REC]²", "WALL·E", "¡Three Amigos!"),
    *("‘Round Midnight", "It’s a “Wonderful” Life", "Pokémon… – 3", "«Quoi»", "100° heat", "Rosë®"),
]


@pytest.mark.parametrize("title", TITLES)
def test_western_titles_are_read_as_what_they_are(title: str, tmp_path: Path) -> None:
    text = "\n".join([*FRENCH, title])
    (tmp_path / "u.item").write_bytes(text.encode("cp1252"))
    plain, lines = plain_file(tmp_path / "u.item", tmp_path / "copy")
    assert (plain.read_text(encoding="utf-8"), lines) == (text, len(FRENCH) + 1)


OTHERS = {
    "cp1251": ["Москва слезам не верит", "Ирония судьбы", "А зори здесь тихие"],
    "cp1250": ["Człowiek z żelaza", "Nóż w wodzie", "Życie", "Dług"],
    "shift-jis": ["千と千尋の神隠し", "もののけ姫"],
    "gbk": ["霸王别姬", "卧虎藏龙"],
    "cp037": ["a,b"],
}


@pytest.mark.parametrize("encoding", OTHERS)
def test_what_may_be_another_encoding_is_refused(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\n".join(title.encode(encoding) for title in OTHERS[encoding] * STRAY_LINES))
    with pytest.raises(JobError, match="not UTF-8: the first undecodable byte is in line 1"):
        plain_file(tmp_path / "x", tmp_path / "copy")


def test_a_byte_that_windows_1252_does_not_have_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes("\n".join(FRENCH).encode("cp1252") + b"\nx\x9dy")
    with pytest.raises(JobError, match="not UTF-8"):
        plain_file(tmp_path / "x", tmp_path / "copy")
