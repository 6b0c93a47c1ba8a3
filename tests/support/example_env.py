"""The variables that users may set, as .env.example has them."""

from __future__ import annotations

import re
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"


def documented_variables() -> set[str]:
    """Their names, commented out or not."""
    return set(re.findall(r"^#? ?([A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE))
