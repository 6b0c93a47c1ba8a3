"""Plotly's script out of the installed package: figures need no network and no CDN."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path


def installed_version() -> str:
    """The version of the installed package, which is in the script's address."""
    return version("plotly")


def script() -> bytes:
    """Plotly's script, 4.8 MB."""
    package = find_spec("plotly")  # importing plotly would cost a second; its script is all that is needed
    assert package is not None and package.origin is not None
    return (Path(package.origin).parent / "package_data" / "plotly.min.js").read_bytes()


@cache
def compressed_script() -> bytes:
    """1.4 MB in place of 4.8 MB, made once a process."""
    return gzip.compress(script())
