"""The real catalogue, built by the job on the real cluster and asked for through the API, beside pandas' answers."""

from __future__ import annotations

import ast
import dataclasses
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cassandra.cluster import Session
from flask.testing import FlaskClient

from cluster.settings import Settings
from cql import TABLES, active
from cql.connect import Contact, connect
from cql.kinds import Kind
from domain.contract.titles import title_words
from spark_jobs import build_catalogue
from tests.support.shared_jobs import SharedJobs
from tests.support.site_world import KEY, open_site
from web.catalogue.names import FOUND_TITLES

pytestmark = [pytest.mark.cluster, pytest.mark.realdata]
API = "/api/v1/catalogue"
DATASET = "small-of-the-test"
SEED, CHOSEN = 7, 50


@dataclasses.dataclass(frozen=True)
class World:
    """The files as pandas reads them, without the rows that cannot be shown, and the record of the job."""

    titles: pd.DataFrame
    credits: pd.DataFrame
    links: pd.DataFrame
    record: dict[str, Any]
    contact: Contact


def read_titles(folder: Path) -> pd.DataFrame:
    titles = pd.read_csv(folder / "titles.csv").dropna(subset=["title"])
    for column in ("genres", "production_countries"):
        titles[column] = titles[column].map(ast.literal_eval)
    votes = titles.imdb_votes.fillna(-1)
    return titles.assign(known_score=titles.imdb_score.fillna(-1), known_votes=votes).set_index("id", drop=False)


