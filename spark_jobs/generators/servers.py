"""Measurements of servers as files, for the detector of outliers."""

from __future__ import annotations

from pathlib import Path

from domain.generators.servers import make_servers, server_lines


def write_servers(folder: Path, seed: int) -> int:
    """Make `folder` with {metrics,validation,labels}.csv; returns how many servers are measured."""
    folder.mkdir(parents=True)
    servers = make_servers(seed)
    for name, lines in server_lines(servers).items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(servers.metrics)
