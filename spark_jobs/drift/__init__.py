"""Drift of ratings: how the time after a cut differs from the time before."""
