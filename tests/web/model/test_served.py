"""The model in the processes of the site: whole or not there, once a machine, and never in the way."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from cassandra.cluster import Session

from cql import TABLES
from domain.serving.arrays import ABOUT
from tests.support.small_processes import wait_for
from tests.support.stored_model import SETTINGS, StoredModels, arrays_of
from web import create_app
from web.app.database import Database
from web.model import model_folder, served
from web.model.served import ModelHolder, ServedModel

FACTORS = 5_000 * 64  # numbers
FIRST, SECOND = "20260101T000000.000Z-aaaaaa", "20260102T000000.000Z-bbbbbb"


@pytest.fixture
def stored() -> StoredModels:
    stored = StoredModels()
    stored.publish(FIRST, 1)
    return stored


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "model"


def load(stored: StoredModels, folder: Path) -> ServedModel:
    """What a process that begins now has after its first look."""
    holder = stored.holder(folder)
    holder.look()
    assert holder.served is not None
    return holder.served


def is_of(model: ServedModel, number: int) -> bool:
    """Whether all arrays are those of that model."""
    wanted = arrays_of(number)
    assert model.arrays.keys() == wanted.keys()
    return all(
        (found := model.arrays[name]).dtype == array.dtype and np.array_equal(found, array)
        for name, array in wanted.items()
    )


def parts_read(stored: StoredModels) -> int:
    return sum(name != ABOUT for _, name, _ in stored.asked)


def test_arrays_and_settings_are_those_of_the_active_run(stored: StoredModels, folder: Path) -> None:
    model = load(stored, folder)
    assert (model.run_id, model.dataset_id) == (FIRST, f"data of {FIRST}")
    assert model.settings == SETTINGS
    assert is_of(model, 1)
    for array in model.arrays.values():
        assert type(array) is np.ndarray
        with pytest.raises(ValueError, match="read-only"):
            array.ravel()[:0] = 0


def test_a_second_process_maps_what_the_first_has_stored(stored: StoredModels, folder: Path) -> None:
    load(stored, folder)
    assert parts_read(stored) == 4
    assert is_of(load(stored, folder), 1)
    assert parts_read(stored) == 4


def test_without_a_run_there_is_nothing(folder: Path) -> None:
    stored = StoredModels()
    holder = stored.holder(folder)
    holder.look()
    assert holder.served is None
    assert not folder.exists()


def test_a_run_of_an_earlier_version_has_none_and_nobody_is_told(
    stored: StoredModels, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    holder = stored.holder(folder)
    holder.look()
    stored.active = "20250101T000000.000Z-rolled"
    for _ in range(3):
        holder.look()
    assert holder.served is None
    assert stored.asked.count((stored.active, ABOUT, 0)) == 1
    assert caplog.records == []


def test_the_old_arrays_serve_until_the_new_are_whole(stored: StoredModels, folder: Path) -> None:
    holder = stored.holder(folder)
    holder.look()
    seen: list[str] = []

    def note() -> None:
        assert holder.served is not None
        seen.append(holder.served.run_id)

    stored.before_each = note
    old = holder.served
    stored.publish(SECOND, 2)
    holder.look()
    assert set(seen) == {FIRST}
    assert holder.served is not None and is_of(holder.served, 2)
    assert [each.name for each in folder.iterdir() if each.is_dir()] == [SECOND]
    assert old is not None and is_of(old, 1), "who still answers with the old ones has their pages"


def test_readers_see_one_model_or_the_other_while_runs_are_flipped(stored: StoredModels, folder: Path) -> None:
    holder = stored.holder(folder)
    holder.look()
    complaints: list[str] = []
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            model = holder.served
            assert model is not None
            seen.add(model.run_id)
            if not is_of(model, {FIRST: 1, SECOND: 2}[model.run_id]):
                complaints.append(model.run_id)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for run_id, number in [(SECOND, 2), (FIRST, 1)] * 4:
        stored.publish(run_id, number)
        holder.look()
        time.sleep(0.02)
    done.set()
    for reader in readers:
        reader.join()
    assert complaints == []
    assert seen == {FIRST, SECOND}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Time as the holder sees it stands still; the fixture lets it go on."""
    now = [1000.0]
    monkeypatch.setattr(served, "time", SimpleNamespace(monotonic=lambda: now[0], perf_counter=time.perf_counter))

    def go_on(seconds: float) -> None:
        now[0] += seconds

    return go_on


