"""Helpers for transforms of all rooms."""