@pytest.fixture(scope="module")
def world(
    cluster: Settings,
    jobs: SharedJobs,
    netflix: Path,
    movielens_small: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """The job has run on the real files, with the links of the real MovieLens as clean data."""
    own = dataclasses.replace(cluster, data_dir=tmp_path_factory.mktemp("catalogue"))
    clean = own.data_dir / "clean"
    (clean / "links").mkdir(parents=True)
    links = pd.read_csv(movielens_small / "links.csv").dropna().astype(int)
    links = links.assign(imdb_id="tt" + links.imdbId.astype(str).str.zfill(7)).rename(columns={"movieId": "movie_id"})
    table = pa.table({"movie_id": pa.array(links.movie_id, pa.int32()), "imdb_id": links.imdb_id.tolist()})
    pq.write_table(table, clean / "links" / "part-0.parquet")
    (clean / "dataset.json").write_text(json.dumps({"dataset_id": DATASET, "run_id": "1"}), encoding="utf-8")
    assert jobs.submit(own, "build_catalogue", ["--catalogue", str(netflix)]) == 0
    record = json.loads(max((own.data_dir / "runs").glob("*.json")).read_text(encoding="utf-8"))
    titles, credits = read_titles(netflix), pd.read_csv(netflix / "credits.csv", keep_default_na=False)
    yield World(titles, credits[credits.id.isin(titles.id)], links, record, Contact.from_env(own.child_environ()))


@pytest.fixture(scope="module")
def session(world: World) -> Iterator[Session]:
    session = connect(world.contact)
    yield session
    session.cluster.shutdown()


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[FlaskClient]:
    with open_site(world.contact) as client:
        yield client


def get(client: FlaskClient, path: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"{API}{path}", query_string=query)
    assert answer.status_code == 200, (path, query, answer.text)
    return dict(answer.json)


def ids(answer: dict[str, Any]) -> list[str]:
    return [item["media_id"] for item in answer["items"]]


def in_order(titles: pd.DataFrame, sort: str = "score") -> list[str]:
    """The ids as pandas orders them: what is not known last, equal ones by id."""
    keys = {"score": ["known_score", "known_votes"], "votes": ["known_votes", "known_score"]}
    columns = {**keys, "year": ["release_year", *keys["score"]]}[sort]
    return (
        titles.reset_index(drop=True)
        .sort_values([*columns, "id"], ascending=[False] * len(columns) + [True])
        .id.tolist()
    )


def test_every_record_is_stored_or_rejected_with_its_reason(world: World) -> None:
    counts = world.record["counts"]
    assert (counts["titles.in"], counts["credits.in"]) == (5806, 77213)
    kinds = [counts[name] for name in ("titles.in.MOVIE", "titles.in.SHOW", "credits.in.ACTOR", "credits.in.DIRECTOR")]
    assert kinds == [3759, 2047, 72690, 4523]
    assert counts["titles.clean"] + counts["titles.rejected.empty_title"] == 5806
    assert counts["credits.clean"] + counts["credits.rejected.unknown_title"] == 77213


def test_every_table_has_as_many_rows_as_pandas_counts(world: World, session: Session) -> None:
    titles, credits = world.titles, world.credits
    by_role = credits.drop_duplicates(["person_id", "id", "role"])
    values = (
        len(titles)
        + titles.genres.map(len).sum()
        + titles.production_countries.map(len).sum()
        + titles[["type", "release_year", "age_certification"]].notna().sum().sum()
    )
    people = credits.drop_duplicates("person_id").name
    expected = {
        "media_by_id": len(titles),
        "media_by_movie": titles.imdb_id.isin(world.links.imdb_id).sum(),
        "credits_by_title": len(credits),
        "people_by_id": credits.person_id.nunique(),
        "titles_by_person": len(by_role),
        "titles_by_score": values,
        "titles_by_year": values - len(titles),
        "facets_by_run": 1
        + titles.genres.explode().nunique()
        + titles.production_countries.explode().nunique()
        + titles[["type", "release_year", "age_certification"]].nunique().sum(),
        "people_by_head": filed(people, (2, 5, 8), 2),
        "titles_by_head": filed(titles.title, (1, 3), 3),
    }
    for table, count in expected.items():
        key = ", ".join(TABLES[table].primary_key)
        assert sum(1 for _ in session.execute(f"SELECT {key} FROM {table}")) == count, table
        assert world.record["counts"][f"rows.{table}"] == count, table
    # one row for each title that has anything in common with another: all that share a genre and a type do
    similar = world.record["counts"]["rows.similar_by_title"]
    assert set(expected) | {"similar_by_title"} == set(build_catalogue.TABLES)
    assert sum(1 for _ in session.execute("SELECT run_id, media_id FROM similar_by_title")) == similar
    shared = titles.explode("genres").dropna(subset=["genres"]).duplicated(["genres", "type"], keep=False)
    assert shared[shared].index.nunique() <= similar <= len(titles)


def filed(names: Iterable[str], lengths: tuple[int, ...], longest: int) -> int:
    """How many rows of 300 there are, with names filed under the beginnings of one and of two of their words."""
    sizes = Counter(head for name in names for head in heads(name) | pairs(name, lengths, longest))
    return sum(-(-size // 300) for size in sizes.values())


def heads(name: str) -> set[tuple[str, ...]]:
    """The beginnings under which a name is filed."""
    words = title_words(name)
    begun = {word[:n] for word in words for n in (3, 6, 9) if len(word) >= n} | {w for w in words if len(w) < 3}
    return {(each,) for each in begun}


def pairs(name: str, lengths: tuple[int, ...], longest: int) -> set[tuple[str, ...]]:
    """The beginnings of two words, one of them of at least `longest` letters."""
    begun = {(word, word[:n]) for word in title_words(name) for n in lengths if len(word) >= n}
    twos = ((mine, theirs) for one, mine in begun for other, theirs in begun if one != other)
    return {tuple(sorted(two)) for two in twos if max(map(len, two)) >= longest}


def test_the_titles_of_random_actors_and_directors_are_in_pandas_order(client: FlaskClient, world: World) -> None:
    for role in ("ACTOR", "DIRECTOR"):
        of_role = world.credits[world.credits.role == role]
        most = of_role.name.value_counts().index[:5].tolist()
        names = of_role.name.drop_duplicates().sample(CHOSEN, random_state=SEED).tolist()
        for name in {*names, *most}:
            theirs = world.titles[world.titles.id.isin(of_role[of_role.name == name].id)]
            answer = get(client, "/titles", **{role.lower(): name, "limit": 100})
            assert (ids(answer), answer["total"]) == (in_order(theirs), len(theirs)), name


def test_genre_and_score_are_in_pandas_order_page_by_page(client: FlaskClient, world: World) -> None:
    pairs = world.titles.explode("genres").dropna(subset=["genres", "imdb_score"])
    for genre, score in pairs.sample(CHOSEN, random_state=SEED)[["genres", "imdb_score"]].itertuples(index=False):
        near = (world.titles.imdb_score - score).abs() <= 0.5 + 1e-9
        found = world.titles[near & world.titles.genres.map(lambda genres, genre=genre: genre in genres)]
        expected = in_order(found, "votes")
        answer = get(client, "/titles", genre=genre, score=score, limit=100)
        assert (ids(answer), answer["total"]) == (expected[:100], len(found)), (genre, score)
        if len(expected) > 100:
            assert ids(get(client, "/titles", genre=genre, score=score, limit=40, offset=90)) == expected[90:130]


@pytest.mark.parametrize("sort", ["score", "votes", "year"])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"genre": "comedy"},
        {"genre": "Documentation", "type": "show"},
        {"genre": "drama", "country": "DE", "type": "MOVIE"},
        {"year": 2019},
        {"year": 2019, "genre": "thriller", "score_min": 6},
        {"certification": "TV-MA", "score_min": 7, "score_max": 7.2},
        {"country": "JP", "score_max": 0},
        {"type": "MOVIE", "certification": "TV-MA"},
        {"year": 1800},
        {"year": 2019, "score_min": 8.01, "score_max": 8.09},
        {"score_min": 7.25, "score_max": 7.45, "type": "SHOW"},
        {"score_min": 7.21, "score_max": 7.29, "year": 2019},
    ],
    ids=str,
)
def test_filters_combine_in_every_order(client: FlaskClient, world: World, query: dict[str, Any], sort: str) -> None:
    found = matching(world.titles, query)
    answer = get(client, "/titles", **query, sort=sort, limit=50)
    assert ids(answer) == in_order(found, sort)[:50]
    assert answer["total"] in (None, len(found))
    assert answer["complete"]
    assert ids(get(client, "/titles", **query, sort=sort, limit=20, offset=30)) == in_order(found, sort)[30:50]


