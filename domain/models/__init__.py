"""Recommendation models as arrays in one process, and the settings that they share with the jobs."""
