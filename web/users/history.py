"""A user's ratings as they stand now: those of the data set, and what the user did at the site since."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from functools import cached_property
from statistics import fmean, pstdev
from typing import Any

from domain.contract.interactions import Interaction, Stars, merged_stars
from web.movies.store import MoviesView, Rating
from web.users.interactions import interactions

ALL = 2**31 - 1  # of a user's ratings


class History:
    """The ratings of one user. Who did nothing at the site costs one read more, and the tables have their figures.

    What the user did is asked for at once, and waited for when it is needed.
    """

    def __init__(self, view: MoviesView, user_id: int) -> None:
        self._view = view
        self.user_id = user_id
        self._wait = interactions().ask(user_id)

    @cached_property
    def interactions(self) -> list[Interaction]:
        """What the user did at the site."""
        return self._wait()

    @property
    def is_changed(self) -> bool:
        """Whether the user rated something here, or took a rating back."""
        return any(each.rated_at for each in self.interactions)

    @property
    def is_known(self) -> bool:
        """Whether the user is one by what they did here: has rated a movie or hidden one."""
        return any(each.rating is not None or each.hidden_at for each in self.interactions)

    @property
    def hidden(self) -> dict[int, datetime]:
        """The movies that the user is not interested in, newest first, with the time when they said so."""
        found = [(each.hidden_at, each.movie_id) for each in self.interactions if each.hidden_at]
        return {movie_id: at for at, movie_id in sorted(found, reverse=True)}

    @cached_property
    def stored(self) -> dict[int, Stars]:
        """The ratings of the data set with their times, by movie."""
        return {each.movie_id: (each.rating, each.rated_at) for each in self._view.ratings(self.user_id, ALL)}

    @cached_property
    def now(self) -> dict[int, Stars]:
        """The ratings as they stand now with their times, by movie."""
        return merged_stars(self.stored, self.interactions)

    def latest(self, limit: int) -> list[Rating]:
        """The newest ratings, of one moment the lower id first."""
        if not self.is_changed:
            return self._view.ratings(self.user_id, limit)
        newest = sorted(self.now.items(), key=lambda item: item[0])
        newest.sort(key=lambda item: item[1][1], reverse=True)
        return [Rating(movie_id, rating, at) for movie_id, (rating, at) in newest[:limit]]

    def figures(self) -> dict[str, Any]:
        """Count, mean, standard deviation, first and last time of the ratings, named as in users_by_id."""
        ratings, times = [rating for rating, _ in self.now.values()], [at for _, at in self.now.values()]
        return {
            "rating_count": len(ratings),
            "mean_rating": fmean(ratings) if ratings else None,
            "std_rating": pstdev(ratings) if ratings else None,
            "first_rated_at": min(times, default=None),
            "last_rated_at": max(times, default=None),
        }

    def taste(self, row: Any | None) -> list[tuple[str, int, float]]:
        """Each genre with its number of ratings and their mean, most rated first.

        From what `row` of users_by_id has, less the ratings that are no more, and with the new ones.
        """
        genres = zip(row.genres or (), row.genre_counts or (), row.genre_means or (), strict=True) if row else ()
        counts: Counter[str] = Counter()
        sums: defaultdict[str, float] = defaultdict(float)
        for genre, count, mean in genres:
            counts[genre], sums[genre] = count, count * mean
        changed = {each.movie_id for each in self.interactions if each.rated_at}
        movies = self._view.movies(sorted(changed))
        for ratings, sign in ((self.stored, -1), (self.now, 1)):
            for movie_id in changed & movies.keys() & ratings.keys():
                for genre in movies[movie_id].genres:
                    counts[genre] += sign
                    sums[genre] += sign * ratings[movie_id][0]
        found = [(genre, count, sums[genre] / count) for genre, count in counts.items() if count > 0]
        return sorted(found, key=lambda each: (-each[1], each[0]))