@pytest.mark.parametrize("sort", ["score", "votes"])
def test_titles_of_equal_score_and_votes_come_by_id(client: FlaskClient, world: World, sort: str) -> None:
    pairs = world.titles.dropna(subset=["imdb_score", "imdb_votes"]).explode("genres")
    ties = pairs[pairs.duplicated(["genres", "imdb_score", "imdb_votes"], keep=False)].dropna(subset=["genres"])
    assert len(ties) > 2
    for _, tie in list(ties.groupby(["genres", "imdb_score", "imdb_votes"]))[:10]:
        genre, score = tie.genres.iloc[0], float(tie.imdb_score.iloc[0])
        query = {"genre": genre, "score_min": score, "score_max": score}
        found = ids(get(client, "/titles", **query, sort=sort, limit=100))
        places = [found.index(each) for each in sorted(tie.id)]
        assert places == list(range(places[0], places[0] + len(tie)))
        assert found == in_order(matching(world.titles, query), sort)[:100]


def test_titles_without_scores_come_last_by_id(client: FlaskClient, world: World) -> None:
    unknown = world.titles[world.titles.imdb_score.isna()].explode("production_countries")
    sizes = world.titles.explode("production_countries").production_countries.value_counts()
    several = unknown.production_countries.value_counts()
    countries = [country for country in several[several > 1].index if sizes[country] <= 100]
    assert countries
    for country in countries:
        items = get(client, "/titles", country=country, limit=100)["items"]
        expected = sorted(unknown[unknown.production_countries == country].id)
        assert [(item["media_id"], item["score"]) for item in items[-len(expected) :]] == [(e, None) for e in expected]


def matching(titles: pd.DataFrame, query: dict[str, Any]) -> pd.DataFrame:
    """The titles that pandas finds."""
    found = titles
    for column, name in (("genres", "genre"), ("production_countries", "country")):
        if name in query:
            wanted = query[name].casefold()
            found = found[found[column].map(lambda values, wanted=wanted: wanted in [v.casefold() for v in values])]
    for column, name in (("type", "type"), ("age_certification", "certification")):
        if name in query:
            found = found[found[column].fillna("").str.casefold() == query[name].casefold()]
    if "year" in query:
        found = found[found.release_year == query["year"]]
    if "score_min" in query or "score_max" in query:
        found = found[found.imdb_score.between(query.get("score_min", 0), query.get("score_max", 10))]
    return found


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"genre": "reality"},
        {"country": "FR", "score_min": 7},
        {"genre": "drama", "country": "JP"},
        {"type": "SHOW", "certification": "TV-MA", "year": 2019},
    ],
    ids=str,
)
def test_facets_count_the_titles_that_match(client: FlaskClient, world: World, query: dict[str, Any]) -> None:
    answer = get(client, "/facets", **query)
    assert answer["of_matches"]
    found = matching(world.titles, query)
    expected = {
        "genre": found.genres.explode().value_counts(),
        "country": found.production_countries.explode().value_counts(),
        "type": found.type.value_counts(),
        "year": found.release_year.astype(str).value_counts(),
        "certification": found.age_certification.value_counts(),
    }
    for facet, counts in expected.items():
        assert {each["value"]: each["titles"] for each in answer["facets"][facet]} == counts.to_dict(), facet


