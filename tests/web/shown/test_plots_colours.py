"""Colours of the style sheet: text that is read, and series that colour-blind people tell apart, in light and dark."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from domain.contract.report_files import PALETTE

STYLE = (Path(__file__).resolve().parents[3] / "web" / "static" / "style.css").read_text(encoding="utf-8")
SCHEMES = ("light", "dark")
TEXTS = ("--text", "--quiet", "--accent", "--star", "--good", "--bad")
SURFACES = ("--page", "--surface", "--soft")
SERIES = [f"--series-{place}" for place in range(1, 6)]
# Machado, Oliveira & Fernandes (2009), A Physiologically-based Model for Simulation of Color Vision Deficiency, of
# severity 1.0 and linear RGB
SIMULATED = {
    "as it is": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])  # D65
APART = 15.0  # CIE76; 2.3 is just noticed
Colour = NDArray[np.float64]


def variables(scheme: str) -> dict[str, str]:
    """The colours of a scheme by variable."""
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    found = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", light))
    return found if scheme == "light" else {**found, **dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", dark))}


def linear(colour: str) -> Colour:
    """Linear RGB of a #rrggbb."""
    part = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2."""
    dark, light = sorted(float(linear(colour) @ TO_XYZ[1]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: Colour) -> Colour:
    """CIE L*a*b* of linear RGB."""
    ratio = TO_XYZ @ np.clip(rgb, 0, 1) / WHITE
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_is_read_on_every_surface(scheme: str) -> None:
    colours = variables(scheme)
    pairs = {(text, below): contrast(colours[text], colours[below]) for text in TEXTS for below in SURFACES}
    pairs["--on-accent", "--accent"] = contrast(colours["--on-accent"], colours["--accent"])
    assert {pair: ratio for pair, ratio in pairs.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_series_and_scales_are_seen_on_the_surface(scheme: str) -> None:
    colours = variables(scheme)
    ratios = {name: contrast(colours[name], colours["--surface"]) for name in (*SERIES, "--scale-low", "--scale-high")}
    assert {name: ratio for name, ratio in ratios.items() if ratio < 3} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("sight", SIMULATED)
def test_neighbouring_series_are_told_apart(scheme: str, sight: str) -> None:
    colours = variables(scheme)
    seen = [lab(np.array(SIMULATED[sight]) @ linear(colours[name])) for name in SERIES]
    apart = [float(np.linalg.norm(one - other)) for one, other in pairwise(seen)]
    assert min(apart) > APART, dict(zip(SERIES, apart, strict=False))


def test_letters_of_posters_are_read() -> None:
    tones = re.findall(r"\.tone-\d \{ background: linear-gradient\(150deg, (#\w{6}), (#\w{6})\); \}", STYLE)
    assert len(tones) == 8
    assert [tone for tone in tones if min(contrast("#ffffff", colour) for colour in tone) < 3] == []


def test_files_of_reports_have_the_colours_of_the_site() -> None:
    assert [variables("light")[name] for name in SERIES] == PALETTE
