"""Settings of all models: defaults by the size of the data, then a file that `tune` wrote, then flags."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.models.settings import Parts, defaults_for
from spark_jobs.storage.errors import JobError


@dataclass(frozen=True)
class Tuned:
    """The settings in a file that `tune` wrote, and what it says of how they were found."""

    parts: Parts
    about: dict[str, Any]


def read_tuned(path: Path | None) -> Tuned:
    """The settings in a file that `tune` wrote; without a file none.

    Raises:
        JobError: it is missing, or is not such a file.
    """
    if path is None:
        return Tuned({}, {})
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        parts = dict(about.pop("settings"))
        defaults_for(1, 1).with_parts(parts)
    except FileNotFoundError as error:
        raise JobError(f"{path}: no such file. `make tune` writes one and prints its name.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JobError(f"{path} holds no settings of `make tune` ({error}): name the file that it wrote.") from error
    return Tuned(parts, about)
