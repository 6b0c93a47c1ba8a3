"""Say what is in order on this machine and in this copy of the project, what is not, and what mends it.

Changes nothing. It needs Python 3.11 or newer and no packages, so it can be asked before anything is set up.
Exit code 1 when something is wrong; what is only worth a look does not count.

Example: python -m cluster.doctor     (make doctor)
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence

from cluster.doctor import checkout, machine, network, stored
from cluster.doctor.line import Check, Line, Mark, Place
from cluster.errors import exit_with_message

CHECKS = (
    Check("settings", checkout.settings),
    Check("runtime", machine.runtime),
    Check("Python", machine.python),
    Check("packages", checkout.packages),
    Check("Java", machine.java),
    Check("memory", machine.memory),
    Check("disk", machine.disk),
    Check("encodings", machine.encodings),
    Check("proxy", network.proxy),
    Check("ports", network.ports),
    Check("data", checkout.data),
    Check("services", stored.services),
    Check("schema", stored.schema),
    Check("active runs", stored.active_runs),
)
WIDTH = max(len(check.subject) for check in CHECKS)


def shown(line: Line) -> str:
    """The line as it is printed, the command below it; what is wrong is seen from afar."""
    mark = line.mark.upper() if line.mark is Mark.WRONG else line.mark
    first, *more = line.sentence.splitlines()
    rest = [*more, *([f"→ {line.command}"] if line.command else [])]
    return "\n".join([f"{mark:<5}  {line.subject:<{WIDTH}}  {first}", *(f"{'':<{WIDTH + 9}}{text}" for text in rest)])


def summary(lines: Sequence[Line]) -> str:
    """The last line of the report."""
    wrong, look = (sum(line.mark is mark for line in lines) for mark in (Mark.WRONG, Mark.LOOK))
    if wrong:
        return f"{wrong} of {len(lines)} wrong{f', {look} to look at' if look else ''}. The arrows say what mends it."
    return f"Nothing is wrong{f'; {look} to look at' if look else ''}."


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="make doctor", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without UTF-8 is among what is reported
    place, lines = Place(), []
    for check in CHECKS:
        lines.append(check.line(place))
        print(shown(lines[-1]), flush=True)
    print(summary(lines))
    return int(any(line.mark is Mark.WRONG for line in lines))


if __name__ == "__main__":
    sys.exit(exit_with_message(main))
