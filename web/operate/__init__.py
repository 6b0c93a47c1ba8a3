"""Is all well: one light each for data, quality, drift, outliers, model and services, and what to do next."""
