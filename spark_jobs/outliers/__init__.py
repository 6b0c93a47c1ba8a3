"""Outliers in tables of numbers, and users who are unusual or made up."""
