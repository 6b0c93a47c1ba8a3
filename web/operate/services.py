"""Services as /operate tells them: Cassandra's nodes, the model in this process, jobs that died."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.contract.lights import Light, gravity
from domain.contract.runs import Status
from web.operate.endings import command_for, page_of
from web.operate.models import Look, Part
from web.operate.store import Seen
from web.shown.formats import began


def services(seen: Seen) -> Look:
    """All of them in one light."""
    down = sorted(address for address, is_up in seen.nodes.items() if is_up is False)
    lost = _lost(seen)
    parts = [_nodes(seen, down), _model(seen), _jobs(lost)]
    first = max(parts, key=lambda part: gravity(part.light))
    command = "make status" if down else (command_for(lost[0].job) if lost else None)
    said = "Everything answers." if first.light == Light.GOOD else f"{first.name}: {first.sentence}"
    return Look(subject="services", light=first.light, sentence=said, command=command, page=first.page, parts=parts)


def _lost(seen: Seen) -> list[Any]:
    """The newest run of each job where that died."""
    newest = {run.job: run for run in reversed(seen.runs)}
    return [newest[job] for job in sorted(newest) if newest[job].status == Status.LOST]


def _nodes(seen: Seen, down: Sequence[str]) -> Part:
    of = f"{len(seen.nodes)} node{'' if len(seen.nodes) == 1 else 's'}"
    said = f"{len(down)} of {of} down ({', '.join(down)})." if down else f"{of} up."
    return _part("Cassandra", Light.ACT if down else Light.GOOD, said)


def _model(seen: Seen) -> Part:
    if seen.active is None:
        return _part("Model in memory", Light.GOOD, "nothing to load yet.")
    is_loaded = seen.model == seen.active.run_id
    said = "loaded." if is_loaded else "not loaded yet; new ratings change no list until it is."
    return _part("Model in memory", Light.GOOD if is_loaded else Light.WATCH, said)


def _jobs(lost: Sequence[Any]) -> Part:
    if not lost:
        return _part("Jobs", Light.GOOD, "none died.")
    died = ", ".join(f"{run.job} (its run of {began(run.run_id)})" for run in lost)
    said = f"{died} ended without a word. Look at its record, then run it again."
    return _part("Jobs", Light.ACT, said, page_of(lost[0]))


def _part(name: str, light: Light, sentence: str, page: str = "/runs") -> Part:
    return Part(name=name, light=light, sentence=sentence, page=page)
