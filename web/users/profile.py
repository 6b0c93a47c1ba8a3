"""Everything about one user, put together from several reads."""

from __future__ import annotations

from domain.contract.insights import Insight
from web.app.errors import NotFound
from web.movies.store import MoviesView
from web.users.history import History
from web.users.models import Anomalies, GenreTaste, ProfileAnswer, Segment

FIGURES = ("rating_count", "mean_rating", "std_rating", "first_rated_at", "last_rated_at")


def user_profile(view: MoviesView, user_id: int, history: History, is_expected: bool = False) -> ProfileAnswer:
    """Rating counts, means and genres of a user as they are now, and whether the profile is unusual or looks fake.

    Segment and anomalies are of the data set, which knows nothing of what the user did since.

    Raises:
        NotFound: there is no such user, neither in the data set nor among those who did something since, and none is
            expected: who begins has done nothing yet.
    """
    row = view.user(user_id)
    if row is None and not (history.is_known or is_expected):
        raise NotFound(f"There is no user {user_id}.")
    if row is None or history.is_changed:
        figures, taste = history.figures(), history.taste(row)
    else:
        figures = {name: getattr(row, name) for name in FIGURES}
        taste = list(zip(row.genres or (), row.genre_counts or (), row.genre_means or (), strict=True))
    return ProfileAnswer(
        user_id=user_id,
        **figures,
        genres=[GenreTaste(genre=genre, rating_count=count, mean_rating=mean) for genre, count, mean in taste],
        segment=_segment(view, row and row.segment),
        anomalies=_anomalies(view, user_id),
    )


def _segment(view: MoviesView, number: int | None) -> Segment | None:
    if number is None:
        return None
    columns = view.insight(Insight.USER_SEGMENTS)
    each = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return next((Segment(**segment) for segment in each if segment["number"] == number), None)


def _anomalies(view: MoviesView, user_id: int) -> Anomalies | None:
    row = view.anomalies(user_id)
    if row is None:
        return None
    return Anomalies(
        run_id=row.run_id,
        isolation_score=row.isolation_score,
        unusual=row.unusual,
        list_evidence=row.list_evidence,
        fake_profile=row.fake_profile,
        reasons=list(row.reasons or ()),
    )
