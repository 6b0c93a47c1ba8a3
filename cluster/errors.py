"""What can go wrong while the cluster is set up, started or filled. Each message says what to do."""

from __future__ import annotations

import errno
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn


class ClusterError(RuntimeError):
    """Base of the errors here; command lines print it as one message and exit with 1."""


class BadSetting(ClusterError):
    """An environment variable holds a value that is not allowed."""


class PortBusy(ClusterError):
    """A port that a service needs is already listened on by somebody else."""


class NotReady(ClusterError):
    """A service died or did not answer in time."""


class MissingTool(ClusterError):
    """A program that has to be installed by the user was not found."""


class FetchFailed(ClusterError):
    """Jars or data could not be fetched, or what came is damaged."""


class DownloadUnreachable(FetchFailed):
    """The server of the download cannot be reached at all: the caller may go on with something else."""


class Terminated(KeyboardInterrupt):
    """A request to end by SIGTERM. Ctrl-C reaches what this process has started, too; this signal does not."""


def _terminated(*_: object) -> NoReturn:
    raise Terminated


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name the file that is written: of a full disk the system says no more than that it is full.

    Raises:
        ClusterError: it could not be written.
    """
    try:
        yield
    except OSError as error:
        raise ClusterError(f"{path} cannot be written ({error.strerror or error}).") from error


def _said(error: OSError) -> str:
    """A fault of the system in words: a folder without rights, a full disk."""
    if name := error.filename2 or error.filename:  # of a copy the target is the second
        return f"{name}: {error.strerror}"
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return f"{error.strerror or error}{': make room where DATA_DIR, RUN_DIR and CACHE_DIR lie' if full else ''}"


def exit_with_message(main: Callable[[], int]) -> int:
    """Run a command line and return its exit code; 1 after printing the one message of an expected error.

    On Ctrl-C 130, on SIGTERM 143, after what it had started has been stopped in the same way.
    """
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return main()
    except ClusterError as error:
        print(f"ERROR {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"ERROR {_said(error)}", file=sys.stderr)
        return 1
    except Terminated:
        print("Ended by SIGTERM.", file=sys.stderr)
        return 128 + signal.SIGTERM
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
