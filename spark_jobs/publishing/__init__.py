"""Publishing: the result of a run becomes the one that the site shows, and older ones go."""