def test_facets_beside_a_person_or_words_count_their_titles(client: FlaskClient, world: World) -> None:
    niro = world.credits[(world.credits.name == "Robert De Niro") & (world.credits.role == "ACTOR")]
    of_actor = world.titles[world.titles.id.isin(niro.id)]
    of_words = world.titles[world.titles.title.str.contains(r"\b[Tt]axi")]
    for query, found in (({"actor": "robert de niro"}, of_actor), ({"q": "taxi"}, of_words)):
        for more in ({}, {"genre": "drama"}):
            answer = get(client, "/facets", **query, **more)
            expected = matching(found, more)
            assert answer["of_matches"]
            assert sum(each["titles"] for each in answer["facets"]["type"]) == len(expected) > 0
            genres = expected.genres.explode().value_counts().to_dict()
            assert {each["value"]: each["titles"] for each in answer["facets"]["genre"]} == genres


def test_titles_of_two_words_are_those_of_pandas(client: FlaskClient, world: World) -> None:
    words = world.titles.title.map(title_words)
    several = words[words.map(lambda each: len(set(each)) > 1 and max(map(len, each)) > 2)]
    draw = random.Random(SEED)
    for row in several.sample(CHOSEN, random_state=SEED):
        long = max(row, key=len)
        other = draw.choice([word for word in row if word != long])
        asked = [other[: draw.randint(1, len(other))], long[: draw.randint(3, len(long))]]
        has = words.map(lambda each, asked=asked: all(any(w.startswith(a) for w in each) for a in asked))
        answer = get(client, "/titles", q=" ".join(asked), limit=100)
        expected = in_order(world.titles[has], "votes")
        if len(expected) <= FOUND_TITLES:
            assert (ids(answer), answer["total"], answer["complete"]) == (expected[:100], len(expected), True), asked
        else:
            assert not answer["complete"]


def test_a_name_is_found_without_its_accents_and_case(client: FlaskClient, world: World) -> None:
    exact = get(client, "/titles", actor="Penélope Cruz", limit=100)
    assert exact["items"]
    assert ids(get(client, "/titles", actor="penelope CRUZ", limit=100)) == ids(exact)


@pytest.mark.parametrize(
    "name",
    ["Nobody Of This Name", 'O\'Nobody "Quoted"', "😀", "x" * 300, "É" * 300, "'; DROP TABLE media_by_id; --", "\x00"],
)
@pytest.mark.parametrize("role", ["actor", "director"])
def test_an_unknown_name_is_404_with_a_sentence(client: FlaskClient, name: str, role: str) -> None:
    answer = client.get(f"{API}/titles", query_string={role: name})
    assert answer.status_code == 404
    assert answer.json["error"]["message"].startswith(f"There is no {role} «")


def test_names_with_quotes_are_found(client: FlaskClient, world: World) -> None:
    quoted = world.credits[world.credits.name.str.contains("['\"’]")].name.drop_duplicates().head(5)
    assert len(quoted) == 5
    for name in quoted:
        role = world.credits[world.credits.name == name].role.iloc[0].lower()
        assert get(client, "/titles", **{role: name})["items"], name


def test_an_unknown_value_is_404_and_says_which_there_are(client: FlaskClient) -> None:
    answer = client.get(f"{API}/titles", query_string={"genre": "slapstick"})
    assert answer.status_code == 404
    assert "comedy" in answer.json["error"]["message"]


