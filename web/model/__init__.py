"""The published model in the site: its arrays in each process, to answer to ratings that no training has learned."""
