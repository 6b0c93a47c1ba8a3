"""What one check says, of which place, and how a check that fails says so itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from cluster.choose import choose_name
from cluster.errors import BadSetting, ClusterError, MissingTool
from cluster.settings import ROOT, Settings

SET_UP = "make setup"


class Mark(StrEnum):
    """How a thing is."""

    OK = "ok"
    LOOK = "look"  # it may be meant so, or is still to come
    WRONG = "wrong"  # something fails because of it


@dataclass(frozen=True)
class Line:
    """A line of the report: what it is about, how that is, and the command that mends it or shows more."""

    mark: Mark
    subject: str
    sentence: str
    command: str = ""


@dataclass(frozen=True)
class Place:
    """The machine and the copy of the project that are looked at."""

    root: Path = ROOT
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)

    @cached_property
    def settings(self) -> Settings:
        """The settings of this copy. Raises BadSetting where a variable or a line of .env is wrong."""
        try:
            return Settings.from_env(self.environ, self.root)
        except ClusterError:
            raise
        except RuntimeError as error:  # of Path.home
            raise BadSetting(f"{error} Set HOME: `export HOME=/a/folder/of/yours`.") from error

    @cached_property
    def choice(self) -> tuple[str, str | None]:
        """The runtime that `make` takes, docker or native, and why it cannot be taken."""
        try:
            return choose_name(self.settings), None
        except MissingTool as error:
            return "docker", str(error)  # the one that is taken only when it is named

    @property
    def runtime(self) -> str:
        """docker or native."""
        return self.choice[0]

    def way_to_change(self, *names: str) -> str:
        """The command that takes variables of the environment away, or opens .env if none of them is there."""
        given = [name for name in names if name in self.environ]
        return f"unset {' '.join(given)}" if given else f"${{EDITOR:-vi}} {self.root / '.env'}"


@dataclass(frozen=True)
class Check:
    """A subject and the function that looks at it."""

    subject: str
    look: Callable[[Place], Line]

    def line(self, place: Place) -> Line:
        """What it says; whatever it raises is a line, too, as the other checks are still worth reading."""
        try:
            return self.look(place)
        except BadSetting:
            return Line(Mark.LOOK, self.subject, "not looked at: a setting is wrong, see there", "make doctor")
        except ClusterError as error:
            return Line(Mark.WRONG, self.subject, str(error), "make status")
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            return Line(Mark.WRONG, self.subject, f"cannot be looked at: {reason}", "make status")
