"""The figures of /insights: from the columns that Spark computed to what Plotly draws, and what to see in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import signature
from math import log10
from statistics import fmean, median, pstdev
from typing import Any

from domain.contract.insights import Insight
from domain.contract.movielens import STARS
from domain.figures.plots import LEGEND, Plot, axis, plain
from domain.serving.display_titles import display_title
from web.shown.plots import Columns, Figure, percent

NAMED_OUTLIERS = 3
FEW, MANY = 10, 100  # ratings, to compare the spread of means
STILL_TO_COMPUTE = "Too little data for this figure, or it was not computed yet: run `make preprocess`."
COMPUTED_BY: dict[str, str] = {
    Insight.RUN_TIME_BY_NODES: "Not measured on this data yet: run `make scale`.",
    Insight.USER_SEGMENTS: "Too few users have enough ratings for segments, or they were not computed yet: "
    "run `make preprocess`.",
}


def draw(insights: dict[str, Columns]) -> list[Figure]:
    """Every figure in the order of the page."""
    return [_draw_one(name, title, insights.get(name, {}), drawn) for name, (title, drawn) in FIGURES.items()]


def _draw_one(name: str, title: str, columns: Columns, drawn: Callable[..., tuple[str, Plot]]) -> Figure:
    if not _fits(columns, drawn):
        return Figure(name, title, COMPUTED_BY.get(name, STILL_TO_COMPUTE), None)
    sentence, plot = drawn(**_said(columns))
    return Figure(name, title, sentence, plot)


def _said(columns: Columns) -> Columns:
    """The columns with titles as people say them."""
    return columns | {name: [display_title(each) for each in columns[name]] for name in columns.keys() & {"title"}}


def _fits(columns: Columns, drawn: Callable[..., tuple[str, Plot]]) -> bool:
    """Whether the columns are those that the figure takes, equally long and not empty."""
    lengths = {len(values) for values in columns.values()}
    return columns.keys() == signature(drawn).parameters.keys() and len(lengths) == 1 and 0 not in lengths


def _plot(trace: dict[str, Any], x: dict[str, Any], y: dict[str, Any], **layout: Any) -> Plot:
    return {"data": [trace], "layout": {"xaxis": x, "yaxis": y, **layout}}


RATINGS_OF_MOVIE = axis("Ratings of the movie (number, logarithmic)", type="log", dtick=1)
RATINGS_BY_USER = axis("Ratings by the user (number, logarithmic)", type="log", dtick=1)
TAGS_OF_MOVIE = axis("Tags of the movie (number, logarithmic)", type="log", dtick=1)
MEAN_RATING = axis("Mean rating (stars)")
OF_MOVIES = {"text": "Movie"}  # what the name of a point is


def _dots(x: Sequence[float], y: Sequence[float], titles: Sequence[str] | None = None) -> dict[str, Any]:
    named = {"text": [plain(title) for title in titles]} if titles else {}
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": {"size": 5, "opacity": 0.45}, **named}


def _movies_by_rating_count(bucket: list[str], movies: list[int]) -> tuple[str, Plot]:
    sentence = (
        f"Most movies have few ratings: {movies[0]:,} of {sum(movies):,} ({percent(movies[0], sum(movies))}) "
        f"have {bucket[0]} ratings, only {movies[-1]:,} have {bucket[-1]}."
    )
    bars = {"type": "bar", "x": bucket, "y": movies, "text": movies, "textposition": "outside", "cliponaxis": False}
    return sentence, _plot(bars, axis("Ratings of the movie (number)", type="category"), axis("Movies (number)"))


def _rating_count_density(log10_count: list[float], density: list[float]) -> tuple[str, Plot]:
    peak = 10 ** log10_count[density.index(max(density))]
    sentence = (
        f"The counts span {max(log10_count) - min(log10_count):.1f} powers of ten: the density is highest near "
        f"{peak:,.0f} {'rating' if round(peak) == 1 else 'ratings'} and has a long tail of well-known movies."
    )
    counts = [round(10**power, 3) for power in log10_count]
    line = {"type": "scatter", "mode": "lines", "fill": "tozeroy", "x": counts, "y": density, "hoverinfo": "skip"}
    return sentence, _plot(line, RATINGS_OF_MOVIE, axis("Density (share per power of ten)"))


def _spread(counts: Sequence[int], means: Sequence[float], kind: str) -> str:
    """How much less the means scatter where there are many ratings."""
    few = [mean for count, mean in zip(counts, means, strict=True) if count < FEW]
    many = [mean for count, mean in zip(counts, means, strict=True) if count >= MANY]
    if not few or not many:
        return f"The means of these {kind} lie around {fmean(means):.1f} stars."
    return (
        f"Means of {kind} with fewer than {FEW} ratings scatter (standard deviation {pstdev(few):.2f} stars); with "
        f"{MANY} or more they lie closer together ({pstdev(many):.2f}) and around {fmean(many):.1f} stars."
    )


def _mean_against_count(rating_count: list[int], mean_rating: list[float], title: list[str]) -> tuple[str, Plot]:
    dots = _dots(rating_count, mean_rating, title)
    plot = _plot(dots, RATINGS_OF_MOVIE, MEAN_RATING, hovermode="closest", meta=OF_MOVIES)
    return _spread(rating_count, mean_rating, "movies"), plot


def _user_mean_against_count(rating_count: list[int], mean_rating: list[float]) -> tuple[str, Plot]:
    busy = [mean for count, mean in zip(rating_count, mean_rating, strict=True) if count >= median(rating_count)]
    calm = [mean for count, mean in zip(rating_count, mean_rating, strict=True) if count <= median(rating_count)]
    sentence = (
        f"Users who rate a lot are {'stricter' if fmean(busy) < fmean(calm) else 'more generous'}: "
        f"the busier half of the users shown gives {fmean(busy):.2f} stars on average, "
        f"the other half {fmean(calm):.2f}."
    )
    return sentence, _plot(_dots(rating_count, mean_rating), RATINGS_BY_USER, MEAN_RATING, hovermode="closest")


def _tags_per_movie(tag_count: list[int], title: list[str]) -> tuple[str, Plot]:
    tagged = sorted(((count, name) for count, name in zip(tag_count, title, strict=True) if count > 0), reverse=True)
    if not tagged:
        return "No movie has a tag.", _plot({"type": "box", "x": []}, TAGS_OF_MOVIE, ALL_TAGGED)
    middle = median(count for count, _ in tagged)
    sentence = (
        f"Half of the tagged movies shown have {'one tag' if middle == 1 else f'at most {middle:g} tags'}; "
        f"the outliers on the right have many times that, «{tagged[0][1]}» the most, {tagged[0][0]:,}."
    )
    names = [plain(name) for _, name in tagged]
    box = {"type": "box", "x": [count for count, _ in tagged], "text": names, "boxpoints": "outliers", "name": ""}
    named = [_label(tagged[row][0], names[row], row) for row in range(min(NAMED_OUTLIERS, len(tagged)))]
    return sentence, _plot(box, TAGS_OF_MOVIE, ALL_TAGGED, annotations=named, meta=OF_MOVIES)


ALL_TAGGED = axis("Tagged movies", showticklabels=False)


def _label(count: int, name: str, row: int) -> dict[str, Any]:
    """The name of an outlier over its dot, each row higher than the one before so that none covers another."""
    # on a logarithmic axis Plotly places annotations by the exponent
    return {"x": log10(count), "y": 0, "text": name, "ax": 0, "ay": -40 - 24 * row, "xanchor": "right", "arrowwidth": 1}


def _mean_against_tags(tag_count: list[int], mean_rating: list[float], title: list[str]) -> tuple[str, Plot]:
    middle = median(tag_count)
    more = [mean for count, mean in zip(tag_count, mean_rating, strict=True) if count > middle]
    others = [mean for count, mean in zip(tag_count, mean_rating, strict=True) if count <= middle]
    sentence = f"All of these movies have {middle:g} tags, and a mean of {fmean(mean_rating):.2f} stars."
    if more and others:
        finding = "People tag what they like" if fmean(more) > fmean(others) else "Many tags do not make a good movie"
        than = "one tag" if middle == 1 else f"{middle:g} tags"
        sentence = (
            f"{finding}: movies with more than {than} have a mean of {fmean(more):.2f} stars, "
            f"the others {fmean(others):.2f}."
        )
    dots = _dots(tag_count, mean_rating, title)
    return sentence, _plot(dots, TAGS_OF_MOVIE, MEAN_RATING, hovermode="closest", meta=OF_MOVIES)


def _user_segments(number: list[int], name: list[str], users: list[int], share: list[float]) -> tuple[str, Plot]:
    rows = zip(number, name, users, share, strict=True)
    sentence = f"{sum(users):,} users grouped by what they rate and how: " + "; ".join(
        f"{place}. {words} ({count:,} users, {100 * part:.0f} %)" for place, words, count, part in rows
    )
    names = [plain(words) for words in name]
    labels = {"text": users, "textposition": "outside", "cliponaxis": False, "hovertext": names}
    bars = {"type": "bar", "x": number, "y": users, **labels}
    axes = axis("Segment (1 is the largest)", dtick=1), axis("Users (number)")
    return f"{sentence}.", _plot(bars, *axes, meta={"text": "What they rate and how"})


def _ratings_by_star(rating: list[float], ratings: list[int]) -> tuple[str, Plot]:
    favourite = rating[ratings.index(max(ratings))]
    sentence = (
        f"{favourite:g} stars are given most often, {percent(max(ratings), sum(ratings))} of {sum(ratings):,} ratings"
    )
    if set(rating) <= set(STARS):
        halves = sum(count for stars, count in zip(rating, ratings, strict=True) if stars % 1)
        sentence += f"; half stars, possible only in the later years, make up {percent(halves, sum(ratings))}"
    bars = {"type": "bar", "x": rating, "y": ratings}
    return f"{sentence}.", _plot(bars, axis("Stars given", dtick=0.5), axis("Ratings (number)"))


def _ratings_by_month(month: list[str], ratings: list[int]) -> tuple[str, Plot]:
    busiest = month[ratings.index(max(ratings))]
    sentence = (
        f"From {month[0]} to {month[-1]} ratings came in waves: {max(ratings):,} in {busiest}, "
        f"{median(ratings):,.0f} in the median month."
    )
    line = {"type": "scatter", "mode": "lines", "x": month, "y": ratings, "line": {"width": 1.5}}
    return sentence, _plot(line, axis("Month (UTC)", type="date"), axis("Ratings (number)", rangemode="tozero"))


def _run_time_by_nodes(nodes: list[int], seconds: list[float], kind: list[str]) -> tuple[str, Plot]:
    rows = list(zip(nodes, seconds, kind, strict=True))
    measured = [(n, s) for n, s, how in rows if how == "measured"]
    (first, slow), (last, quick) = measured[0], measured[-1]
    times = f"{slow / quick:.2f} times as fast" if quick < slow else "which does not pay off here"
    sentence = (
        f"Cleaning, learning and publishing took {slow:,.0f} s on {first} {'node' if first == 1 else 'nodes'} and "
        f"{quick:,.0f} s on {last}, {times}. The dotted part is a prediction: work that was not shared takes as "
        "long as before, the rest is divided among the nodes."
    )
    lines = [_line("measured", measured, "solid")]
    if predicted := [(n, s) for n, s, how in rows if how == "predicted"]:
        lines.append(_line("predicted", [measured[-1], *predicted], "dot"))
    x = axis("Nodes (Spark workers)", type="log", tickvals=nodes, ticktext=[str(n) for n in nodes])
    layout = {"xaxis": x, "yaxis": axis("Run time (seconds)", rangemode="tozero"), "legend": LEGEND}
    return sentence, {"data": lines, "layout": layout}


def _line(name: str, points: Sequence[tuple[int, float]], dash: str) -> dict[str, Any]:
    x, y = zip(*points, strict=True)
    return {"type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y, "line": {"dash": dash}}


FIGURES: dict[str, tuple[str, Callable[..., tuple[str, Plot]]]] = {
    Insight.MOVIES_BY_RATING_COUNT: ("Movies by number of ratings", _movies_by_rating_count),
    Insight.RATING_COUNT_DENSITY: ("Density of the number of ratings", _rating_count_density),
    Insight.MEAN_AGAINST_COUNT: ("Mean rating against number of ratings", _mean_against_count),
    Insight.USER_MEAN_AGAINST_COUNT: ("Users: mean rating against number of ratings", _user_mean_against_count),
    Insight.USER_SEGMENTS: ("Users: taste segments", _user_segments),
    Insight.TAGS_PER_MOVIE: ("Tags per movie", _tags_per_movie),
    Insight.MEAN_AGAINST_TAGS: ("Mean rating against number of tags", _mean_against_tags),
    Insight.RATINGS_BY_STAR: ("Ratings by stars", _ratings_by_star),
    Insight.RATINGS_BY_MONTH: ("Ratings by month", _ratings_by_month),
    Insight.RUN_TIME_BY_NODES: ("Run time by number of nodes", _run_time_by_nodes),
}
