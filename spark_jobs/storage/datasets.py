"""Data sets: their ids by content, and the one that lies cleaned under DATA_DIR."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from domain.contract.generated import dataset_id
from domain.contract.movielens import SCALE, Scale
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.paths import Paths

ABOUT = "dataset.json"


def named(name: str, content: Any, generated: bool = False) -> str:
    """The id of a data set, such as ml-latest-small-3f2a91c4: the same content has the same id.

    `name` is that of its folder; `content` is anything that JSON holds, such as digests of the files; `generated`
    says that a job has made the files up.
    """
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    return dataset_id(name, digest[:8], generated)


def clean_dataset(paths: Paths) -> dict[str, Any]:
    """dataset.json of the data set that lies cleaned under DATA_DIR: dataset_id, run_id of the cleaning, …

    Raises:
        JobError: none does.
    """
    about = paths.clean / ABOUT
    try:
        return dict(json.loads(about.read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError) as error:
        raise JobError(f"{about}: no cleaned data set. Run preprocess_movielens first.") from error


def scale(about: Mapping[str, Any]) -> Scale:
    """The scale of the ratings of a cleaned data set."""
    return Scale.parse(about.get("scale", str(SCALE)))
