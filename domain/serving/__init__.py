"""What the site computes itself while it answers a request, with numpy alone."""
