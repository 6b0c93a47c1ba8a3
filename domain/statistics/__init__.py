"""Statistics of columns, distributions and densities, made so that results of parts can be put together."""
