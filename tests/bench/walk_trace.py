"""What a process of ours calls, as a tree of functions; begun in every process of a traced interpreter (walks.py).

It imports nothing of ours and nothing beyond the standard library, so that it runs beside any commit.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
import threading
import time
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TextIO

FOLDERS = ("cluster", "cql", "domain", "spark_jobs", "web")
ACTIONS = ("parquet", "save", "collect", "count", "toPandas")  # of a frame or its writer: each starts tasks
HELD = 20  # values of a list that are looked at


class Tracer:
    """Writes a line for every call into a file of ours the first time that it is made, and one when it returns.

    A line is a list of JSON: id, id of the caller, seconds, whether the thing followed is among the arguments, the
    object whose method it is, file and function; or the id, None, seconds, whether the thing is in the result, and the
    object that this is. Objects are numbers, those of other classes than ours are 0.
    """

    def __init__(self, root: Path, output: TextIO, followed: dict[str, list[str]], until_task: bool) -> None:
        self._root = f"{root}/"
        self._output = output
        self._followed = followed
        self._until_task = until_task
        self._ids: dict[tuple[object, ...], int] = {}
        self._files: dict[CodeType, str | None] = {}
        self._objects: dict[int, object] = {}  # kept, so that no other one gets the number
        self._stacks = threading.local()

    def profile(self, frame: FrameType, event: str, value: Any) -> None:
        """See `sys.setprofile`."""
        if event not in ("call", "return"):
            return
        file = self._file(frame.f_code)
        if file is None:
            if self._until_task and event == "call" and self._starts_tasks(frame):
                self._end()
            return
        stack = self._stack()
        if event == "call":
            stack.append(self._entered(frame, file, stack[-1] if stack else 0))
        elif stack:
            self._left(stack.pop(), value)

    def _stack(self) -> list[int]:
        if not hasattr(self._stacks, "ids"):
            self._stacks.ids = []
        return self._stacks.ids

    def _file(self, code: CodeType) -> str | None:
        """The path below the root of a file of ours, None of any other."""
        if code not in self._files:
            name = code.co_filename.removeprefix(self._root)
            ours = name.split("/")[0] in FOLDERS and "/.venv/" not in name
            self._files[code] = name if ours else None
        return self._files[code]

    def _entered(self, frame: FrameType, file: str, caller: int) -> int:
        """The id of the call; that of what runs while a module is imported is -1."""
        code = frame.f_code
        if caller == -1 or not code.co_flags & inspect.CO_OPTIMIZED:  # the body of a module or class
            return 0 if code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__" else -1
        carries = self._any(frame.f_locals.values())
        owner = self._number(frame.f_locals.get("self"))
        key = (caller, file, code.co_name, code.co_firstlineno, carries, owner)
        if key not in self._ids:
            self._ids[key] = len(self._ids) + 1
            self._write(self._ids[key], caller, carries, owner, file, code.co_name)
        return self._ids[key]

    def _left(self, call: int, value: Any) -> None:
        key = (call, carried := self._any([value]), made := self._number(value))
        if call > 0 and key not in self._ids:
            self._ids[key] = len(self._ids) + 1
            self._write(call, None, carried, made)

    def _number(self, value: Any) -> int:
        if type(value).__module__.split(".")[0] not in FOLDERS:
            return 0
        self._objects[id(value)] = value
        return id(value)

    def _write(self, call: int, caller: int | None, *rest: object) -> None:
        self._output.write(json.dumps([call, caller, time.time(), *rest]) + "\n")

    def _any(self, values: Any) -> bool:
        return not self._followed or any(self._is_followed(value) for value in list(values)[:HELD])

    def _is_followed(self, value: Any, depth: int = 2) -> bool:
        """Whether a value names the thing, has its attributes or columns, or holds such a value."""
        if isinstance(value, str):
            return value in self._followed["names"]
        if isinstance(value, Path):
            return not {value.name, value.stem}.isdisjoint(self._followed["names"])
        if type(value).__name__ == "DataFrame":
            return set(self._followed["columns"]) <= set(getattr(value, "columns", ()))
        if type(value).__name__ == "Context":  # of a template
            value = value.get_all()
        if isinstance(value, dict | list | tuple) and depth:
            held = [*value, *value.values()] if isinstance(value, dict) else value
            if any(self._is_followed(each, depth - 1) for each in held[:HELD]):
                return True
        if type(value).__module__.split(".")[0] in FOLDERS or isinstance(value, tuple):
            names = getattr(type(value), "_fields", ()) or getattr(value, "__dict__", ())
            return set(self._followed["attributes"]) <= set(names) or self._is_followed(getattr(value, "name", None))
        return False

    def _starts_tasks(self, frame: FrameType) -> bool:
        owner = type(frame.f_locals.get("self")).__name__
        return owner in ("DataFrame", "DataFrameWriter") and frame.f_code.co_name in ACTIONS

    def _end(self) -> None:
        """End this process, as nothing after the first task is followed."""
        self._write(-1, None, True, 0)
        self._output.flush()
        os._exit(0)


def begin() -> None:
    """Trace this process if the environment says so; Spark's workers are left out."""
    folder = os.environ.get("WALK_TO")
    if not folder or "worker_daemon" in " ".join(sys.orig_argv):
        return
    name = Path(folder, f"{time.time():.6f}-{os.getpid()}.trace")
    output = name.open("w", buffering=1, encoding="utf-8")  # open as long as the process is
    followed = json.loads(os.environ["WALK_FOLLOWS"])
    tracer = Tracer(Path(os.environ["WALK_ROOT"]), output, followed, bool(os.environ.get("WALK_UNTIL_TASK")))
    threading.setprofile(tracer.profile)
    sys.setprofile(tracer.profile)
