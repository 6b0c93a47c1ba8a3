"""Comparing and tuning models: what is held out, who is measured, what was found."""
