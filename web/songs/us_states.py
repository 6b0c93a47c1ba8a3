"""The states of the USA and where they lie in the outline of web/templates/songs/outline.svg.

Both are made from the states of us-atlas 3.0.1 (boundaries of the U.S. Census Bureau, public domain). They are in the
Albers equal-area conic projection, Alaska and Hawaii moved to the lower left, in a frame of 975 × 610 pixels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WIDTH, HEIGHT = 975, 610
# of a metropolitan area as the Census calls it: «New York-Newark-Jersey City, NY-NJ-PA» begins in NY
_STATES_AT_END = re.compile(r",\s*([A-Z]{2})(?:-[A-Z]{2})*\s*$")


@dataclass(frozen=True)
class State:
    """A state and the centroid of its largest part, in pixels of the outline from its upper left."""

    name: str
    x: int
    y: int


STATES = {
    "AK": State("Alaska", 102, 521),
    "AL": State("Alabama", 672, 432),
    "AR": State("Arkansas", 564, 391),
    "AZ": State("Arizona", 208, 382),
    "CA": State("California", 82, 288),
    "CO": State("Colorado", 332, 290),
    "CT": State("Connecticut", 886, 190),
    "DC": State("District of Columbia", 828, 267),
    "DE": State("Delaware", 853, 260),
    "FL": State("Florida", 767, 515),
    "GA": State("Georgia", 736, 428),
    "HI": State("Hawaii", 317, 588),
    "IA": State("Iowa", 540, 227),
    "ID": State("Idaho", 199, 147),
    "IL": State("Illinois", 615, 270),
    "IN": State("Indiana", 665, 269),
    "KS": State("Kansas", 456, 309),
    "KY": State("Kentucky", 688, 321),
    "LA": State("Louisiana", 576, 478),
    "MA": State("Massachusetts", 897, 172),
    "MD": State("Maryland", 832, 263),
    "ME": State("Maine", 919, 94),
    "MI": State("Michigan", 684, 185),
    "MN": State("Minnesota", 525, 132),
    "MO": State("Missouri", 560, 312),
    "MS": State("Mississippi", 618, 438),
    "MT": State("Montana", 287, 100),
    "NC": State("North Carolina", 801, 351),
    "ND": State("North Dakota", 429, 104),
    "NE": State("Nebraska", 434, 239),
    "NH": State("New Hampshire", 893, 140),
    "NJ": State("New Jersey", 862, 230),
    "NM": State("New Mexico", 311, 393),
    "NV": State("Nevada", 142, 252),
    "NY": State("New York", 834, 172),
    "OH": State("Ohio", 724, 253),
    "OK": State("Oklahoma", 471, 376),
    "OR": State("Oregon", 103, 134),
    "PA": State("Pennsylvania", 806, 226),
    "RI": State("Rhode Island", 904, 184),
    "SC": State("South Carolina", 779, 392),
    "SD": State("South Dakota", 430, 172),
    "TN": State("Tennessee", 674, 361),
    "TX": State("Texas", 434, 469),
    "UT": State("Utah", 227, 269),
    "VA": State("Virginia", 801, 305),
    "VT": State("Vermont", 873, 136),
    "WA": State("Washington", 124, 59),
    "WI": State("Wisconsin", 595, 167),
    "WV": State("West Virginia", 767, 285),
    "WY": State("Wyoming", 308, 195),
}


def state_of(place: str) -> str | None:
    """The code of the first state that stands after the last comma of a place, None where none does."""
    match = _STATES_AT_END.search(place)
    return match[1] if match and match[1] in STATES else None
