"""Measures of recommended lists, their ranking and exposure, and the gate before publishing."""
