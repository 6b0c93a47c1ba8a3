"""What can go wrong while the cluster is set up, started or filled. Each message says what to do."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
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
    except OSError as error:  # a folder without rights, a full disk
        print(f"ERROR {f'{error.filename}: ' if error.filename else ''}{error.strerror or error}", file=sys.stderr)
        return 1
    except Terminated:
        print("Ended by SIGTERM.", file=sys.stderr)
        return 128 + signal.SIGTERM
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
