"""How the result of a run becomes the one that the site shows, and which older ones stay."""