def test_people_and_titles_are_found_by_beginnings_of_words(client: FlaskClient, world: World) -> None:
    people = get(client, "/people", q="rob nir", limit=100)["items"]
    folded = world.credits.name.str.casefold()
    expected = world.credits[folded.str.contains(r"\brob") & folded.str.contains(r"\bnir")]
    assert {person["person_id"] for person in people} == set(expected.person_id) != set()
    assert [p["acted"] + p["directed"] for p in people] == sorted(
        (p["acted"] + p["directed"] for p in people), reverse=True
    )
    assert get(client, "/people", q="rob nir", limit=100)["complete"]
    titles = world.titles[world.titles.title.str.contains(r"\bTaxi") & world.titles.title.str.contains(r"\bDri")]
    assert ids(get(client, "/titles", q="taxi dri")) == in_order(titles, "votes")
    assert "Taxi Driver" in titles.title.tolist()


def test_everybody_with_a_word_is_reached_by_offsets(client: FlaskClient, world: World) -> None:
    khans = {
        row.person_id
        for row in world.credits.itertuples()
        if any(word.startswith("khan") for word in title_words(row.name))
    }
    pages = [get(client, "/people", q="khan", limit=50, offset=offset) for offset in (0, 50, 100, 150)]
    found = [person["person_id"] for page in pages for person in page["items"]]
    assert len(found) == len(set(found)) and set(found) == khans and len(khans) > 100
    assert [page["more"] for page in pages] == [True, True, False, False]
    first = client.get("/catalogue/people?q=khan").text
    assert first.count('<li><a href="/catalogue/people/') == 100 and "Next</a>" in first
    assert "More people</a>" in client.get("/catalogue?q=khan").text


def test_a_person_has_the_titles_of_both_roles(client: FlaskClient, world: World) -> None:
    clint = world.credits[world.credits.name == "Clint Eastwood"]
    answer = get(client, f"/people/{clint.person_id.iloc[0]}")
    for role, name in (("ACTOR", "acted_in"), ("DIRECTOR", "director_of")):
        theirs = world.titles[world.titles.id.isin(clint[clint.role == role].id)]
        assert [item["media_id"] for item in answer[name]] == in_order(theirs)


def test_a_title_has_its_credits_in_the_order_of_the_file_and_null_for_what_is_not_known(
    client: FlaskClient, world: World
) -> None:
    answer = get(client, "/titles/tm84618")
    cast = world.credits[(world.credits.id == "tm84618") & (world.credits.role == "ACTOR")]
    assert [credit["name"] for credit in answer["cast"]] == cast.name.tolist()
    assert [credit["name"] for credit in answer["directors"]] == ["Martin Scorsese"]
    assert (answer["score"], answer["votes"], answer["runtime"], answer["seasons"]) == (8.3, 795222, 113, None)
    assert get(client, "/titles/ts300399")["score"] is None
    unknown = client.get(f"{API}/titles/tm0")
    assert unknown.status_code == 404
    assert "no title «tm0»" in unknown.json["error"]["message"]


def test_similar_titles_fall_in_similarity_and_say_why(client: FlaskClient, world: World) -> None:
    items = get(client, "/titles/tm70993/similar", limit=12)["items"]  # Life of Brian
    similarities = [item["similarity"] for item in items]
    assert similarities == sorted(similarities, reverse=True)
    assert 0 < similarities[-1] <= similarities[0] <= 1
    assert any("Monty Python" in item["title"] for item in items[:3])
    assert all(item["because"] for item in items)
    assert "tm70993" not in [item["media_id"] for item in items]


def test_linked_movies_are_those_that_pandas_joins_and_show_when_their_data_set_is_served(
    client: FlaskClient, world: World, session: Session
) -> None:
    joined = world.titles.merge(world.links, on="imdb_id")
    assert world.record["counts"]["links"] == len(joined) == 367
    share = world.record["metrics"]["linked_share.movies"]
    assert share == pytest.approx(joined.type.eq("MOVIE").sum() / world.titles.type.eq("MOVIE").sum())
    assert joined.type.eq("SHOW").any()
    movie_id, media_id = int(joined.movie_id.iloc[0]), joined.id.iloc[0]
    session.execute(
        "INSERT INTO movies_by_id (dataset_id, movie_id, title) VALUES (%s, %s, %s)", (DATASET, movie_id, "Linked")
    )
    assert get(client, f"/titles/{media_id}")["movie"] is None  # no movies are published
    active.flip(session, Kind.RECOMMENDATIONS.job, "run-1", DATASET, None)
    linked = get(client, f"/titles/{media_id}")["movie"]
    told = {"title": "Linked", "display_title": "Linked", "rating_count": 0, "mean_rating": None}
    assert linked == {"movie_id": movie_id, **told}
    page = client.get(f"/movies/{movie_id}")
    assert page.status_code == 200
    assert "In the catalogue" in page.text
    assert f"/catalogue/titles/{media_id}" in page.text


