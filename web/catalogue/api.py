"""GET /catalogue/titles, /titles/{id}, /titles/{id}/similar, /facets, /people, /people/{id} and /overview."""

from __future__ import annotations

from typing import Any

from cql.kinds import Kind
from domain.contract.catalogue import ACTOR, DIRECTOR
from web.app.blueprints import api_blueprint
from web.app.fields import LimitQuery
from web.app.kept import of_run
from web.app.limits import SEARCHES, limited
from web.catalogue.answers import Search, overview, person_info, person_with_titles
from web.catalogue.models import (
    FacetsAnswer,
    OverviewAnswer,
    PeopleAnswer,
    PeopleQuery,
    PersonAnswer,
    PersonPath,
    SimilarTitlesAnswer,
    TitleAnswer,
    TitlePath,
    TitlesAnswer,
    TitlesQuery,
)
from web.catalogue.names import find_people
from web.catalogue.store import catalogue_view
from web.catalogue.titles import similar_titles, title_detail, title_info
from web.movies.store import movies_view_or_none

blueprint = api_blueprint("catalogue", "Movies and shows with cast, directors, genres and scores")


@blueprint.get("/catalogue/titles", responses={200: TitlesAnswer})
@limited(SEARCHES)
@of_run(Kind.CATALOGUE)
def get_titles(query: TitlesQuery) -> dict[str, Any]:
    """Titles that match all filters, ordered by score, votes and id; with `score`, by votes."""
    found = Search(query).titles()
    items = [title_info(title) for title in found.titles]
    return TitlesAnswer(
        run_id=catalogue_view().run_id, total=found.total, complete=found.complete, items=items
    ).model_dump()


@blueprint.get("/catalogue/facets", responses={200: FacetsAnswer})
@limited(SEARCHES)
@of_run(Kind.CATALOGUE)
def get_facets(query: TitlesQuery) -> dict[str, Any]:
    """How many of the matches have each genre, country, type, certification and year."""
    facets, of_matches = Search(query).facets()
    return FacetsAnswer(run_id=catalogue_view().run_id, of_matches=of_matches, facets=facets).model_dump()


@blueprint.get("/catalogue/titles/<media_id>", responses={200: TitleAnswer})
def get_title(path: TitlePath) -> dict[str, Any]:
    """One title with cast and directors, and its MovieLens rating where it is linked."""
    return title_detail(catalogue_view(), path.media_id, movies_view_or_none).model_dump()


@blueprint.get("/catalogue/titles/<media_id>/similar", responses={200: SimilarTitlesAnswer})
@of_run(Kind.CATALOGUE)
def get_similar_titles(path: TitlePath, query: LimitQuery) -> dict[str, Any]:
    """Titles most similar in people, genres, description, country, type and score, each with reasons."""
    items = similar_titles(catalogue_view(), path.media_id, query.limit)
    return SimilarTitlesAnswer(media_id=path.media_id, run_id=catalogue_view().run_id, items=items).model_dump()


@blueprint.get("/catalogue/people", responses={200: PeopleAnswer})
@limited(SEARCHES)
@of_run(Kind.CATALOGUE)
def get_people(query: PeopleQuery) -> dict[str, Any]:
    """People whose names have words that start like this, most titles first."""
    people = find_people(catalogue_view(), query.q, query.limit, query.offset)
    items = [person_info(row) for row in people.rows]
    return PeopleAnswer(
        run_id=catalogue_view().run_id, more=people.more, complete=people.complete, items=items
    ).model_dump()


@blueprint.get("/catalogue/people/<person_id>", responses={200: PersonAnswer})
@of_run(Kind.CATALOGUE)
def get_person(path: PersonPath) -> dict[str, Any]:
    """One person with their titles, best score first."""
    person, titles = person_with_titles(path.person_id)
    lists = {role: [title_info(each) for each in of_role] for role, of_role in titles.items()}
    info = person_info(person).model_dump()
    return PersonAnswer(
        **info, run_id=catalogue_view().run_id, acted_in=lists[ACTOR], director_of=lists[DIRECTOR]
    ).model_dump()


@blueprint.get("/catalogue/overview", responses={200: OverviewAnswer})
def get_overview() -> dict[str, Any]:
    """Tables with row counts and sample rows; how many records came in, and why some were rejected."""
    return overview().model_dump()
