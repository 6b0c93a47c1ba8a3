"""What the pipeline makes of the real ml-latest-small, beside an independent computation by pandas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cluster.settings import Settings
from cql.connect import Contact, connect
from tests.support.sites import records

pytestmark = [pytest.mark.cluster, pytest.mark.realdata]

LINES = {"ratings": 100_836, "movies": 9_742, "tags": 3_683, "links": 9_742}


@pytest.fixture(scope="module")
def counts(site: Settings) -> dict[str, int]:
    """The counts of the cleaning job."""
    return dict(records(site.data_dir, "preprocess_movielens")[0]["counts"])


@pytest.fixture(scope="module")
def statistics(site: Settings) -> pd.DataFrame:
    """The table statistics_by_movie, by movie_id."""
    session = connect(Contact.from_env(site.child_environ()))
    try:
        rows = session.execute(
            "SELECT movie_id, rating_count, mean_rating, std_rating, histogram, tag_count FROM statistics_by_movie"
        )
        return pd.DataFrame(rows.all()).set_index("movie_id").sort_index()
    finally:
        session.cluster.shutdown()


@pytest.mark.parametrize("file", LINES)
def test_every_line_is_a_clean_row_or_a_rejected_one(site: Settings, counts: dict[str, int], file: str) -> None:
    clean, rejected = (pd.read_parquet(site.data_dir / side / file) for side in ("clean", "rejected"))
    reasons = {f"{file}.rejected.{reason}": count for reason, count in rejected["reason"].value_counts().items()}
    assert counts[f"{file}.in"] == LINES[file] == len(clean) + len(rejected)
    assert (counts[f"{file}.clean"], counts[f"{file}.rejected"]) == (len(clean), len(rejected))
    assert {name: count for name, count in counts.items() if name.startswith(f"{file}.rejected.")} == reasons
    assert not rejected.duplicated(["file", "line"]).any()


def test_figures_of_movies_are_those_of_pandas(
    movielens_small: Path, counts: dict[str, int], statistics: pd.DataFrame
) -> None:
    ratings = pd.read_csv(movielens_small / "ratings.csv")
    assert counts["ratings.clean"] == len(ratings.drop_duplicates(["userId", "movieId"])) == len(ratings)
    expected = ratings.groupby("movieId")["rating"].agg(["count", "mean", lambda stars: stars.std(ddof=0)])
    rated = statistics[statistics["rating_count"] > 0]
    assert rated.index.tolist() == expected.index.tolist()
    np.testing.assert_allclose(rated[["rating_count", "mean_rating", "std_rating"]], expected, atol=1e-9)
    by_star = np.stack(statistics["histogram"]).sum(axis=0).tolist()
    assert by_star == ratings["rating"].value_counts().sort_index().tolist()


def test_tags_and_years_are_those_of_pandas(
    site: Settings, movielens_small: Path, counts: dict[str, int], statistics: pd.DataFrame
) -> None:
    tags = pd.read_csv(movielens_small / "tags.csv")
    folded = tags["tag"].str.split().str.join(" ").str.casefold()
    distinct = tags.assign(tag=folded).drop_duplicates(["userId", "movieId", "tag"])
    assert counts["tags.clean"] == len(distinct) == statistics["tag_count"].sum()
    titles = pd.read_csv(movielens_small / "movies.csv")["title"]
    without_year = ~titles.str.contains(r"\((?:19|20)[0-9]{2}(?:–[0-9]{4})?\)\s*$")
    assert pd.read_parquet(site.data_dir / "clean" / "movies")["year"].isna().sum() == without_year.sum()
