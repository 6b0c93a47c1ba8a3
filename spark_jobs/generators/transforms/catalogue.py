"""The generated catalogue, made by all tasks at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pandas as pd
from pyspark.sql import DataFrame, SparkSession

from domain.contract.catalogue import HEADERS
from domain.generators.catalogue import MediaSizes, media_block

PLANTED = "planted"  # beside the files: JSON is too much for a count and a name


def media_parts(spark: SparkSession, seed: int, sizes: MediaSizes, parts: int) -> DataFrame:
    """Text of a part of each file: `file` (titles, credits or planted), `value` (its lines, the last without an end).

    Parts depend on their number alone, not on who makes them. Lines of planted are a reason for each bad line.
    """
    blocks = spark.range(0, sizes.blocks, 1, parts)
    return blocks.mapInPandas(_texts(seed, sizes), "file string, value string")


def _texts(seed: int, sizes: MediaSizes) -> Callable[[Iterable[pd.DataFrame]], Iterator[pd.DataFrame]]:
    def texts(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        lines: dict[str, list[str]] = {**{file: [header] for file, header in HEADERS.items()}, PLANTED: []}
        for batch in batches:
            for block in batch["id"].tolist():
                made = media_block(seed, sizes, block)
                lines["titles"] += made.titles
                lines["credits"] += made.credits
                lines[PLANTED] += [reason for reason, count in made.planted.items() for _ in range(count)]
        whole = [(file, "\n".join(text)) for file, text in lines.items() if text]
        yield pd.DataFrame(whole, columns=["file", "value"])

    return texts
