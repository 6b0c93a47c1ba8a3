"""Transforms of the room: DataFrames and Columns in and out, no action, no reading or writing."""
