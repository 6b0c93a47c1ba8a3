"""The MovieLens data: from ratings.csv and its three companions to clean rows, statistics and segments."""
