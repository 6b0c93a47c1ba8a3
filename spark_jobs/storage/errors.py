"""The two ways in which a job ends early on purpose, and how any error is told in one line."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import PySparkException

from domain.cleaning.excerpt import printable

FULL = "No space left on device|Disk quota exceeded"
# how Java names the file before it says so, and Python after it
FULL_PLACE = re.compile(rf"(/[^\s:(\"']+)(?:[ :(]|java\.\S+)*(?:{FULL})|(?:{FULL}): '([^']+)'")
TEMPORARY = ("blockmgr-", "spark-", "pyspark-", "_temporary", ".")  # folders that come and go, by their beginning
LITTLE = 1 << 20  # bytes, where nobody says which of several disks is full
LONGEST = 1000  # characters that are told of what Spark says


class JobError(Exception):
    """Something the user can mend: bad input, a missing file, a service that is away. One sentence, exit code 1."""


class Refused(Exception):
    """Data or a result that is not good enough to go on with. One sentence with the figures, exit code 3."""


def message(error: BaseException, data_dir: Path | None = None) -> str:
    """One printable line that says what went wrong: for Spark's errors the innermost cause.

    `data_dir` is named where the disk is full and nobody says which.
    """
    return printable(" ".join(_sentence(error, data_dir).split()))


def _sentence(error: BaseException, data_dir: Path | None) -> str:
    if isinstance(error, JobError | Refused):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full_disk(str(error.filename or ""), data_dir)
    if isinstance(error, PySparkException | Py4JError):
        return _of_spark(error, data_dir)
    if isinstance(error, PermissionError) and error.filename:
        return f"{error.filename}: {error.strerror} for user {os.getuid()}. Let that user read (of results: write) it."
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}. Check that the path exists, may be written and has room."
    return f"{type(error).__name__}: {error}"


def _of_spark(error: PySparkException | Py4JError, data_dir: Path | None) -> str:
    cause = _innermost(error.java_exception) if isinstance(error, Py4JJavaError) else ""
    everything = f"{cause}\n{error}"
    if re.search(FULL, everything):
        found = FULL_PLACE.search(everything)
        return _full_disk((found[1] or found[2]) if found else "", data_dir)
    return f"Spark failed: {cause or _said(str(error).split('JVM stacktrace')[0])}"


def _full_disk(file: str, data_dir: Path | None) -> str:
    temporary = (os.environ.get("SPARK_LOCAL_DIRS") or tempfile.gettempdir()).split(",")
    folders = [str(_folder(Path(file)))] if file else [str(data_dir or "DATA_DIR"), *temporary]
    where = " or of ".join([folder for folder in folders if _is_full(folder)] or folders)
    return (
        f"The disk of {where} is full. Make room and run again: DATA_DIR/reports and DATA_DIR/raw may have what nobody"
        " needs any more; SPARK_LOCAL_DIRS names another folder for Spark's temporary files."
    )


def _is_full(folder: str) -> bool:
    return Path(folder).is_dir() and shutil.disk_usage(folder).free < LITTLE


def _folder(file: Path) -> Path:
    """The nearest folder that is there, and stays when the job has ended."""
    names = (at for at, part in enumerate(file.parts) if part.startswith(TEMPORARY))
    lasting = Path(*file.parts[: next(names, len(file.parts))])
    return next((folder for folder in (lasting, *lasting.parents) if folder.is_dir()), lasting)


def _innermost(java_error: Any) -> str:
    while java_error.getCause() is not None:
        java_error = java_error.getCause()
    return f"{java_error.getClass().getSimpleName()}: {_said(str(java_error.getMessage()))}"


def _said(text: str) -> str:
    """The line that matters: the last of a Python traceback, else the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no message"]
    return (lines[-1] if "Traceback (most recent call last):" in text else lines[0])[:LONGEST]
