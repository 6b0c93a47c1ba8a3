"""The two ways in which a job ends early on purpose, and how any error is told in one line."""

from __future__ import annotations

import os
from typing import Any

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import PySparkException


class JobError(Exception):
    """Something the user can mend: bad input, a missing file, a service that is away. One sentence, exit code 1."""


class Refused(Exception):
    """Data or a result that is not good enough to go on with. One sentence with the figures, exit code 3."""


def message(error: BaseException) -> str:
    """One line that says what went wrong: for Spark's errors the innermost cause."""
    if isinstance(error, Py4JJavaError):
        return _innermost(error.java_exception)
    if isinstance(error, PySparkException | Py4JError):
        return f"Spark failed: {_said(str(error).split('JVM stacktrace')[0])}"
    if isinstance(error, JobError | Refused):
        return str(error)
    if isinstance(error, PermissionError) and error.filename:
        return f"{error.filename}: {error.strerror} for user {os.getuid()}. Let that user read (of results: write) it."
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}. Check that the path exists, may be written and has room."
    return f"{type(error).__name__}: {error}"


def _innermost(java_error: Any) -> str:
    while java_error.getCause() is not None:
        java_error = java_error.getCause()
    return f"Spark failed: {java_error.getClass().getSimpleName()}: {_said(str(java_error.getMessage()))}"


def _said(text: str) -> str:
    """The line that matters: the last of a Python traceback, else the first."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no message"]
    return (lines[-1] if "Traceback (most recent call last):" in text else lines[0])[:1000]
