"""Add to `.env` what is drawn once for this machine; what is there already stays."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from cluster.env_file import read_env_file
from cluster.errors import ClusterError


def drawn() -> str:
    """A password of 32 letters, digits, - and _."""
    return secrets.token_urlsafe(24)


def draw_api_key(root: Path, environ: Mapping[str, str]) -> None:
    """Add the key of calls that write, unless the environment or `.env` has one.

    Raises:
        ClusterError: the file cannot be written.
    """
    if not environ.get("API_KEY"):
        complete(root / ".env", {"API_KEY": drawn()})


def complete(path: Path, wanted: Mapping[str, object], computed: Sequence[str] = (), prefix: str = "") -> None:
    """Add the variables that have no value yet, and put `computed` in place of the lines that begin with `prefix`.

    Its first line, a comment, goes with them; other lines stay as they are.

    Raises:
        ClusterError: the file cannot be written.
    """
    values = read_env_file(path)
    added = {name: value for name, value in wanted.items() if not values.get(name)}
    try:
        lines = _lines(path)
        kept = [line for line in lines if line not in computed[:1] and not (prefix and line.startswith(prefix))]
        while kept and not kept[-1].strip():
            kept.pop()
        end = ["", *computed] if computed else []
        complete_lines = [*kept, *(f"{name}={value}" for name, value in added.items()), *end]
        if complete_lines != lines:
            _replace(path, "\n".join(complete_lines) + "\n")
    except OSError as error:
        raise ClusterError(f"{path} cannot be written ({error.strerror}).") from error
    if added:
        print(f"Added to {path}: {', '.join(added)}", flush=True)


def _lines(path: Path) -> list[str]:
    """The lines of a file that may come from Windows, without their ends."""
    text = path.read_text(encoding="utf-8-sig") if path.exists() else ""  # \r\n is read as \n
    return text.removesuffix("\n").split("\n") if text else []


def _replace(path: Path, text: str) -> None:
    staged = path.with_name(".env.new")
    staged.touch(mode=0o600)  # before the passwords are in it
    staged.write_text(text, encoding="utf-8")
    staged.replace(path)