def test_a_missing_part_is_told_once_and_tried_again_ever_more_rarely(
    stored: StoredModels, folder: Path, clock: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    holder = stored.holder(folder)
    holder.look()
    stored.publish(SECOND, 2)
    lost = stored.parts.pop((SECOND, "factors", 2))
    tries = []
    for second in range(300):
        before = len(stored.asked)
        holder.look()
        tries += [second] if len(stored.asked) > before else []
        clock(1.0)
    assert tries == [0, 2, 6, 14, 30, 62, 122, 182, 242]
    assert holder.served is not None and holder.served.run_id == FIRST
    assert [f"{SECOND} is not loaded" in record.message for record in caplog.records] == [True]
    assert "part 2 of factors has 0 bytes" in caplog.text
    assert sorted(each.name for each in folder.iterdir()) == [FIRST, "lock"], "nothing is left of the tries"

    stored.parts[SECOND, "factors", 2] = lost
    clock(60.0)
    holder.look()
    assert is_of(holder.served, 2)


def test_another_run_does_not_wait_for_one_that_failed(
    stored: StoredModels, folder: Path, clock: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    holder = stored.holder(folder)
    about = stored.parts[FIRST, ABOUT, 0]
    stored.parts[FIRST, ABOUT, 0] = about.replace(b'"version": 1', b'"version": 9')
    holder.look()
    assert holder.served is None
    assert "version 9" in caplog.text
    stored.publish(SECOND, 2)
    holder.look()
    assert holder.served is not None and holder.served.run_id == SECOND


def test_while_cassandra_is_away_the_model_serves_on(
    stored: StoredModels, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    holder = stored.holder(folder)
    stored.away = True
    holder.look()
    assert holder.served is None
    stored.away = False
    holder.look()
    stored.publish(SECOND, 2)
    stored.away = True
    holder.look()
    assert holder.served is not None and is_of(holder.served, 1)
    assert caplog.records == [], "requests tell of it"


def test_cassandra_that_goes_while_parts_are_read_is_no_end(
    stored: StoredModels, folder: Path, clock: Callable[[float], None]
) -> None:
    holder = stored.holder(folder)
    left = [1]

    def go_away() -> None:
        stored.away = left[0] == 0
        left[0] -= 1

    stored.before_each = go_away
    holder.look()
    assert holder.served is None
    stored.away, stored.before_each = False, lambda: None
    clock(served.LOOK_SECONDS)
    holder.look()
    assert holder.served is not None and is_of(holder.served, 1)


def shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def other_numbers(file: Path) -> None:
    np.save(file, np.zeros(3))


def no_array(file: Path) -> None:
    file.write_text("PK")


@pytest.mark.parametrize("tear", [Path.unlink, shorten, empty, other_numbers, no_array])
def test_a_torn_folder_is_made_anew(stored: StoredModels, folder: Path, tear: Callable[[Path], None]) -> None:
    load(stored, folder)
    tear(folder / FIRST / "factors.npy")
    assert is_of(load(stored, folder), 1)
    assert parts_read(stored) == 8
    assert is_of(load(stored, folder), 1)
    assert parts_read(stored) == 8, "it is whole again"


def test_what_others_left_is_removed(stored: StoredModels, folder: Path) -> None:
    load(stored, folder)
    (folder / FIRST).rename(folder / model_folder.STAGED)  # as if that process had been killed while it wrote
    (folder / "20200101T000000.000Z-cccccc").mkdir()
    assert is_of(load(stored, folder), 1)
    assert sorted(each.name for each in folder.iterdir()) == [FIRST, "lock"]


def a_link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


def for_everybody(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def of_another(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)


def lock_is_a_link(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / "lock").symlink_to(folder.parent / "not_to_be_made")


@pytest.mark.parametrize("plant", [a_link, for_everybody, of_another, Path.touch, lock_is_a_link])
def test_a_folder_that_is_not_ours_alone_is_not_used(
    stored: StoredModels, folder: Path, plant: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    if plant is of_another and os.getuid() != 0:
        pytest.skip("only root gives folders away")
    plant(folder)
    assert is_of(load(stored, folder), 1)
    assert "in the memory of this process alone" in caplog.text
    assert not (folder / FIRST).exists()
    assert not (folder.parent / "not_to_be_made").exists()


def test_nobody_else_may_look_into_the_folder(stored: StoredModels, folder: Path) -> None:
    load(stored, folder)
    assert [oct(each.stat().st_mode & 0o777) for each in (folder, folder / FIRST)] == ["0o700", "0o700"]


def test_on_a_full_disk_the_arrays_are_in_memory(
    stored: StoredModels, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model_folder.os, "fsync", full)
    assert is_of(load(stored, folder), 1)
    assert "No space left on device" in caplog.text
    assert [each.name for each in folder.iterdir()] == ["lock"], "it is not in the way of others"


def process(folder: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.stored_model", str(folder), FIRST, str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_of_several_processes_one_stores_and_all_map(folder: Path) -> None:
    processes = [process(folder, 0.3) for _ in range(2)]
    said = [json.loads(each.communicate(timeout=60)[0].splitlines()[-1]) for each in processes]
    assert sorted(each["read"] for each in said) == [0, 4]
    assert [(each["total"], each["mapped"]) for each in said] == [(FACTORS, True)] * 2


def test_a_process_that_is_killed_while_it_stores_is_in_nobodys_way(stored: StoredModels, folder: Path) -> None:
    killed = process(folder, 20.0)
    try:
        wait_for((folder / model_folder.STAGED).exists)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
    assert is_of(load(stored, folder), 1)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "LOOK_SECONDS", 0.01)


def test_the_first_request_that_asks_begins_and_later_ones_have_the_model(
    stored: StoredModels, folder: Path, at_once: None
) -> None:
    app = create_app({"CASSANDRA_HOSTS": "", "CASSANDRA_PORT": "1"})
    app.extensions["recommender.model"] = stored.holder(folder)
    time.sleep(0.05)
    assert stored.asked == []

    def run_id() -> str | None:
        with app.app_context():
            model = served.served_model()
        return model and model.run_id

    wait_for(lambda: run_id() == FIRST)
    stored.publish(SECOND, 2)
    wait_for(lambda: run_id() == SECOND)
    figures = app.test_client().get("/metrics").text
    assert f'recommender_model_loaded{{run_id="{FIRST}"}} 0.0' in figures
    assert f'recommender_model_loaded{{run_id="{SECOND}"}} 1.0' in figures
    (seconds,) = re.findall(r"(?m)^recommender_model_load_seconds (\S+)$", figures)
    assert 0 < float(seconds) < 60


def watchers() -> int:
    return sum(thread.name == "served model" for thread in threading.enumerate())


def test_the_thread_ends_with_the_app_and_is_one_for_all_requests(
    stored: StoredModels, folder: Path, at_once: None
) -> None:
    gc.collect()
    wait_for(lambda: watchers() == 0)
    holder = stored.holder(folder)
    asking = [threading.Thread(target=holder.start) for _ in range(8)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert watchers() == 1
    del holder
    wait_for(lambda: watchers() == 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_failed_is_started_again(
    stored: StoredModels, folder: Path, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(kind: object) -> None:
        raise RuntimeError("nobody thought of this")

    holder = stored.holder(folder)
    with monkeypatch.context() as broken:
        broken.setattr(stored, "get", fail)
        holder.start()
        wait_for(lambda: watchers() == 0)
    holder.start()
    wait_for(lambda: holder.served is not None)


@pytest.mark.cluster
def test_the_parts_of_a_real_table_are_loaded(database: Database, session: Session, folder: Path) -> None:
    stored = StoredModels()
    stored.publish(FIRST, 1)
    insert = session.prepare(TABLES["model_parts_by_run"].insert)
    for (run_id, name, part), data in stored.parts.items():
        session.execute(insert, (run_id, name, part, data))
    holder = ModelHolder(database, stored, lambda: folder)  # type: ignore[arg-type]
    holder.look()
    assert holder.served is not None
    assert is_of(holder.served, 1)
