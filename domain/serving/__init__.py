"""Computations of the site while it answers a request, with numpy alone."""
