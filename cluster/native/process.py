"""Processes that outlive the command that started them, and are known again by the next command.

Each has RUN_DIR/pids/<name>.json with its pid and its birth: a pid alone may have been given to somebody else since.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.contract.files import write_json


@dataclass(frozen=True)
class Processes:
    """The processes of one cluster: their pid and log files under its run folder."""

    run_dir: Path

    def log(self, name: str) -> Path:
        """The file that takes what the process prints."""
        return self.run_dir / "logs" / f"{name}.log"

    def names(self) -> list[str]:
        """Every process that was started and not stopped, dead or alive."""
        return sorted(path.stem for path in (self.run_dir / "pids").glob("*.json"))

    def address(self, name: str) -> tuple[str, int]:
        """Host and port of a started process, as its starter gave them."""
        return self.started_with(name)[0]

    def started_with(self, name: str) -> tuple[tuple[str, int], list[str], str | None]:
        """Address, command and `choices` that a process was started with; an older version kept less."""
        entry = json.loads(self._pid_file(name).read_text())
        return (entry["host"], entry["port"]), entry.get("command", []), entry.get("choices")

    def pid(self, name: str) -> int | None:
        """The pid when the process lives, else None."""
        try:
            entry = json.loads(self._pid_file(name).read_text())
        except (OSError, ValueError):
            return None
        # without a birth: it was dead already when it was noted
        return entry["pid"] if entry["birth"] and birth(entry["pid"]) == entry["birth"] else None

    def start(
        self,
        name: str,
        command: Sequence[object],
        environ: Mapping[str, str],
        folder: Path,
        address: tuple[str, int],
        choices: str = "",
    ) -> int:
        """Start a process in a session of its own, so that closing the terminal does not end it; returns the pid.

        `choices` stands for what it is told by its environment: see `Service.choices`.
        """
        words = [str(part) for part in command]
        log = self.log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("w") as output:
            process = subprocess.Popen(
                words,
                env=dict(environ),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        entry = {"host": address[0], "port": address[1], "command": words, "choices": choices}
        self._remember(name, process.pid, entry)
        return process.pid

    def stop(self, names: Sequence[str], seconds: float) -> list[str]:
        """Ask the named processes to end, all at once, and wait; those that did not in `seconds` are killed.

        Returns the names of those that had to be killed.
        """
        pids = {name: pid for name in names if (pid := self.pid(name))}
        for pid in pids.values():
            _signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and any(self.pid(name) for name in pids):
            time.sleep(0.1)
        killed = [name for name in pids if self.pid(name)]
        for name in killed:
            _signal(pids[name], signal.SIGKILL)
        self._wait_for_end(killed)
        for name in names:
            self._pid_file(name).unlink(missing_ok=True)
        return killed

    def _wait_for_end(self, killed: Sequence[str]) -> None:
        while any(self.pid(name) for name in killed):
            time.sleep(0.05)

    def _pid_file(self, name: str) -> Path:
        return self.run_dir / "pids" / f"{name}.json"

    def _remember(self, name: str, pid: int, entry: Mapping[str, object]) -> None:
        write_json(self._pid_file(name), {"pid": pid, "birth": birth(pid), **entry})


def birth(pid: int) -> str | None:
    """When a process began, as a text that no later process with this pid shares; None when it is dead.

    A killed child that its parent has not waited for yet (a zombie) counts as dead, once all its threads have ended:
    until then they hold its ports.
    """
    if not Path("/proc/self/stat").exists():
        return _birth_by_ps(pid)
    try:
        # the second field is the program's name in brackets and may hold anything
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    except OSError:
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return None if fields[0] in "ZX" and threads <= 1 else f"{boot} {fields[19]}"


def _birth_by_ps(pid: int) -> str | None:
    answer = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, began = answer.stdout.strip().partition(" ")
    return began.strip() if began and not state.startswith("Z") else None


def _signal(pid: int, number: int) -> None:
    """SIGTERM goes to the process, which ends its own children; SIGKILL to its whole session's group."""
    try:
        if number == signal.SIGKILL:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        pass  # ended by itself in between
