"""What a search for settings has found: in words, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.models.settings import ModelSettings

WORDS = {"ranking": "implicit ALS", "stars": "explicit ALS", "ease": "EASE"}  # others are called as the settings are
Figures = Mapping[str, Mapping[str, Any]]  # by part: measure, before, best; trials; interval of the gain


def said(before: ModelSettings, after: ModelSettings, figures: Figures) -> list[str]:
    """One or two lines: each part's figure with the defaults and with what was found, and the settings that changed."""
    measured = {part: of for part, of in figures.items() if of["best"] is not None}
    if not measured:
        return ["nothing was found, for no trial was completed: give a longer --timeout; the settings are the defaults"]
    changes = _changes(before, after)
    if not changes:
        tried = sum(sum(of.get("trials", {}).values()) for of in measured.values())
        told = ", ".join(f"{WORDS.get(part, part)} {of['measure']} {of['best']:.4f}" for part, of in measured.items())
        return [f"nothing better than the present settings was found on the validation part: {told}, in {tried} trials"]
    gains = ", ".join(_gain(WORDS.get(part, part), of) for part, of in measured.items())
    return [f"found on the validation part, against the defaults: {gains}", f"settings: {'; '.join(changes)}"]


def _gain(name: str, of: Mapping[str, Any]) -> str:
    before, best = of["before"], of["best"]
    if before is None:
        return f"{name} {of['measure']} {best:.4f} (the defaults were not measured)"
    if before == best:
        return f"{name} {of['measure']} {best:.4f} as before"
    interval = f" ± {of['interval']:.4f}" if of.get("interval") else ""
    return f"{name} {of['measure']} {before:.4f} → {best:.4f} ({best - before:+.4f}{interval})"


def _changes(before: ModelSettings, after: ModelSettings) -> list[str]:
    """What is other than it was, part by part: rank 64 → 32, …"""
    old, new = before.as_parts(), after.as_parts()
    parts = []
    for part, values in new.items():
        pairs = ((name, old[part][name], value) for name, value in values.items())
        if changed := [f"{name} {was:.4g} → {value:.4g}" for name, was, value in pairs if was != value]:
            parts.append(f"{part} {', '.join(changed)}")
    return parts
