"""/songs: what is played when, where and on which level; pages for songs, sessions and listeners."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from domain.contract.songplays import ARTIST, LONGEST_TEXT, NARROW
from web.app.errors import NotFound
from web.shown.plots import numbers_file
from web.songs.answers import known_track, listeners, plays, recommended, similar
from web.songs.figures import draw_songs, levels_sentence
from web.songs.map import draw_map, map_figure
from web.songs.models import PlaysQuery, RecommendedQuery, TopQuery
from web.songs.store import songs_view, songs_view_or_none

SHOWN = 12
LISTENERS_SHOWN = 50
SESSIONS_SHOWN = 20

blueprint = Blueprint("songs", __name__, url_prefix="/songs")


@blueprint.get("")
def songs() -> str:
    """Figures, and the most played songs and artists of a day, place or level."""
    if songs_view_or_none() is None:
        return render_template("songs/none.html")
    title = request.args.get("title", "")[:LONGEST_TEXT]
    given = {name: value for name, value in request.args.to_dict().items() if value.strip() and name != "title"}
    left_out = [scope for scope in NARROW if scope in given][1:]  # the form's fields do not combine
    for scope in left_out:
        del given[scope]
    query = TopQuery.model_validate({"limit": SHOWN, **given})
    scope, value = query.scope()
    figures = songs_view().figures()
    return render_template(
        "songs/songs.html",
        query=query,
        left_out=left_out,
        title=title,
        titled=songs_view().titled(title) if title.strip() else [],
        scope=scope,
        value=value,
        top=songs_view().top(scope, value, query.limit),
        artists=songs_view().top(scope, value, query.limit, ARTIST),
        figures=draw_songs(figures),
        map=draw_map(figures.get("place", {})),
        of_map=map_figure(figures.get("place", {})),
        levels=levels_sentence(figures),
        places=sorted(figures.get("place", {}).get("place", [])),
    )


@blueprint.get("/figures/<name>.csv")
def numbers(name: str) -> Response:
    """The numbers of one figure, or of the map."""
    figures = songs_view().figures()
    return numbers_file([*draw_songs(figures), map_figure(figures.get("place", {}))], name)


@blueprint.get("/<track_id>")
def song(track_id: str) -> str:
    """A song with its listeners and the songs played with it; an unknown id is a 404 page."""
    track = known_track(songs_view(), track_id)
    return render_template(
        "songs/song.html",
        track=track,
        similar=similar(songs_view(), track_id, SHOWN),
        listeners=listeners(songs_view(), track_id, LISTENERS_SHOWN),
        shown=LISTENERS_SHOWN,
    )


@blueprint.get("/sessions/<int:session_id>")
def session(session_id: int) -> str:
    """The songs of a session in order."""
    query = PlaysQuery.model_validate({"session_id": session_id})
    return render_template("songs/session.html", session_id=session_id, plays=plays(songs_view(), query))


@blueprint.get("/listeners/<int(max=2147483647):user_id>")
def listener(user_id: int) -> str:
    """A listener: level and its changes, sessions, and songs that they may like."""
    row = songs_view().listener(user_id)
    if row is None:
        raise NotFound(f"There is no listener {user_id} among the plays.")
    query = RecommendedQuery(limit=SHOWN, place=row.location, level=row.level)
    source, items = recommended(songs_view(), user_id, query)
    return render_template(
        "songs/listener.html",
        listener=row,
        changes=songs_view().level_changes(user_id),
        sessions=songs_view().sessions(user_id, SESSIONS_SHOWN),
        source=source,
        items=items,
    )
