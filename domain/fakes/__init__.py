"""Fake profiles: the attacks that make them, and the verdict that finds them."""
