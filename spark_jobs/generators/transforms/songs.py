"""The generated songs and logs, made by all tasks at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pandas as pd
from pyspark.sql import DataFrame, SparkSession

from domain.contract.songplays import PLAY
from domain.generators.songs import EventBlock, SongSizes, event_block

FIGURES = "name string, value long"


def made_blocks(spark: SparkSession, seed: int, sizes: SongSizes, store: Callable[[EventBlock], None]) -> DataFrame:
    """Hands every block of events to `store` in a task; the frame has what is true of each: name, value."""
    blocks = spark.range(0, sizes.blocks, 1, sizes.blocks)

    def make(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for number in (number for batch in batches for number in batch["id"].tolist()):
            block = event_block(seed, sizes, number)
            store(block)
            yield pd.DataFrame(list(truth(block).items()), columns=["name", "value"])

    return blocks.mapInPandas(make, FIGURES)


def truth(block: EventBlock) -> dict[str, int]:
    """The counts that a correct cleaning finds in the block, by name."""
    plays = [event for event in block.events if event["page"] == PLAY]
    paid = sum(event["level"] == "paid" for event in plays)
    figures = {"events": len(block.events), "plays": len(plays), "plays.paid": paid, "plays.free": len(plays) - paid}
    planted = {f"planted.{reason}": count for reason, count in block.planted.items()}
    return {f"truth.{name}": value for name, value in figures.items()} | planted
