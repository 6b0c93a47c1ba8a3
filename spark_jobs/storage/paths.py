"""Where things lie under DATA_DIR; the only place that knows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cql.kinds import Kind
from domain.contract.files import plain_path
from domain.contract.movielens import DOWNLOADS, SAMPLES

RAW_NAMES = {**DOWNLOADS, "sample": SAMPLES["sample"]}


def spark_path(path: Path) -> str:
    """The path for Spark to read from: it takes a path for a pattern, so `[`, `{`, `*`, `?` and `\\` are escaped."""
    return "".join("\\" + character if character in "\\[]{}*?" else character for character in str(plain_path(path)))


@dataclass(frozen=True)
class Paths:
    """The folders of one DATA_DIR."""

    root: Path

    @classmethod
    def from_env(cls) -> Paths:
        """The folders of $DATA_DIR, by default ./data."""
        return cls(plain_path(os.environ.get("DATA_DIR") or "data"))

    def raw(self, name: str) -> Path:
        """The CSV files of a data set as they came: ml-latest-small, ml-latest or one of SAMPLES."""
        return self.root / "raw" / name

    @property
    def servers(self) -> Path:
        """Measurements of servers: those of the first sample that is there, else what generate_servers makes."""
        folders = [self.raw(name) / "servers" for name in dict.fromkeys(SAMPLES.values())]
        return next((folder for folder in folders if folder.is_dir()), self.raw("servers"))

    @property
    def clean(self) -> Path:
        """Parquet of the accepted rows, one folder a file, and dataset.json."""
        return self.root / "clean"

    @property
    def rejected(self) -> Path:
        """Parquet of the rejected rows, one folder a file."""
        return self.root / "rejected"

    @property
    def checkpoints(self) -> Path:
        """What Spark needs to recover long computations; a job deletes its own."""
        return self.root / "checkpoints"

    @property
    def models(self) -> Path:
        """One folder a model."""
        return self.root / "models"

    def model(self, run_id: str) -> Path:
        """What one run of train_als learned."""
        return self.models / run_id

    def published(self, kind: Kind) -> Path:
        """One folder a published run of a kind: copies of its tables, and what else its job keeps of it."""
        return self.root / kind.folder

    def report(self, run_id: str) -> Path:
        """Tables and plots for people, of one run."""
        return self.root / "reports" / run_id

    @property
    def tuning(self) -> Path:
        """What tune found: of each data set the settings, and the journal of its trials."""
        return self.root / "tuning"

    def alert(self, subject: str) -> Path:
        """What the webhook was last told of a subject."""
        return self.root / "alerts" / f"{subject}.json"

    def record(self, run_id: str) -> Path:
        """The record of one run."""
        return self.root / "runs" / f"{run_id}.json"
