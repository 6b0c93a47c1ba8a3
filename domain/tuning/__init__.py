"""What settings and weights are worth on ratings that were not learned from, for the search of better ones."""
