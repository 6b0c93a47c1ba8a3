"""The features of all titles in the driver's memory, and the lists that tasks make from them.

A million titles with ten million credits are about 600 MB.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from spark_jobs.transforms.similar_titles import BLOCK, Features, Matrix, description_words, directions, similar_titles

COLUMNS = ["media_id", "type", "score", "votes", "description", "genres", "countries"]


def similar_by_title(spark: SparkSession, folder: Path, n: int) -> DataFrame:
    """The rows of similar_by_title without run_id, from the clean titles and credits in `folder`."""
    features = load_features(folder)
    starts = spark.range(0, len(features.ids), BLOCK).withColumnRenamed("id", "start")
    spread = starts.repartition(4 * spark.sparkContext.defaultParallelism)
    return similar_titles(spread, spark.sparkContext.broadcast(features), n)


def load_features(folder: Path) -> Features:
    """What titles are compared by, from the clean titles and credits in `folder`."""
    titles = pq.read_table(folder / "titles", columns=COLUMNS).sort_by("media_id").combine_chunks()
    credits = pq.read_table(folder / "credits", columns=["media_id", "person_id"])
    rows = pc.index_in(credits["media_id"], value_set=titles["media_id"].combine_chunks()).to_numpy()
    person_ids, columns = np.unique(credits["person_id"].to_numpy(), return_inverse=True)
    words, vocabulary = description_words(pc.fill_null(titles["description"], "").to_pylist())
    return Features(
        ids=titles["media_id"].to_numpy(),
        people=directions(rows, columns, (len(titles), len(person_ids))),
        words=words,
        genres=_listed(titles["genres"]),
        countries=_listed(titles["countries"]),
        is_show=pc.equal(titles["type"], "SHOW").to_numpy(),
        score=titles["score"].to_numpy().astype(np.float32),
        votes=pc.fill_null(titles["votes"], 0).to_numpy().astype(np.int64),
        person_ids=person_ids.astype(np.int32),
        vocabulary=vocabulary,
    )


def _listed(lists: pa.ChunkedArray) -> Matrix:
    values = lists.combine_chunks()
    rows = pc.list_parent_indices(values).to_numpy()
    names, columns = np.unique(pc.list_flatten(values).to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    return directions(rows, columns, (len(values), len(names)))
