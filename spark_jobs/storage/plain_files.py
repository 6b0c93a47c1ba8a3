"""Files as people bring them, as plain text that tasks can read: themselves, or a copy in a folder of the run."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from domain.cleaning.plain_text import Look, NoText, look, plain_chunks
from spark_jobs.storage.errors import JobError

CHUNK_BYTES = 1 << 22
STRAY_LINES = 10  # so many undecodable lines, and not one accent that is right, are no accident
WESTERN = "cp1252"  # Latin-1 with the quotes and dashes of Windows
# dashes, quotes and signs that every encoding of Windows has in the same place
_SIGN = re.compile(rb"[\x84\x85\x91-\x97\xa0\xa9\xab\xae\xb0\xb1\xb7\xbb]")
# an accented letter, or two small ones as in größe, that stands alone beside a letter; a word such as À, ó; 8½, ³; ¡, ¿
# the five bytes that Windows-1252 has no character for are none of them
_LETTER = rb"(?:[\x80\x8a-\x8c\x8e\x98-\x9c\x9e\x9f\xc0-\xd6\xd8-\xf6\xf8-\xff]|[\xdf-\xf6\xf8-\xff]{2})"
_ACCENT = re.compile(
    rb"(?<=[A-Za-z])%b(?![\x80-\xff])"
    rb"|(?<![\x80-\xff])%b(?=[A-Za-z])"
    rb"|(?<![A-Za-z\x80-\xff])[\xc0\xc1\xc9\xd3\xe0\xe1\xe9\xf3](?= )"
    rb"|(?<=[A-Za-z0-9\]])[\xb2\xb3\xbc-\xbe](?![A-Za-z\x80-\xff])|(?<![A-Za-z\x80-\xff])[\xa1\xbf](?=[A-Z])"
    % (_LETTER, _LETTER)
)
# names by which Spark leaves a file out, or unpacks it, whatever is in it
MISLEADING = re.compile(r"^[._]|\.(?:gz|bz2|zst|lz4|snappy|deflate|xz)$", re.IGNORECASE)


@dataclass
class _Encoding:
    """What is known of a part's encoding: lines beyond ASCII that are UTF-8, lines that are not, the first of these."""

    right: int = 0
    wrong: int = 0
    western: int = 0  # of the wrong ones, those that Latin-1 makes sense of
    first_wrong: int = 0


def plain_file(path: Path, copy: Path, digest: hashlib._Hash | None = None) -> tuple[Path, int]:
    """The file, or a plain copy of one that is packed or in another encoding, and its lines; digests what came.

    Raises:
        JobError: it is unreadable, no text, or in an encoding that nobody knows.
    """
    digest = digest or hashlib.sha256()
    try:
        seen = look(path)
        plain = path if seen.is_plain and not MISLEADING.search(path.name) else _copied(path, seen, None, copy)
        lines, encoding = _counted(plain, digest if plain == path else hashlib.sha256())
        if plain != path:
            _counted(path, digest)
        if encoding.wrong and not encoding.right and seen.encoding == "utf-8":
            if encoding.western == encoding.wrong:
                plain = _copied(path, seen, WESTERN, copy)
            elif encoding.wrong >= STRAY_LINES:
                raise JobError(
                    f"{path}: not UTF-8: the first undecodable byte is in line {encoding.first_wrong}. Convert it:"
                    " iconv -f its-encoding -t UTF-8."
                )
        return plain, lines
    except OSError as error:
        raise JobError(
            f"{error.filename or path}: cannot be read: {error.strerror}. Check its rights and the disk."
        ) from error
    except NoText as error:
        raise JobError(str(error)) from error


def _copied(part: Path, seen: Look, encoding: str | None, copy: Path) -> Path:
    copy.parent.mkdir(parents=True, exist_ok=True)
    with copy.open("wb") as target:
        target.writelines(plain_chunks(part, seen, encoding))
    return copy


def _counted(part: Path, digest: hashlib._Hash) -> tuple[int, _Encoding]:
    lines, encoding = 0, _Encoding()
    with part.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            chunk += stream.readline()
            digest.update(chunk)
            if not chunk.isascii():
                _look_at_encoding(chunk, encoding, lines)
            lines += chunk.count(b"\n") + (not chunk.endswith(b"\n"))
    return lines, encoding


def _look_at_encoding(chunk: bytes, encoding: _Encoding, lines_before: int) -> None:
    for number, line in enumerate(chunk.split(b"\n"), start=lines_before + 1):
        if line.isascii():
            continue
        try:
            encoding.right += not line.decode("utf-8-sig").isascii()
        except UnicodeDecodeError:
            encoding.wrong += 1
            encoding.western += _ACCENT.sub(b"", _SIGN.sub(b" ", line)).isascii()
            encoding.first_wrong = encoding.first_wrong or number
