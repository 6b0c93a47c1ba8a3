"""One file over HTTP: with progress, several tries, and going on where it was cut off."""

from __future__ import annotations

import http.client
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from cluster.errors import DownloadUnreachable, FetchFailed, writing

TRIES = 4
CONNECT_SECONDS = 6.0  # a try against a network that swallows packets; three in all stay under 20 s
CHUNK = 1 << 18
OUT_OF_RANGE = 416


def download(url: str, target: Path, pause: float = 1.0) -> Path:
    """Fetch `url` into `target`, by way of `target`.part, which a later call goes on with.

    `pause` is the wait in seconds after the first failed try; it doubles.

    Raises:
        DownloadUnreachable: no try got an answer from the server.
        FetchFailed: the server refuses, or breaks off again and again; the message says how far it came.
    """
    part = target.with_name(f"{target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    answered = False
    for attempt in range(1, TRIES + 1):
        try:
            _append(url, part)
            part.replace(target)
            return target
        except urllib.error.HTTPError as error:
            if error.code != OUT_OF_RANGE or not part.exists():
                raise FetchFailed(f"{url} answers {error.code} {error.reason}.") from error
            part.unlink()  # as long as the file or longer, so it is not the beginning of this file
            reason = error.reason
        except (OSError, http.client.HTTPException) as error:
            answered = answered or part.exists()
            reason = str(getattr(error, "reason", error))
            if not answered and attempt == TRIES - 1:
                raise DownloadUnreachable(f"{url} cannot be reached ({reason}).") from error
        if attempt < TRIES:
            time.sleep(pause * 2 ** (attempt - 1))
    raise FetchFailed(f"{url} broke off {TRIES} times ({reason}), {part} has what came: run it again to go on.")


def read_text(url: str) -> str | None:
    """A small text file, or None when the server does not have it or does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=CONNECT_SECONDS) as answer:
            return answer.read(65536).decode("utf-8", errors="replace")
    except (OSError, http.client.HTTPException):
        return None


def _append(url: str, part: Path) -> None:
    """Fetch what `part` does not have yet.

    Raises:
        HTTPException: the connection ended early.
        ClusterError: the file cannot be written.
    """
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=CONNECT_SECONDS) as answer:
        if answer.status != 206:
            have = 0  # the server cannot go on in the middle and sends all of it
        total = have + int(answer.headers.get("Content-Length") or 0)
        with writing(part), part.open("r+b" if have else "wb") as file:
            file.seek(have)
            _copy(answer, file, have, total, Path(url).name)


def _read(answer: http.client.HTTPResponse) -> bytes:
    """The next bytes; a fault of the network is told from one of the disk, which is none to try again after."""
    try:
        return answer.read(CHUNK)
    except OSError as error:
        raise http.client.HTTPException(str(error)) from error


def _copy(answer: http.client.HTTPResponse, file: IO[bytes], have: int, total: int, name: str) -> None:
    shown = 0.0
    while chunk := _read(answer):
        file.write(chunk)
        have += len(chunk)
        if time.monotonic() - shown > (0.2 if sys.stdout.isatty() else 10):
            shown = time.monotonic()
            share = f" of {total / 1e6:.1f}" if total else ""
            print(f"  {name}: {have / 1e6:.1f}{share} MB", end="\r" if sys.stdout.isatty() else "\n", flush=True)
    if have < total:
        raise http.client.IncompleteRead(b"", total - have)
