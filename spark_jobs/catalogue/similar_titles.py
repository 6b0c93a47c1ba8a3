"""The features of all titles in the driver's memory, and the lists that tasks make from them.

A million titles with ten million credits are about 600 MB. Words are counted here and not in a transform: what imports
scikit-learn there makes the process of every task import it too, which takes longer than a task.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark.sql import DataFrame, SparkSession
from scipy import sparse
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer

from domain.contract.titles import title_words
from spark_jobs.catalogue.transforms.likeness import BLOCK, Features, Matrix, directions, similar_titles

COLUMNS = ["media_id", "type", "score", "votes", "description", "genres", "countries"]
COMMON = 0.1  # words that more of the descriptions have say nothing
MOST_WORDS = 200_000


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


def description_words(descriptions: list[str]) -> tuple[Matrix, NDArray[Any]]:
    """TF-IDF of the folded words but the most common English ones, rows of length 1; and the words of the columns.

    scikit-learn's: ln((1 + n) / (1 + df)) + 1 times 1 + ln(tf). Words of one description alone are left out.
    """
    vectorizer = TfidfVectorizer(
        analyzer=_telling_words, min_df=2, max_df=COMMON, max_features=MOST_WORDS, sublinear_tf=True, dtype=np.float32
    )
    try:
        matrix = vectorizer.fit_transform(descriptions)
    except ValueError:  # no word is in two descriptions but not in many
        return sparse.csr_array((len(descriptions), 0), dtype=np.float32), np.array([], object)
    return sparse.csr_array(matrix), vectorizer.get_feature_names_out()


def _telling_words(text: str) -> list[str]:
    return [word for word in title_words(text) if word not in ENGLISH_STOP_WORDS and len(word) > 2]
