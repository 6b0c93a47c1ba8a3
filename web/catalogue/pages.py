"""/catalogue: movies and shows by people, genres and scores; a page for each title and person; the tables."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from domain.contract.catalogue import ACTOR, DIRECTOR
from web.app.limits import SEARCHES, limited
from web.catalogue.answers import Search, overview, person_with_titles
from web.catalogue.countries import country_name
from web.catalogue.models import MOST_OFFSET, PeopleQuery, PersonPath, TitlesQuery
from web.catalogue.names import find_people
from web.catalogue.store import catalogue_view, catalogue_view_or_none
from web.catalogue.titles import similar_titles, title_detail, title_info
from web.movies.lists import similar
from web.movies.store import movies_view_or_none

TITLES_SHOWN = 24
PEOPLE_SHOWN = 12
PEOPLE_A_PAGE = 100
SIMILAR_SHOWN = 12
MOVIES_SHOWN = 6
CAST_SHOWN = 30
VALUES_SHOWN = 12  # of each facet

blueprint = Blueprint("catalogue", __name__, url_prefix="/catalogue")
blueprint.add_app_template_filter(country_name)


@blueprint.get("")
@limited(SEARCHES, if_asked=True)
def catalogue() -> str:
    """Search results, and how many titles each further filter would leave."""
    if catalogue_view_or_none() is None:
        return render_template("catalogue/none.html")
    given = {name: value for name, value in request.args.to_dict().items() if value.strip()}
    query = TitlesQuery.model_validate({"limit": TITLES_SHOWN, **given})
    search = Search(query)
    found = search.titles()
    facets, of_matches = search.facets()
    by_type = sum(each.titles for each in facets["type"]) if of_matches else None
    asked = query.model_dump(exclude_defaults=True, exclude={"limit", "offset"})
    return render_template(
        "catalogue/catalogue.html",
        query=query,
        most_offset=MOST_OFFSET,
        asked=asked,
        found=found,
        total=by_type if found.total is None else found.total,  # a title has one type
        titles=[title_info(title) for title in found.titles],
        people=find_people(catalogue_view(), query.q, PEOPLE_SHOWN) if query.q.strip() else None,
        facets=facets,
        of_matches=of_matches,
        all_values={facet: sorted(values) for facet, values in catalogue_view().facets().items()},
        shown=VALUES_SHOWN,
    )


@blueprint.get("/titles/<media_id>")
def title(media_id: str) -> str:
    """A title's page; an unknown id is a 404 page."""
    detail = title_detail(catalogue_view(), media_id, movies_view_or_none)
    movies: list[tuple[Any, float]] = []
    if detail.movie and (view := movies_view_or_none()):
        movies = similar(view, detail.movie.movie_id, MOVIES_SHOWN)
    return render_template(
        "catalogue/title.html",
        title=detail,
        similar=similar_titles(catalogue_view(), media_id, SIMILAR_SHOWN),
        movies=movies,
        shown=CAST_SHOWN,
    )


@blueprint.get("/people")
@limited(SEARCHES)
def people() -> str:
    """All people whose names match, a page at a time."""
    query = PeopleQuery.model_validate({"limit": PEOPLE_A_PAGE, **request.args.to_dict()})
    matches = find_people(catalogue_view(), query.q, query.limit, query.offset)
    return render_template("catalogue/people.html", query=query, people=matches)


@blueprint.get("/people/<int:person_id>")
def person(person_id: int) -> str:
    """A person's page: the titles they acted in and those they directed, best score first."""
    row, titles = person_with_titles(PersonPath(person_id=person_id).person_id)
    lists = {role: [title_info(each) for each in of_role] for role, of_role in titles.items()}
    return render_template("catalogue/person.html", person=row, acted_in=lists[ACTOR], director_of=lists[DIRECTOR])


@blueprint.get("/overview")
def tables() -> str:
    """Tables, rows, samples; what came in, and what was rejected."""
    return render_template("catalogue/overview.html", overview=overview())