def test_the_pages_show_what_the_calls_answer(client: FlaskClient, world: World) -> None:
    for path in (
        "/catalogue",
        "/catalogue?q=python&genre=&year=",
        "/catalogue?genre=comedy&score=8&sort=year",
        "/catalogue?genre=drama&country=DE&offset=24",
        "/catalogue/titles/tm84618",
        "/catalogue/titles/ts300399",
        "/catalogue/people/3748",
        "/catalogue/overview",
        "/catalogue/people?q=clint",
        "/catalogue/",
    ):
        page = client.get(path)
        assert page.status_code == 200, path
    niro = client.get("/catalogue/people/3748").text
    assert "Robert De Niro" in niro and "/catalogue?actor=Robert+De+Niro" in niro
    narrowed = client.get("/catalogue?actor=Robert+De+Niro&genre=drama").text
    assert 'name="actor" value="Robert De Niro"' in narrowed  # a further search keeps it
    assert 'name="q"' not in narrowed  # a title's words and a person cannot be asked for together
    assert "people above do" in client.get("/catalogue?q=robert+de+niro").text
    for query, advice in (("q=zzqx", True), ("actor=robert+de+niro&score_min=9.9", False)):
        page = client.get(f"/catalogue?{query}").text
        assert "No title matches all of this" in page and ("another word" in page) == advice
    assert "make login" in client.get("/catalogue/titles/tm84618").text  # to vote on it
    assert client.get("/catalogue/people/999999999").status_code == 404
    assert client.get("/catalogue/titles/nothing").status_code == 404
    overview = get(client, "/overview")
    assert overview["counts"]["rows.media_by_id"] == len(world.titles)
    assert len(overview["samples"]["media_by_id"]) == 3


def test_votes_are_stored_replaced_and_taken_back_and_lead_to_titles_like_those_that_are_liked(
    client: FlaskClient,
) -> None:
    user, key = "/api/v1/users/4711", {"X-API-Key": KEY}
    brian, taxi = "tm70993", "tm84618"
    assert client.get(f"{user}/for-you").json["items"] == []
    assert client.put(f"{user}/feedback/{brian}", json={"vote": 1}).status_code == 403
    assert client.put(f"{user}/feedback/tm0", json={"vote": 1}, headers=key).status_code == 404
    assert client.put(f"{user}/feedback/{brian}", json={"vote": 2}, headers=key).status_code == 422
    for title, vote in ((brian, -1), (taxi, -1), (brian, 1)):
        assert client.put(f"{user}/feedback/{title}", json={"vote": vote}, headers=key).status_code == 200
    votes = client.get(f"{user}/feedback").json["items"]
    assert [(each["title"], each["vote"]) for each in votes] == [("Life of Brian", 1), ("Taxi Driver", -1)]
    chosen = client.get(f"{user}/for-you").json["items"]
    assert not {brian, taxi} & {each["media_id"] for each in chosen}
    assert chosen[0]["because"] == ["like Life of Brian"]
    page = client.get("/users/4711")
    assert page.status_code == 200 and "<h1>User 4711</h1>" in page.text and "like Life of Brian" in page.text
    assert client.get("/users/4712").status_code in (404, 503)  # who has neither votes nor ratings
    answer = client.put(f"{user}/feedback/{brian}", data="vote=1", headers=key)
    assert answer.status_code == 422 and "must be a JSON object" in answer.json["error"]["message"]
    matches = [each["match"] for each in chosen]
    assert matches == sorted(matches, reverse=True)
    assert client.delete(f"{user}/feedback/{brian}", headers=key).json["items"][0]["title"] == "Taxi Driver"
    assert client.get(f"{user}/for-you").json["items"] == []
