"""Read values from the environment, with an error that names the variable, its value and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cluster.errors import BadSetting
from domain.contract.addresses import DEFAULT_PORT, MASTERS, MASTERS_ALLOWED, hosts_and_port
from domain.contract.files import plain_path
from domain.contract.movielens import SCALE, Scale

_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
_MEMORY = re.compile(r"([1-9][0-9]*)([mg])")


@dataclass(frozen=True)
class Environment:
    """Variables and the ways to read one. An empty value counts as unset."""

    values: Mapping[str, str] = field(repr=False)

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """A whole number between `lowest` and `highest`, both allowed."""
        text = self.values.get(name) or str(default)
        if not re.fullmatch(r"[0-9]{1,9}", text) or not lowest <= int(text) <= highest:
            raise _bad(name, text, f"a whole number from {lowest} to {highest}")
        return int(text)

    def port(self, name: str, default: int) -> int:
        """A TCP port that needs no rights of root."""
        return self.number(name, default, 1024, 65535)

    def choice(self, name: str, default: str | None, allowed: tuple[str, ...]) -> str | None:
        """One of a few words."""
        text = self.values.get(name) or default
        if text is not None and text not in allowed:
            raise _bad(name, text, "one of " + ", ".join(allowed))
        return text

    def name(self, name: str, default: str) -> str:
        """An identifier that CQL takes without quotes."""
        text = self.values.get(name) or default
        if not _NAME.fullmatch(text):
            raise _bad(name, text, "up to 48 of a-z, 0-9 and _, a letter first")
        return text

    def cassandra(self, default: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
        """The hosts of Cassandra, if none are given the `default`, and its port."""
        port = self.port("CASSANDRA_PORT", DEFAULT_PORT) if self.values.get("CASSANDRA_PORT") else None
        try:
            hosts, port = hosts_and_port(self.values.get("CASSANDRA_HOSTS") or "", port)
        except ValueError as error:
            raise BadSetting(str(error)) from error
        return hosts or default, port or DEFAULT_PORT

    def master(self, default: str) -> str:
        """The address of a Spark master."""
        text = self.values.get("SPARK_MASTER_URL") or default
        if not MASTERS.fullmatch(text):
            raise _bad("SPARK_MASTER_URL", text, MASTERS_ALLOWED)
        return text

    def path(self, name: str, default: Path, root: Path) -> Path:
        """An absolute path; a relative value counts from `root`, and `~` is the home folder."""
        text = self.values.get(name) or str(default)
        if text == "~" or text.startswith("~/"):
            text = str(self.home(name)) + text[1:]
        return plain_path(root / text)

    def home(self, instead: str) -> Path:
        """The user's home folder: HOME, else what the system's list of users says.

        Raises:
            BadSetting: the user has none, as in a container that runs as any number; `instead` is what can be set.
        """
        try:
            return Path(self.values.get("HOME") or Path.home())
        except RuntimeError as error:
            raise BadSetting(f"This user has no home folder: set HOME, or {instead} to an absolute path.") from error

    def mebibytes(self, name: str, default: int) -> int:
        """An amount of memory such as 768m or 2g, in MiB."""
        text = self.values.get(name) or f"{default}m"
        amount = _MEMORY.fullmatch(text.lower())
        if not amount:
            raise _bad(name, text, "an amount such as 768m or 2g")
        return int(amount[1]) * (1024 if amount[2] == "g" else 1)

    def scale(self, name: str) -> Scale:
        """A scale of ratings, LOWEST,HIGHEST or LOWEST,HIGHEST,STEP; that of MovieLens where none is given."""
        text = self.values.get(name) or str(SCALE)
        try:
            return Scale.parse(text)
        except ValueError as error:
            raise _bad(name, text, "LOWEST,HIGHEST or LOWEST,HIGHEST,STEP, such as 0,10 or 1,5,1") from error


def _bad(name: str, value: str, allowed: str) -> BadSetting:
    return BadSetting(f"{name}={value!r} is not allowed: give {allowed}.")
