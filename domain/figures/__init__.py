"""Figures of pages and reports: their names and axes, their numbers as a table, and columns in words."""
