"""The values of variables: how numbers, paths, host names and amounts of memory are read, and what is drawn."""
