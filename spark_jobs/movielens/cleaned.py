"""The folders clean/ and rejected/: written beside the earlier ones by one run at a time, replaced when complete."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from domain.contract.files import write_json
from spark_jobs.storage.datasets import ABOUT
from spark_jobs.storage.errors import JobError
from spark_jobs.storage.folders import recover, staged_for, swap_in
from spark_jobs.storage.paths import Paths


class Cleaned:
    """What a cleaning run writes to DATA_DIR."""

    def __init__(self, paths: Paths) -> None:
        self.finals = {"clean": paths.clean, "rejected": paths.rejected}

    def staged(self, side: str, file: str) -> Path:
        """Where the new rows of `clean` or `rejected` lie until `publish`, one folder for each of the four files."""
        return staged_for(self.finals[side]) / file

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Keep other cleaning runs out, put right what a killed one left, and leave no staged rows behind.

        Raises:
            JobError: another run is cleaning into the same DATA_DIR.
        """
        lock = self.finals["clean"].with_name(".clean.lock")
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel's: it ends with the process
            except BlockingIOError as error:
                raise JobError(f"{lock}: another run is cleaning into this folder. Wait until it has ended.") from error
            for final in self.finals.values():
                recover(final)
            self._discard()
            try:
                yield
            finally:
                self._discard()

    def about(self, dataset_id: str) -> dict[str, Any] | None:
        """What `publish` said of `dataset_id`, None when that is not the data set in clean/."""
        try:
            about = json.loads((self.finals["clean"] / ABOUT).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return about if about["dataset_id"] == dataset_id else None

    def publish(self, about: dict[str, Any]) -> None:
        """Replace the earlier folders by the staged ones, clean/ with its dataset.json last."""
        write_json(staged_for(self.finals["clean"]) / ABOUT, about)
        swap_in(staged_for(self.finals["rejected"]), self.finals["rejected"])
        swap_in(staged_for(self.finals["clean"]), self.finals["clean"])

    def _discard(self) -> None:
        for final in self.finals.values():
            shutil.rmtree(staged_for(final), ignore_errors=True)
